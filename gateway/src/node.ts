import type { Logger } from 'pino';
import { type ClockWatch, createClockWatch } from './cluster/membership/clock-monitor.ts';
import type { Member } from './cluster/membership/member.ts';
import { Membership } from './cluster/membership/membership.ts';
import { type Cluster, createCluster } from './cluster/routing/cluster.ts';
import { createPeerCalls, type PeerCalls } from './cluster/rpc/peer-calls.ts';
import { createPeerClient, type PeerClient } from './cluster/rpc/peer-client.ts';
import { localTopicStore, remoteTopicStore, type TopicStore } from './cluster/rpc/topic-store.ts';
import { type Config, isAlone } from './config/config.ts';
import { createDispatcher, type Dispatcher } from './dispatcher/dispatcher.ts';
import { createFrontend, type Frontend } from './frontend/frontend.ts';
import { createRejections, type Rejections } from './http/rejections.ts';
import { createIngest, type Ingest } from './ingest/ingest.ts';
import { NO_UPDATES } from './outbox/batch.ts';
import { createRegions, type Regions } from './regions/regions.ts';
import { ReplicationState } from './regions/replication-state.ts';
import { monotonicNow } from './runtime/run-loop.ts';
import type { Store } from './store/store.ts';

/** Connections for messages between two nodes, of which more than one is rarely in use. */
const PEER_CONNECTIONS = 8;

/** Connections to one node for forwarded requests of viewers; each waits for its answer. */
const FORWARD_CONNECTIONS = 64;

/** The parts of a node; a tier is undefined without its role. */
export interface Node {
	readonly self: Member;
	readonly membership: Membership;
	/** Clients for messages of nodes, and for forwarded requests: neither delays the other. */
	readonly client: PeerClient;
	readonly forwardClient: PeerClient;
	readonly clocks: ClockWatch;
	readonly calls: PeerCalls;
	readonly cluster: Cluster;
	readonly replication: ReplicationState;
	readonly regions: Regions;
	readonly store: Store | undefined;
	/** The store of this node, for other nodes. */
	readonly storeHere: TopicStore | undefined;
	/** The store of the region, on this or another node. */
	readonly regionStore: TopicStore;
	readonly refusals: Rejections;
	readonly writers: Ingest | undefined;
	readonly dispatcher: Dispatcher | undefined;
	readonly frontend: Frontend | undefined;
}

/** Creates the parts of a node. They send nothing before `cluster` and `regions` start. */
export function createNode(config: Config, self: Member, store: Store | undefined, logger: Logger): Node {
	const secret = config.clusterSecret;
	const isDispatcher = self.roles.includes('dispatcher');
	const membership = new Membership({ ...self, url: '' });
	// The peers of a fixed list; etcd names the nodes later.
	membership.name(config.peers, monotonicNow());
	const client = createPeerClient(PEER_CONNECTIONS);
	const forwardClient = createPeerClient(FORWARD_CONNECTIONS);
	const clocks = createClockWatch(logger.child({ tier: 'cluster' }));
	const refusals = createRejections(logger.child({ tier: 'http' }));
	const others = config.regions.map(({ region }) => region);
	const replication = new ReplicationState({ region: self.region, others, greets: isDispatcher });
	const epochs = () => replication.epochs;
	const calls = createPeerCalls({ self, clocks, secret, membership, epochs, client });
	const storeHere = store && localTopicStore(store);
	const regionStore = storeHere ?? remoteTopicStore(() => membership.view.likes, calls.storeAt);
	const regions = createRegions({
		self,
		regions: config.regions,
		secret,
		isDispatcher,
		replication,
		store: regionStore,
		isOnce: (type) => config.reactions.get(type) === 'once',
		isInCharge: (region) => membership.view.ring.owner(`region:${region}`) === self.node,
		client,
		forwardClient,
		onRefused: refusals.count,
		logger: logger.child({ tier: 'regions' }),
	});
	const cluster = createCluster({
		self: self.node,
		isDispatcher,
		membership,
		calls,
		windowMs: config.peerWindowMs,
		relay: regions.relay,
		logger: logger.child({ tier: 'cluster' }),
	});
	const parts = { self, membership, client, forwardClient, clocks, calls, cluster, replication, regions };
	const stores = { store, storeHere, regionStore };
	return { ...parts, ...stores, refusals, ...createTiers(config, { ...parts, ...stores }, logger) };
}

type Tiers = Pick<Node, 'writers' | 'dispatcher' | 'frontend'>;
type BelowTiers = Pick<Node, 'self' | 'membership' | 'calls' | 'cluster' | 'store' | 'regionStore'>;

/** Creates the tiers of the roles of the node. */
function createTiers(config: Config, parts: BelowTiers, logger: Logger): Tiers {
	const { self, membership, calls, cluster, store, regionStore } = parts;
	const { ring } = cluster.view;
	const writers =
		store && createIngest({ ...config, store, publish: cluster.publish, logger: logger.child({ tier: 'likes' }) });
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
				logger: logger.child({ tier: 'dispatcher' }),
			})
		: undefined;
	if (!self.roles.includes('frontend')) return { writers, dispatcher, frontend: undefined };

	/** Returns whether the store of this region works (docs/adr/0015-logs-resume-by-cursor.md). */
	function storeLives(): boolean {
		const statuses = cluster.view.likes.map((node) => membership.statusOf(node));
		return store?.available ?? statuses.some((status) => status === 'alive' || status === 'suspect');
	}

	const frontend = createFrontend({
		...config,
		incarnation: self.incarnation,
		ring,
		async subscribe(node, message) {
			if (node !== self.node) return calls.subscribe(node, message);
			return dispatcher?.subscribe(message) ?? NO_UPDATES;
		},
		events: regionStore.events,
		storeLives,
		async heartbeat(node, users) {
			if (node === self.node) dispatcher?.heartbeat(users);
			else await calls.presence(node, users);
		},
		logger: logger.child({ tier: 'frontend' }),
	});
	return { writers, dispatcher, frontend };
}
