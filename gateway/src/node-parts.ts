import type { Logger } from 'pino';
import type { Member } from './cluster/membership/member.ts';
import type { Membership } from './cluster/membership/membership.ts';
import type { View } from './cluster/membership/view.ts';
import { type Cluster, createCluster } from './cluster/routing/cluster.ts';
import type { Router } from './cluster/routing/router.ts';
import type { PeerCalls } from './cluster/rpc/peer-calls.ts';
import type { PeerHandlersOptions } from './cluster/rpc/peer-handlers.ts';
import type { TopicStore } from './cluster/rpc/topic-store.ts';
import { type Config, isAlone } from './config/config.ts';
import { createDispatcher, type Dispatcher, type DispatcherOptions } from './dispatcher/dispatcher.ts';
import { createFrontend, type Frontend, type FrontendOptions } from './frontend/frontend.ts';
import type { RejectionReason } from './http/rejections.ts';
import { createIngest, type Ingest } from './ingest/ingest.ts';
import type { RegionCalls } from './regions/region-calls.ts';
import { createRegionHandlers, type RegionHandlers } from './regions/region-handlers.ts';
import type { ReplicationState } from './regions/replication-state.ts';
import { createReplicator, type Replicator } from './regions/replicator.ts';
import type { Clock } from './runtime/clock.ts';
import { NOTHING_DIFFERS } from './state/topics/registration.ts';
import type { Store } from './store/store.ts';
import { createWorkersFrontend, type WorkersFrontend } from './workers/workers-frontend.ts';

/** What a node reaches time, stores, other nodes and other regions by. A simulation injects its own. */
export interface NodePorts
	extends Pick<FrontendOptions, 'turnBudget' | 'loopMeter'>,
		Pick<DispatcherOptions, 'utilization'> {
	readonly clock: Clock;
	readonly membership: Membership;
	readonly replication: ReplicationState;
	readonly calls: PeerCalls;
	readonly regionCalls: RegionCalls;
	readonly store: Store | undefined;
	/** The store of this node, for other nodes. */
	readonly storeHere: TopicStore | undefined;
	/** The store of the region, on this or another node. */
	readonly regionStore: TopicStore;
	/** What makes this process a worker of a node, or the main process of one; undefined for neither. */
	readonly share?: NodeShare | undefined;
	/** Called when this node rejects and logs the changes of a region. */
	readonly onRefused: (reason: RejectionReason) => void;
}

/** The part of a process in a node of several processes. */
export type NodeShare =
	| {
			/** The number of this worker. */
			readonly worker: number;
	  }
	| {
			/** The links to the workers, which have the viewers of the node. */
			readonly workers: {
				readonly cluster: { readonly router: Router; flush(): void };
				/** Called when owners changed. */
				onOwnersChanged(): void;
			};
	  };

/** The parts of a node that carry updates; a tier is undefined without its role. */
export interface NodeParts {
	readonly cluster: Cluster;
	readonly replicator: Replicator;
	readonly ingest: Ingest | undefined;
	readonly dispatcher: Dispatcher | undefined;
	/** The viewers of this process. */
	readonly frontend: Frontend | undefined;
	/** The viewers of its workers. */
	readonly workersFrontend: WorkersFrontend | undefined;
	/** Carry out the requests of other nodes. */
	readonly peerHandlers: PeerHandlersOptions;
	/** Carry out the requests of other regions. */
	readonly regionHandlers: RegionHandlers;
	/** Begins to send. `onView` is called with each view of the cluster. */
	start(onView?: (view: View) => void): void;
}

/** Joins the parts of a node. They send nothing before `start`. */
export function joinParts(config: Config, self: Member, ports: NodePorts, logger: Logger): NodeParts {
	const { clock, membership, replication, calls, regionCalls, regionStore, storeHere } = ports;
	const replicator = createReplicator({
		replication,
		calls: regionCalls,
		store: regionStore,
		isInCharge: (region) => membership.view.ring.owner(`region:${region}`) === self.node,
		onRefused: ports.onRefused,
		clock,
		logger: logger.child({ tier: 'regions' }),
	});
	const cluster = createCluster({
		self: self.node,
		isDispatcher: self.roles.includes('dispatcher'),
		membership,
		calls,
		windowMs: config.peerWindowMs,
		relay: replicator.relay,
		clock,
		logger: logger.child({ tier: 'cluster' }),
	});
	const tiers = createTiers({ config, self, ports, cluster, logger });
	const { dispatcher } = tiers;
	const viewers = tiers.frontend ?? tiers.workersFrontend;
	return {
		cluster,
		replicator,
		...tiers,
		peerHandlers: {
			self,
			membership,
			clock,
			onReceived({ node, view }) {
				dispatcher?.witness(node, view);
				cluster.wake();
			},
			onEpochs: replicator.learn,
			publish: dispatcher?.publish,
			subscribe: dispatcher?.subscribe,
			viewers: dispatcher?.viewers,
			presence: dispatcher?.heartbeat,
			presenceOf: dispatcher?.presenceOf,
			deliver: viewers?.deliver,
			store: storeHere,
		},
		regionHandlers: createRegionHandlers({ region: self.region, replication, replicator, store: regionStore, clock }),
		start(onView) {
			cluster.start({
				publish: (updates) => dispatcher?.publishOwn(updates),
				deliver: (updates) => viewers?.deliver(updates),
				onView(view) {
					onView?.(view);
					dispatcher?.setView(view);
					viewers?.setRing(view.ring);
					replicator.wake();
				},
			});
			replicator.start({
				publish: cluster.publish,
				onNewEpoch: () => dispatcher?.reread(),
			});
		},
	};
}

