import { ROLES, type Role } from '../cluster/membership/peer.ts';
import type { View } from '../cluster/membership/view.ts';
import { GatewayError } from '../runtime/errors.ts';

export interface ReadinessOptions {
	/** The roles of this node. */
	readonly roles: readonly Role[];
	readonly isClosing: () => boolean;
	/** Returns whether the node has its place among the others. */
	readonly hasPlace: () => boolean;
	/** Returns the problem of the clock of the node as a sentence; undefined for none. */
	readonly clockProblem: () => string | undefined;
	/** Returns whether the node has seen a dispatcher. */
	readonly hasMetDispatchers: () => boolean;
	/** Returns whether the store of the node takes writes; undefined without the role `likes`. */
	readonly storeWorks: () => boolean | undefined;
	/** Returns whether a worker serves viewers; undefined for a node without workers. */
	readonly workersServe: () => boolean | undefined;
	readonly view: () => View;
}

/**
 * Returns the reason why a node should get no requests for these roles now; undefined when it should
 * get them.
 */
export type Unready = (roles: readonly Role[]) => GatewayError | undefined;

/**
 * Creates the check of readiness. For a role of its own a node checks itself; for another role it
 * checks whether it knows a node that can take the request.
 */
export function createUnready(options: ReadinessOptions): Unready {
	const { roles, isClosing, hasPlace, clockProblem, hasMetDispatchers, storeWorks, workersServe, view } = options;

	function whyNot(role: Role): GatewayError | undefined {
		if (roles.includes(role)) {
			if (role === 'likes' && storeWorks() === false) {
				return new GatewayError('store_unavailable', 'The store does not work.');
			}
			if (role !== 'frontend' || workersServe() !== false) return undefined;
			return new GatewayError('node_unavailable', 'No worker of this node serves viewers.');
		}
		if (nodesWith(role, view()) > 0) return undefined;
		return new GatewayError('node_unavailable', `This node knows no node with the role ${role}.`);
	}

	return (asked) => {
		if (isClosing()) return new GatewayError('shutting_down', 'This gateway is shutting down.');
		if (!hasPlace()) {
			return new GatewayError('node_unavailable', 'This node is not registered in etcd; its log has the reason.');
		}
		const wrongClock = clockProblem();
		if (wrongClock !== undefined) return new GatewayError('node_unavailable', wrongClock);
		if (!hasMetDispatchers()) {
			return new GatewayError('node_unavailable', 'This node has not seen a dispatcher yet.');
		}
		for (const role of asked.length === 0 ? roles : asked) {
			const error = whyNot(role);
			if (error !== undefined) return error;
		}
		return undefined;
	};
}

function nodesWith(role: Role, { likes, goneLikes, frontends, ring }: View): number {
	if (role === 'likes') return likes.length - goneLikes.length;
	return role === 'frontend' ? frontends.size : ring.members.length;
}

/**
 * Returns the roles in a query, repeated or separated by commas; none for all of the node. Throws
 * `invalid_query`.
 */
export function rolesInQuery(query: URLSearchParams): Role[] {
	const names = query.getAll('role').flatMap((value) => value.split(','));
	return names.map((name) => {
		const role = ROLES.find((known) => known === name);
		if (role !== undefined) return role;
		throw new GatewayError('invalid_query', `A role is one of ${ROLES.join(', ')}; separate several with commas.`);
	});
}
