import type { ClockWatch } from '../cluster/membership/clock-monitor.ts';
import type { Member, MemberReport } from '../cluster/membership/member.ts';
import type { Membership } from '../cluster/membership/membership.ts';
import type { Cluster } from '../cluster/routing/cluster.ts';
import { createPeerAuth } from '../cluster/rpc/peer-auth.ts';
import type { PeerCalls } from '../cluster/rpc/peer-calls.ts';
import type { PeerHandlersOptions } from '../cluster/rpc/peer-handlers.ts';
import { peerPaths } from '../cluster/rpc/peer-paths.ts';
import { forwardedRoute, peerRoutes } from '../cluster/rpc/peer-routes.ts';
import type { Dispatcher } from '../dispatcher/dispatcher.ts';
import type { Frontend } from '../frontend/frontend.ts';
import type { ConnectionBound } from '../http/connection-bound.ts';
import type { Rejections } from '../http/rejections.ts';
import type { Route } from '../http/router.ts';
import type { Regions } from '../regions/regions.ts';
import type { ReplicationState } from '../regions/replication-state.ts';
import type { Workers } from '../workers/workers.ts';
import { type OperationsOptions, operationsRoutes } from './operations-routes.ts';
import type { PublicRoutes } from './public-routes.ts';
import { isEachFull, withWorkers } from './worker-figures.ts';

export interface InternalRoutesOptions {
	readonly self: Member;
	/** The secret by which nodes authenticate each other. */
	readonly secret: string;
	readonly membership: Membership;
	readonly clocks: ClockWatch;
	readonly cluster: Cluster;
	readonly calls: PeerCalls;
	/** Reports how this node learns of the others. */
	readonly membershipReport: OperationsOptions['membership'];
	/** The tiers of this node; undefined without the role. */
	readonly dispatcher: Dispatcher | undefined;
	readonly frontend: Frontend | undefined;
	/** The processes with the viewers of this node; undefined when this one has them. */
	readonly workers: Workers | undefined;
	readonly regions: Regions;
	readonly replication: ReplicationState;
	/** Carry out the requests of other nodes. */
	readonly peerHandlers: PeerHandlersOptions;
	readonly rejections: Rejections;
	readonly connectionBound: ConnectionBound;
	readonly routes: PublicRoutes;
	readonly checkReady: OperationsOptions['checkReady'];
}

/** Returns the routes for operators, other nodes and other regions, by the roles of this node. */
export function createInternalRoutes(options: InternalRoutesOptions): Route[] {
	const { self, secret, membership, clocks, cluster, calls, dispatcher, frontend, workers, regions } = options;
	const { rejections, routes, checkReady } = options;
	const { relayQueues } = options.replication;
	const admit = createPeerAuth(secret, membership, clocks);

	function ownReport(): MemberReport {
		return {
			...self,
			view: cluster.view.ring.view,
			connections: frontend?.connectionCount ?? 0,
			sockets: options.connectionBound.figures,
			topics: frontend?.topicCount ?? 0,
			rows: dispatcher?.rowCount ?? 0,
			dropped: cluster.router.dropped + relayQueues.dropped + (dispatcher?.dropped ?? 0),
			counters: { ...cluster.router.counters, ...dispatcher?.counters, ...relayQueues.counters },
			...(frontend && { load: { ...frontend.load } }),
			regions: relayQueues.statuses,
			refused: Object.fromEntries(Object.entries(rejections.counts).filter(([, count]) => count > 0)),
		};
	}

	const report = workers === undefined ? ownReport : async () => withWorkers(ownReport(), await workers.figures());

	return [
		...operationsRoutes({
			report,
			membership: options.membershipReport,
			peers: () => membership.peers(),
			view: () => cluster.view,
			statusOf: (node) => membership.statusOf(node),
			ask: (node) => calls.member(node),
			checkReady,
			isFull: async () => (workers ? isEachFull(await workers.figures()) : options.connectionBound.isFull),
		}),
		...peerRoutes({ ...options.peerHandlers, self, admit, clocks, report }),
		...routes.forwarded.map((route) => forwardedRoute(route, peerPaths.forward, admit)),
		...regions.routes(admit, routes.fromRegions),
	];
}