interface TiersOptions {
	readonly config: Config;
	readonly self: Member;
	readonly ports: NodePorts;
	readonly cluster: Cluster;
	readonly logger: Logger;
}

/** Creates the tiers of the roles of the node. */
function createTiers(options: TiersOptions): Pick<NodeParts, 'ingest' | 'dispatcher' | 'frontend' | 'workersFrontend'> {
	const { config, self, ports, cluster, logger } = options;
	const { clock, store, regionStore, regionCalls, share, utilization } = ports;
	const ingest =
		store &&
		createIngest({
			...config,
			store,
			remote: { regions: config.regions.map(({ region }) => region), timeline: regionCalls.timeline },
			publish: cluster.publish,
			clock,
			logger: logger.child({ tier: 'likes' }),
		});
	const dispatcher = self.roles.includes('dispatcher')
		? createDispatcher({
				...config,
				self: self.node,
				// Without other nodes, a batch is a function call.
				windowMs: isAlone(config) ? 0 : config.peerWindowMs,
				router: cluster.router,
				view: cluster.view,
				hasOtherRegions: config.regions.length > 0,
				read: regionStore.read,
				keepValues: regionStore.keepValues,
				onRouted: cluster.flush,
				...(utilization && { utilization }),
				clock,
				logger: logger.child({ tier: 'dispatcher' }),
			})
		: undefined;
	const parts = { ingest, dispatcher, frontend: undefined, workersFrontend: undefined };
	if (!self.roles.includes('frontend')) return parts;
	const toDispatchers = createToDispatchers(options, dispatcher);
	if (share === undefined || 'worker' in share) {
		return { ...parts, frontend: createViewersTier(options, toDispatchers, share?.worker) };
	}
	const { cluster: links, onOwnersChanged } = share.workers;
	const workersFrontend = createWorkersFrontend({
		node: self.node,
		incarnation: self.incarnation,
		ring: cluster.view.ring,
		...toDispatchers,
		router: links.router,
		onRouted: links.flush,
		onOwnersChanged,
		clock,
		logger: logger.child({ tier: 'frontend' }),
	});
	return { ...parts, workersFrontend };
}

type ToDispatchers = Pick<FrontendOptions, 'subscribe' | 'heartbeat'>;

/** Returns the messages of a frontend to dispatchers, of which this node may have one. */
function createToDispatchers(
	{ self, ports: { calls } }: Pick<TiersOptions, 'self' | 'ports'>,
	dispatcher: Dispatcher | undefined,
): ToDispatchers {
	return {
		async subscribe(node, message) {
			if (node !== self.node) return calls.subscribe(node, message);
			return dispatcher?.subscribe(message) ?? NOTHING_DIFFERS;
		},
		async heartbeat(node, users) {
			if (node === self.node) dispatcher?.heartbeat(users);
			else await calls.presence(node, users);
		},
	};
}

function createViewersTier(
	{ config, self, ports, cluster, logger }: TiersOptions,
	toDispatchers: ToDispatchers,
	worker: number | undefined,
): Frontend {
	const { clock, regionStore, turnBudget, loopMeter } = ports;

	return createFrontend({
		...config,
		frontend: self.node,
		worker,
		incarnation: self.incarnation,
		ring: cluster.view.ring,
		...toDispatchers,
		events: regionStore.events,
		storeLives: createStoreLives(cluster, ports),
		...(turnBudget !== undefined && { turnBudget }),
		...(loopMeter !== undefined && { loopMeter }),
		clock,
		logger: logger.child({ tier: 'frontend' }),
	});
}

/**
 * Creates the function that returns whether the store of this region works
 * (docs/adr/0015-logs-resume-by-cursor.md).
 */
export function createStoreLives(
	cluster: Pick<Cluster, 'view'>,
	{ membership, store }: Pick<NodePorts, 'membership' | 'store'>,
): () => boolean {
	return () => {
		const statuses = cluster.view.likes.map((node) => membership.statusOf(node));
		return store?.available ?? statuses.some((status) => status === 'alive' || status === 'suspect');
	};
}
