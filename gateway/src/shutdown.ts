import type { PeerSource } from './cluster/membership/peer-source.ts';
import type { Cluster } from './cluster/routing/cluster.ts';
import type { StreamRelay } from './cluster/routing/uws-stream-proxy.ts';
import type { Dispatcher } from './dispatcher/dispatcher.ts';
import type { Frontend } from './frontend/frontend.ts';
import type { Listener } from './http/listener.ts';
import type { UnderWay } from './http/requests-in-progress.ts';
import type { Ingest } from './ingest/ingest.ts';
import type { Regions } from './regions/regions.ts';
import type { Store } from './store/store.ts';

/** What is still to be sent when a gateway stops may take so long, in milliseconds, at each of three steps. */
const LAST_BATCHES_MS = 1_000;

/** After this node said that it leaves, others may send to it for so long, in milliseconds. */
const LEAVE_MS = 500;

/** The last requests of viewers are answered within this time, in milliseconds, or cut off. */
const LAST_ANSWERS_MS = 2_000;

/** What a node consists of; undefined what it does not have. */
export interface NodeParts {
	/** There are no other nodes. */
	readonly alone: boolean;
	readonly publicListener: Listener | undefined;
	/** The requests of viewers that are being answered. */
	readonly underWay: UnderWay;
	readonly frontend: Frontend | undefined;
	readonly streamRelay: StreamRelay;
	readonly writers: Ingest | undefined;
	readonly dispatcher: Dispatcher | undefined;
	readonly cluster: Cluster;
	readonly peerSource: PeerSource;
	readonly regions: Pick<Regions, 'idle' | 'close'>;
	readonly store: Store | undefined;
	/** Ends the connections to other nodes. */
	closeClients(): Promise<void>;
}

/** How long a stop takes. */
export interface StopTimes {
	/** For this long the node serves as before, not ready: load balancers see that, and send new requests elsewhere. */
	readonly drainMinMs: number;
	/** Over this time the end of many streams is spread. */
	readonly drainMs: number;
}

/** Stops a node the way that a like goes: each part hands on what it has before the next one stops. */
export async function stopNode(parts: NodeParts, { drainMinMs, drainMs }: StopTimes): Promise<void> {
	const { alone, publicListener, frontend, streamRelay, writers, dispatcher, cluster, regions } = parts;
	const { peerSource, store, underWay } = parts;
	// Where no other node could take the requests, waiting for a load balancer would only take longer.
	if (!alone && drainMinMs > 0) await after(drainMinMs);
	// Viewers that are sent off are not sent here again: a load balancer cannot connect, and tries another node.
	publicListener?.stop();
	if (alone) {
		// No other node takes writes meanwhile, so viewers are shown every one of them before they go.
		await writers?.close();
		dispatcher?.close();
	} else cluster.leave();
	await Promise.all([frontend?.drain(drainMs), streamRelay.drain(drainMs)]);
	await writers?.close();
	await cluster.idle(LAST_BATCHES_MS);
	if (!alone) await after(LEAVE_MS);
	dispatcher?.close();
	await dispatcher?.store();
	// What other regions wrote is shown once it is stored.
	await regions.idle(LAST_BATCHES_MS);
	await cluster.idle(LAST_BATCHES_MS);
	// Connections that stood are served until here: what still comes is handed to other nodes.
	await underWay.idle(LAST_ANSWERS_MS);
	publicListener?.close();
	frontend?.close();
	cluster.close();
	regions.close();
	await parts.closeClients();
	// After the last word to the others: they refuse those of a node that they forgot.
	await peerSource.leave();
	await peerSource.close();
	await store?.close();
}

function after(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
