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
}

export interface OperationsOptions {
	readonly self: Member;
	readonly figures: () => NodeFigures;
	/** Why the node should get no traffic now; undefined when it should. */
	readonly unreadyReason: () => string | undefined;
}

/** The routes of the internal listener: for orchestrators and operators. */
export function operationsRoutes({ self, figures, unreadyReason }: OperationsOptions): Route[] {
	return [
		{ method: 'GET', path: '/healthz', handle: () => json(200, { status: 'ok' }) },
		{
			method: 'GET',
			path: '/readyz',
			handle() {
				const reason = unreadyReason();
				return reason === undefined ? json(200, { status: 'ready' }) : json(503, { status: 'unready', reason });
			},
		},
		{
			method: 'GET',
			path: '/v1/cluster',
			handle: () => json(200, { node: self.node, region: self.region, members: [{ ...self, ...figures() }] }),
		},
	];
}
