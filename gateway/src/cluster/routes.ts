import type { GatewayError } from '../errors.ts';
import { json } from '../http/answer.ts';
import type { Route } from '../http/router.ts';

/** A node as the others, and its operators, see it. */
export interface Member {
	readonly node: string;
	readonly region: string;
	readonly roles: readonly string[];
	readonly version: string;
	/** Since when it runs, in Unix milliseconds; tells one life of a node from the next. */
	readonly incarnation: number;
}

/** What a node counts of itself. */
export interface NodeFigures {
	readonly connections: number;
	readonly topics: number;
	readonly rows: number;
	/** Updates that found no room on their way to a frontend; digests bring what they told. */
	readonly dropped: number;
}

export interface OperationsOptions {
	readonly self: Member;
	readonly figures: () => NodeFigures;
	/** Why the node should get no traffic now; undefined when it should. */
	readonly unready: () => GatewayError | undefined;
}

/** The routes of the internal listener: for orchestrators and operators. */
export function operationsRoutes({ self, figures, unready }: OperationsOptions): Route[] {
	return [
		{ method: 'GET', path: '/healthz', handle: () => json(200, { status: 'ok' }) },
		{
			method: 'GET',
			path: '/readyz',
			handle() {
				const error = unready();
				if (error !== undefined) throw error;
				return json(200, { status: 'ready' });
			},
		},
		{
			method: 'GET',
			path: '/v1/cluster',
			handle: () => json(200, { node: self.node, region: self.region, members: [{ ...self, ...figures() }] }),
		},
	];
}
