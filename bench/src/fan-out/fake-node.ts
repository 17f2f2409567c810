import { monotonicNow } from '../../../gateway/src/alarm.ts';
import { createAdmit } from '../../../gateway/src/cluster/admission.ts';
import { type Cluster, createCluster } from '../../../gateway/src/cluster/cluster.ts';
import { Membership } from '../../../gateway/src/cluster/membership.ts';
import { createPeerCalls, type PeerCalls } from '../../../gateway/src/cluster/peer-calls.ts';
import { createPeerClient } from '../../../gateway/src/cluster/peer-client.ts';
import { peerRoutes } from '../../../gateway/src/cluster/peer-routes.ts';
import type { Peer } from '../../../gateway/src/cluster/peers.ts';
import type { View } from '../../../gateway/src/cluster/view.ts';
import type { Known } from '../../../gateway/src/delivery/update.ts';
import { listen } from '../../../gateway/src/http/listener.ts';
import { createRefusals } from '../../../gateway/src/http/refusals.ts';
import { serveRoutes } from '../../../gateway/src/http/router.ts';
import { quiet } from './quiet.ts';

/** As many connections a gateway has to each other node. */
const PEER_CONNECTIONS = 8;

/** What a played node sends is measured at the dispatcher, so it does not wait here, in milliseconds. */
const WINDOW_MS = 1;

export interface FakeNodeOptions {
	readonly self: Peer & { readonly incarnation: number };
	readonly peers: readonly Peer[];
	readonly secret: string;
	/** The ring changed. */
	readonly onView?: (view: View) => void;
	/** Told how long each batch took to be answered, in milliseconds. */
	readonly onPublished?: (ms: number) => void;
}

/** A node of which only the part is real that talks with the other ones. */
export interface FakeNode {
	readonly cluster: Cluster;
	readonly calls: PeerCalls;
	readonly membership: Membership;
}

/** Plays a node that pings, is pinged, and sends as a gateway does. */
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

/** Lets a played node be asked by others: for its life, and for what it has in store. */
export async function answerOthers(
	{ cluster, membership }: FakeNode,
	{ self, secret }: FakeNodeOptions,
	read: (topics: readonly string[]) => Promise<ReadonlyMap<string, Known>>,
): Promise<void> {
	const routes = peerRoutes({
		self: { ...self, region: 'local' },
		admit: createAdmit(secret, membership),
		membership,
		onHeard: cluster.wake,
		report() {
			throw new Error('a played node has nothing to report');
		},
		publish: undefined,
		subscribe: undefined,
		viewers: undefined,
		presence: undefined,
		presenceOf: undefined,
		deliver: undefined,
		store: {
			read,
			changes: alone,
			positions: alone,
			replicate: alone,
			events: alone,
			find: alone,
			keepEvents: alone,
			missing: alone,
			keepValues: alone,
		},
	});
	await listen('127.0.0.1', Number(new URL(self.url).port), (app) =>
		serveRoutes(app, routes, {
			allowedOrigins: () => false,
			logger: quiet,
			refusals: createRefusals(quiet),
			admit: () => undefined,
		}),
	);
}

/** What else is asked of a region's store; nobody does here. */
async function alone(): Promise<never> {
	throw new Error('a played region has no others, and no logs');
}
