import type { MemberReport } from '../cluster/membership/member.ts';
import type { Peer } from '../cluster/membership/peer.ts';
import type { PeerSourceReport } from '../cluster/membership/peer-source.ts';
import type { PeerStatus } from '../cluster/membership/peer-state.ts';
import type { View } from '../cluster/membership/view.ts';
import { json } from '../http/answer.ts';
import type { Route } from '../http/router.ts';

export interface OperationsOptions {
	/** Returns the report of this node. */
	readonly report: () => MemberReport | Promise<MemberReport>;
	/** Returns how it learns of the others. */
	readonly membership: () => PeerSourceReport;
	/** Returns the other nodes. */
	readonly peers: () => readonly Peer[];
	readonly view: () => View;
	/** Returns the status of a node, by the pings of this node. */
	readonly statusOf: (node: string) => PeerStatus | undefined;
	/** Reads the report of another node. */
	readonly ask: (node: string) => Promise<MemberReport>;
	/** Throws the reason why the node should get no requests now, for the roles in a query. */
	readonly checkReady: (query: URLSearchParams) => void;
	/**
	 * Returns whether it has no room for another stream. It stays ready, since it serves the streams that
	 * it has.
	 */
	readonly isFull: () => boolean | Promise<boolean>;
}

/** Returns the routes of the internal listener for orchestrators and operators. */
export function operationsRoutes(options: OperationsOptions): Route[] {
	const { report, membership, peers, view, statusOf, ask, checkReady, isFull } = options;

	/** Resolves with another node, with its report if it sends one. */
	async function describe({ node, roles, url }: Peer) {
		const asked = await ask(node).catch(() => undefined);
		const state = statusOf(node) ?? 'unknown';
		// Of a node that this node does not ping, only this request shows the status.
		if (asked === undefined) return { node, roles, url, state: state === 'alive' ? 'suspect' : state };
		return { ...asked, url, state: state === 'unknown' ? 'alive' : state };
	}

	return [
		{ method: 'GET', path: '/healthz', handle: () => json(200, { status: 'ok' }) },
		{
			method: 'GET',
			path: '/readyz',
			async handle({ query }) {
				checkReady(query);
				return json(200, { status: 'ready', ...((await isFull()) && { full: true }) });
			},
		},
		{
			method: 'GET',
			path: '/v1/cluster',
			async handle() {
				const self = { ...(await report()), state: 'self' };
				const { ring } = view();
				const shares = ring.shares();
				const members = [self, ...(await Promise.all(peers().map(describe)))].map((member) => ({
					...member,
					...(shares.has(member.node) && { share: shares.get(member.node) }),
				}));
				members.sort((a, b) => (a.node < b.node ? -1 : 1));
				const { node, region } = self;
				return json(200, { node, region, view: ring.view, membership: membership(), members });
			},
		},
	];
}
