import type { MemberReport } from '../cluster/membership/member.ts';
import type { Peer } from '../cluster/membership/peer.ts';
import type { PeerSourceReport } from '../cluster/membership/peer-source.ts';
import type { PeerStatus } from '../cluster/membership/peer-state.ts';
import type { View } from '../cluster/membership/view.ts';
import { json } from '../http/answer.ts';
import type { Route } from '../http/router.ts';

export interface OperationsOptions {
	/** What this node tells of itself. */
	readonly report: () => MemberReport;
	/** Where it learns of the others. */
	readonly membership: () => PeerSourceReport;
	/** The other nodes. */
	readonly peers: () => readonly Peer[];
	readonly view: () => View;
	/** What a node is to this one, as far as it pings it. */
	readonly standing: (node: string) => PeerStatus | undefined;
	/** Asks another node for its report. */
	readonly ask: (node: string) => Promise<MemberReport>;
	/** Throws why the node should get no requests now, for the roles that a query names. */
	readonly checkReady: (query: URLSearchParams) => void;
	/** Whether it has no room for another stream. It is ready all the same: it serves those that it has. */
	readonly isFull: () => boolean;
}

/** The routes of the internal listener for orchestrators and operators. */
export function operationsRoutes(options: OperationsOptions): Route[] {
	const { report, membership, peers, view, standing, ask, checkReady, isFull } = options;

	/** Another node, with its figures if it gives them. */
	async function describe({ node, roles, url }: Peer) {
		const asked = await ask(node).catch(() => undefined);
		const state = standing(node) ?? 'unknown';
		// Nodes that do not ping each other know what the asking has shown.
		if (asked === undefined) return { node, roles, url, state: state === 'alive' ? 'suspect' : state };
		return { ...asked, url, state: state === 'unknown' ? 'alive' : state };
	}

	return [
		{ method: 'GET', path: '/healthz', handle: () => json(200, { status: 'ok' }) },
		{
			method: 'GET',
			path: '/readyz',
			handle({ query }) {
				checkReady(query);
				return json(200, { status: 'ready', ...(isFull() && { full: true }) });
			},
		},
		{
			method: 'GET',
			path: '/v1/cluster',
			async handle() {
				const self = { ...report(), state: 'self' };
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
