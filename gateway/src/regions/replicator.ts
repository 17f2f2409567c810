import type { Logger } from 'pino';
import type { Relay } from '../cluster/routing/router.ts';
import { EVENTS_PAGE } from '../cluster/rpc/log-messages.ts';
import { PeerRefusedError, PeerTooLongError } from '../cluster/rpc/peer-client.ts';
import type { TopicStore } from '../cluster/rpc/topic-store.ts';
import { Rejection, type RejectionReason } from '../http/rejections.ts';
import { messageOf } from '../runtime/errors.ts';
import { createIdleWait } from '../runtime/idle-wait.ts';
import { OnceAMinute } from '../runtime/once-a-minute.ts';
import { createRunLoop, monotonicNow } from '../runtime/run-loop.ts';
import type { Updates } from '../state/update.ts';
import { checkPage, checkPart } from './region-auth.ts';
import type { RegionCalls } from './region-calls.ts';
import type { RelayBatch } from './relay-queues.ts';
import type { ReplicationState } from './replication-state.ts';
import { readStored } from './stored-events.ts';
import { type Step, type SyncPorts, storeRelayed, syncSession, type Task } from './sync-session.ts';

/** What changed in another region is asked for in pages of so many changes. */
const PAGE_SIZE = 500;

const NOT_STARTED: RegionSubscriber = { publish: () => undefined, onNewEpoch: () => undefined };

export interface ReplicatorOptions {
	readonly exchange: ReplicationState;
	readonly calls: RegionCalls;
	/** The store of this region. */
	readonly store: TopicStore;
	/** Whether this node is the one that asks a region what changed there. */
	readonly isInCharge: (region: string) => boolean;
	/** What a region says of its store is refused, and logged. */
	readonly onRefused: (reason: RejectionReason) => void;
	readonly logger: Logger;
}

/** What the cluster of this region does with what other regions say. */
export interface RegionSubscriber {
	/** Takes what another region said, for the owners of the topics here. */
	publish(updates: Updates): void;
	/** A region has a new epoch, and is known to the end: this node may have videos in memory that the region does not know. */
	onNewEpoch(): void;
}

/** This node's part in the exchange with other regions. */
export interface Replicator {
	/** The way to the other regions. */
	readonly relay: Relay;
	/** Begins to send and to ask, and hands what other regions say to the cluster of this one. */
	start(subscriber: RegionSubscriber): void;
	/** A region said something, and its rows are its own: shown here, and what it says of logs once that is in the store. */
	take(region: string, updates: Updates, greeting: boolean): void;
	/** Another dispatcher knows that regions were taken over to the end, in these epochs. */
	learn(epochs: ReadonlyMap<string, number>): void;
	/** The cluster changed: this node may be in charge of other regions now. */
	wake(): void;
	/** Settles when what waits for regions that can be reached, or for the store, is there, or after so many milliseconds. */
	idle(timeoutMs: number): Promise<void>;
	close(): void;
}

