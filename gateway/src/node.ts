import type { Logger } from 'pino';
import { type ClockWatch, createClockWatch } from './cluster/membership/clock-monitor.ts';
import type { Member } from './cluster/membership/member.ts';
import { Membership } from './cluster/membership/membership.ts';
import { createPeerCalls, type PeerCalls } from './cluster/rpc/peer-calls.ts';
import { createPeerClient, type PeerClient } from './cluster/rpc/peer-client.ts';
import { localTopicStore, remoteTopicStore, type TopicStore } from './cluster/rpc/topic-store.ts';
import type { Config } from './config/config.ts';
import { createRejections, type Rejections } from './http/rejections.ts';
import { joinParts, type NodeParts, type NodeShare } from './node-parts.ts';
import { createRegionCalls } from './regions/region-calls.ts';
import { createRegions, type Regions } from './regions/regions.ts';
import { ReplicationState } from './regions/replication-state.ts';
import { monotonicNow, REAL_CLOCK } from './runtime/clock.ts';
import type { Store } from './store/store.ts';

/** Connections for messages between two nodes, of which more than one is rarely in use. */
const PEER_CONNECTIONS = 8;

/** Connections to one node for forwarded requests of viewers; each waits for its answer. */
const FORWARD_CONNECTIONS = 64;

/** The parts of a node, with its clients and its stores. */
export interface Node extends NodeParts {
	readonly self: Member;
	readonly membership: Membership;
	/** Clients for messages of nodes, and for forwarded requests: neither delays the other. */
	readonly client: PeerClient;
	readonly forwardClient: PeerClient;
	readonly clocks: ClockWatch;
	readonly calls: PeerCalls;
	readonly replication: ReplicationState;
	readonly regions: Regions;
	readonly store: Store | undefined;
	/** The store of this node, for other nodes. */
	readonly storeHere: TopicStore | undefined;
	/** The store of the region, on this or another node. */
	readonly regionStore: TopicStore;
	readonly rejections: Rejections;
}

/** Creates the parts of a node. They send nothing before `start`. */
export function createNode(
	config: Config,
	self: Member,
	store: Store | undefined,
	logger: Logger,
	share?: NodeShare,
): Node {
	const secret = config.clusterSecret;
	const isDispatcher = self.roles.includes('dispatcher');
	const membership = new Membership({ ...self, url: '' });
	// The peers of a fixed list; etcd names the nodes later.
	membership.name(config.peers, monotonicNow());
	const client = createPeerClient(PEER_CONNECTIONS);
	const forwardClient = createPeerClient(FORWARD_CONNECTIONS);
	const clocks = createClockWatch(logger.child({ tier: 'cluster' }));
	const rejections = createRejections(logger.child({ tier: 'http' }));
	const others = config.regions.map(({ region }) => region);
	const replication = new ReplicationState({ region: self.region, others, greets: isDispatcher });
	const epochs = () => replication.epochs;
	const calls = createPeerCalls({ self, clocks, secret, membership, epochs, client });
	const regionCalls = createRegionCalls({ self, secret, regions: config.regions, client });
	const storeHere = store && localTopicStore(store);
	const regionStore = storeHere ?? remoteTopicStore(() => membership.view.likes, calls.storeAt);
	const stores = { store, storeHere, regionStore };
	const ports = { clock: REAL_CLOCK, membership, replication, calls, regionCalls, share, ...stores };
	const parts = joinParts(config, self, { ...ports, onRefused: rejections.count }, logger);
	const regions = createRegions({
		self,
		regions: config.regions,
		secret,
		isDispatcher,
		calls: regionCalls,
		replicator: parts.replicator,
		handlers: parts.regionHandlers,
		isOnce: (type) => config.reactions.get(type) === 'once',
		forwardClient,
	});
	return {
		...parts,
		self,
		membership,
		client,
		forwardClient,
		clocks,
		calls,
		replication,
		regions,
		...stores,
		rejections,
	};
}
