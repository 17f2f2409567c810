import type { PeerSource } from './cluster/membership/peer-source.ts';
import type { Cluster } from './cluster/routing/cluster.ts';
import type { StreamRelay } from './cluster/routing/uws-stream-proxy.ts';
import type { Dispatcher } from './dispatcher/dispatcher.ts';
import type { Listener } from './http/listener.ts';
import type { UnderWay } from './http/requests-in-progress.ts';
import type { Ingest } from './ingest/ingest.ts';
import type { Replicator } from './regions/replicator.ts';
import { type Clock, REAL_CLOCK } from './runtime/clock.ts';
import type { Store } from './store/store.ts';

/** The longest wait for pending updates of a stop, in milliseconds, at each of three steps. */
const LAST_BATCHES_MS = 1_000;

/** The time after its announcement in which other nodes may still send to this one, in milliseconds. */
const LEAVE_MS = 500;

/** The longest wait for the answers to the last requests of viewers, in milliseconds. */
const LAST_ANSWERS_MS = 2_000;

/** The parts of a node that stops; undefined without the role. */
export interface StoppedParts {
	/** Whether the node has no other nodes. */
	readonly alone: boolean;
	readonly publicListener: Listener | undefined;
	/** The requests of viewers without an answer yet. */
	readonly underWay: Pick<UnderWay, 'idle'>;
	/** The viewers of the node, in this process or in its workers. */
	readonly viewers: StoppedViewers | undefined;
	readonly streamRelay: Pick<StreamRelay, 'drain'>;
	readonly ingest: Ingest | undefined;
	readonly dispatcher: Dispatcher | undefined;
	readonly cluster: Cluster;
	readonly peerSource: Pick<PeerSource, 'leave' | 'close'>;
	readonly replicator: Pick<Replicator, 'idle' | 'close'>;
	readonly store: Pick<Store, 'close'> | undefined;
	readonly clock?: Clock;
	/** Ends the connections to other nodes. */
	closeClients(): Promise<void>;
}

/** The viewers of a node that stops. */
interface StoppedViewers {
	/** Sends each viewer what is pending and a close frame, spread over at most this time in milliseconds. */
	drain(spreadMs: number): Promise<void>;
	close(): void | Promise<void>;
}

export interface StopTimes {
	/** The time in which the node serves as before, not ready, so that load balancers choose other nodes. */
	readonly drainMinMs: number;
	/** The time over which the stop spreads the end of many streams. */
	readonly drainMs: number;
}

/** Stops a node in the order in which a like travels: each part hands its updates on first. */
export async function stopNode(parts: StoppedParts, { drainMinMs, drainMs }: StopTimes): Promise<void> {
	const { alone, publicListener, viewers, streamRelay, ingest, dispatcher, cluster, replicator } = parts;
	const { peerSource, store, underWay, clock = REAL_CLOCK } = parts;
	const after = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
	// Without another node for the requests, a wait for load balancers would only delay the stop.
	if (!alone && drainMinMs > 0) await after(drainMinMs);
	// The listener closes first, so that load balancers cannot connect, and send reconnecting viewers to other nodes.
	publicListener?.stop();
	if (alone) {
		// No other node takes writes, so viewers receive all of them before their streams end.
		await ingest?.close();
		dispatcher?.close();
	} else cluster.leave();
	await Promise.all([viewers?.drain(drainMs), streamRelay.drain(drainMs)]);
	await ingest?.close();
	await cluster.idle(LAST_BATCHES_MS);
	if (!alone) await after(LEAVE_MS);
	dispatcher?.close();
	await dispatcher?.store();
	// Writes of other regions are published once they are stored.
	await replicator.idle(LAST_BATCHES_MS);
	await cluster.idle(LAST_BATCHES_MS);
	// Open connections are served until this point; their last requests are forwarded to other nodes.
	await underWay.idle(LAST_ANSWERS_MS);
	publicListener?.close();
	await viewers?.close();
	cluster.close();
	replicator.close();
	await parts.closeClients();
	// After the last message to other nodes, since they refuse messages of a node that they forgot.
	await peerSource.leave();
	await peerSource.close();
	await store?.close();
}
