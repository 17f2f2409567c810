import { Membership } from '../../../gateway/src/cluster/membership/membership.ts';
import type { Peer } from '../../../gateway/src/cluster/membership/peer.ts';
import type { View } from '../../../gateway/src/cluster/membership/view.ts';
import { type Cluster, createCluster } from '../../../gateway/src/cluster/routing/cluster.ts';
import { createPeerAuth } from '../../../gateway/src/cluster/rpc/peer-auth.ts';
import { createPeerCalls, type PeerCalls } from '../../../gateway/src/cluster/rpc/peer-calls.ts';
import { createPeerClient } from '../../../gateway/src/cluster/rpc/peer-client.ts';
import { peerRoutes } from '../../../gateway/src/cluster/rpc/peer-routes.ts';
import { listen } from '../../../gateway/src/http/listener.ts';
import { createRejections } from '../../../gateway/src/http/rejections.ts';
import { serveRoutes } from '../../../gateway/src/http/router.ts';
import { monotonicNow } from '../../../gateway/src/runtime/clock.ts';
import type { Known } from '../../../gateway/src/state/update.ts';
import { quiet } from './quiet.ts';

/** The connections of a gateway to each other node. */
const PEER_CONNECTIONS = 8;

/** The window of a fake node, in milliseconds: short, since only the dispatcher is measured. */
const WINDOW_MS = 1;

export interface FakeNodeOptions {
	readonly self: Peer & { readonly incarnation: number };
	readonly peers: readonly Peer[];
	readonly secret: string;
	/** Called when the ring changed. */
	readonly onView?: (view: View) => void;
	/** Called with the time until the answer to each batch, in milliseconds. */
	readonly onPublished?: (ms: number) => void;
}

/** A node with the real code for messages between nodes, and nothing else. */
export interface FakeNode {
	readonly cluster: Cluster;
	readonly calls: PeerCalls;
	readonly membership: Membership;
}

/** Creates a node that pings, and sends batches as a gateway does. */
export function createFakeNode(options: FakeNodeOptions): FakeNode {
	const { self, peers, secret, onView, onPublished } = options;
	const membership = new Membership(self);
	membership.name(peers, monotonicNow());
	const calls = createPeerCalls({ self, secret, membership, client: createPeerClient(PEER_CONNECTIONS) });
	const cluster = createCluster({
		self: self.node,
		isDispatcher: false,
		membership,
		calls: {
			...calls,
			async publish(...batch) {
				const sentAt = performance.now();
				await calls.publish(...batch);
				onPublished?.(performance.now() - sentAt);
			},
		},
		windowMs: WINDOW_MS,
		logger: quiet,
	});
	cluster.start({ publish: () => undefined, deliver: () => undefined, onView: (view) => onView?.(view) });
	return { cluster, calls, membership };
}

/** Serves the internal routes of a fake node: pings, and reads of its store. */
export async function servePeers(
	{ cluster, membership }: FakeNode,
	{ self, secret }: FakeNodeOptions,
	read: (topics: readonly string[]) => Promise<ReadonlyMap<string, Known>>,
): Promise<void> {
	const routes = peerRoutes({
		self: { ...self, region: 'local' },
		admit: createPeerAuth(secret, membership),
		membership,
		onReceived: cluster.wake,
		report() {
			throw new Error('a fake node has no report');
		},
		publish: undefined,
		subscribe: undefined,
		viewers: undefined,
		presence: undefined,
		presenceOf: undefined,
		deliver: undefined,
		store: {
			read,
			changes: unsupported,
			positions: unsupported,
			replicate: unsupported,
			events: unsupported,
			find: unsupported,
			keepEvents: unsupported,
			missing: unsupported,
			keepValues: unsupported,
			timeline: unsupported,
		},
	});
	await listen('127.0.0.1', Number(new URL(self.url).port), (app) =>
		serveRoutes(app, routes, {
			allowedOrigins: () => false,
			logger: quiet,
			rejections: createRejections(quiet),
			admit: () => undefined,
		}),
	);
}

/** Rejects the other reads of a store, which this cluster does not use. */
async function unsupported(): Promise<never> {
	throw new Error('a fake store has no other regions and no logs');
}