export function createReplicator(options: ReplicatorOptions): Replicator {
	const { exchange, calls, store, isInCharge, onRefused, logger } = options;
	let subscriber: RegionSubscriber = NOT_STARTED;
	const ports: AsyncPorts = {
		async changes(region, since) {
			const page = await calls.changes(region, since, PAGE_SIZE);
			checkPage(region, page, since, Math.max(Date.now(), since?.epoch ?? 0));
			return page;
		},
		async events(region, topic, after) {
			const part = await calls.events(region, topic, after, EVENTS_PAGE);
			checkPart(region, part, Math.max(Date.now(), exchange.epochs.get(region) ?? 0));
			return part;
		},
		positions: store.positions,
		replicate: store.replicate,
		missing: store.missing,
		keepEvents: store.keepEvents,
		keepValues: store.keepValues,
		publish: (updates) => subscriber.publish(updates),
		wallTime: Date.now,
	};
	/** By region: it fails often, and what it says cannot be taken over. */
	const [complaints, refusals] = [new OnceAMinute<string>(), new OnceAMinute<string>()];
	const idleWait = createIdleWait(() => exchange.isIdle);
	const alarm = createRunLoop((now) => {
		const { relays, asks, keep: batch, overdue } = exchange.due(now, isInCharge);
		for (const relay of relays) void send(relay);
		for (const region of asks) void askFor(region);
		show(overdue);
		if (batch !== undefined) void keep(batch);
		idleWait.look();
		return exchange.dueAt;
	});

	/** Once a minute for each region, however often it fails. */
	function complain(region: string, err: unknown): void {
		if (!complaints.admits(region, monotonicNow())) return;
		const detail = messageOf(err);
		if (err instanceof PeerRefusedError) logger.error({ region, detail }, 'a region refuses this one');
		else logger.warn({ region, detail }, 'a region does not answer; what it lacks waits, and is sent when it does');
	}

	/** Logged once a minute for each region: somebody has to see to it. */
	function refuse(region: string, { reason, message: detail }: Rejection): void {
		onRefused(reason);
		if (!refusals.admits(region, monotonicNow())) return;
		logger.error({ region, reason, detail }, 'what a region says of its store is refused; it is asked again');
	}

	function show(updates: Updates): void {
		// mutant: shows-what-regions-say
		if (updates.size > 0) subscriber.publish(updates);
	}

	async function send(relay: RelayBatch): Promise<void> {
		try {
			await calls.relay(relay);
			exchange.arrived(relay);
			if (complaints.forget(relay.to)) logger.info({ region: relay.to }, 'a region answers again');
		} catch (err) {
			if (err instanceof PeerTooLongError) exchange.tooLong(relay, monotonicNow());
			else exchange.failed(relay, monotonicNow());
			complain(relay.to, err);
		}
		alarm.wake();
	}

	async function askFor(region: string): Promise<void> {
		try {
			const epoch = await run(syncSession(region), ports);
			if (exchange.caughtUp(region, epoch, monotonicNow())) subscriber.onNewEpoch();
		} catch (err) {
			exchange.notCaughtUp(region, monotonicNow());
			// That it does not answer is told by relays, and that the store here does not work by the store.
			if (err instanceof Rejection) refuse(region, err);
			else logger.debug({ err, region }, 'what changed in a region could not be taken over; it is tried again');
		}
		alarm.wake();
	}

	async function keep(batch: Updates): Promise<void> {
		try {
			const missing = await run(storeRelayed(batch, exchange.others), ports);
			const shown = exchange.kept(batch, missing, monotonicNow());
			show(await readStored(store, shown));
		} catch (err) {
			if (err instanceof PeerTooLongError) exchange.tooLongToKeep(batch, monotonicNow());
			else exchange.notKept(batch, monotonicNow());
			logger.debug({ err, topics: batch.size }, 'news of other regions could not be stored; it is tried again');
		}
		alarm.wake();
	}

	return {
		relay: {
			put(updates) {
				if (exchange.lanes.put(updates)) alarm.wake();
			},
		},
		start(started) {
			subscriber = started;
			alarm.wake();
		},
		take(region, updates, greeting) {
			show(exchange.take(region, updates, greeting, monotonicNow()));
			alarm.wake();
		},
		learn(epochs) {
			if (exchange.learn(epochs)) subscriber.onNewEpoch();
		},
		wake: alarm.wake,
		idle: idleWait.wait,
		close: alarm.stop,
	};
}

/** The ports of a task, each of which may take its time. */
type AsyncPorts = {
	readonly [Name in keyof SyncPorts]: (
		...of: Parameters<SyncPorts[Name]>
	) => ReturnType<SyncPorts[Name]> | Promise<ReturnType<SyncPorts[Name]>>;
};

/** Runs a task to its end. Rejects with what a port rejects with. */
async function run<Answer>(task: Task<Answer>, ports: AsyncPorts): Promise<Answer> {
	let { done, value } = task.next();
	while (!done) {
		const step = value as Step;
		const answer =
			'all' in step
				? await Promise.all(step.all.map((one) => run(one, ports)))
				: await (ports[step.ask] as (...of: readonly unknown[]) => unknown)(...step.of);
		({ done, value } = task.next(answer));
	}
	return value as Answer;
}
