import type { Logger } from 'pino';
import type { Relay } from '../cluster/routing/router.ts';
import { EVENTS_PAGE } from '../cluster/rpc/log-messages.ts';
import { PeerRefusedError, PeerTooLongError } from '../cluster/rpc/peer-client.ts';
import type { TopicStore } from '../cluster/rpc/topic-store.ts';
import { Rejection, type RejectionReason } from '../http/rejections.ts';
import { type Clock, REAL_CLOCK } from '../runtime/clock.ts';
import { messageOf } from '../runtime/errors.ts';
import { createIdleWait } from '../runtime/idle-wait.ts';
import { OnceAMinute } from '../runtime/once-a-minute.ts';
import { createRunLoop } from '../runtime/run-loop.ts';
import type { Updates } from '../state/update.ts';
import { checkLogPage, checkPage } from './region-auth.ts';
import type { RegionCalls } from './region-calls.ts';
import type { RelayBatch } from './relay-queues.ts';
import type { ReplicationState } from './replication-state.ts';
import { readStored } from './stored-events.ts';
import { type Step, type SyncPorts, storeRelayed, syncSession, type Task } from './sync-session.ts';

/** The most changes in one page of a sync. */
const PAGE_SIZE = 500;

const NOT_STARTED: RegionSubscriber = { publish: () => undefined, onNewEpoch: () => undefined };

export interface ReplicatorOptions {
	readonly replication: ReplicationState;
	readonly calls: RegionCalls;
	/** The store of this region. */
	readonly store: TopicStore;
	/** Returns whether this node is the dispatcher that syncs with a region. */
	readonly isInCharge: (region: string) => boolean;
	/** Called when this node rejects and logs the changes of a region. */
	readonly onRefused: (reason: RejectionReason) => void;
	readonly clock?: Clock;
	readonly logger: Logger;
}

/** The receiver of remote updates in the cluster of this region. */
export interface RegionSubscriber {
	/** Sends remote updates to the owners of their topics in this region. */
	publish(updates: Updates): void;
	/** Called after a sync in a new epoch: memory may have videos that the region does not have. */
	onNewEpoch(): void;
}

/** Exchanges updates with other regions. */
export interface Replicator {
	/** Takes the updates of this region for the other regions. */
	readonly relay: Relay;
	/** Starts to send relays and to sync, and passes remote updates to the subscriber. */
	start(subscriber: RegionSubscriber): void;
	/**
	 * Takes checked updates of a region.
	 *
	 * Viewers get them at once, but for logs, which they get once stored.
	 */
	take(region: string, updates: Updates, greeting: boolean): void;
	/** Takes the epochs of regions that another dispatcher of this region has synced with. */
	learn(epochs: ReadonlyMap<string, number>): void;
	/** Called when the cluster changed: this node may have to sync with other regions now. */
	wake(): void;
	/** Resolves once no update waits for the store or for a region that answers, or after `timeoutMs`. */
	idle(timeoutMs: number): Promise<void>;
	close(): void;
}

export function createReplicator(options: ReplicatorOptions): Replicator {
	const { replication, calls, store, isInCharge, onRefused, clock = REAL_CLOCK, logger } = options;
	let subscriber: RegionSubscriber = NOT_STARTED;
	const ports: AsyncPorts = {
		async changes(region, since) {
			const page = await calls.changes(region, since, PAGE_SIZE);
			checkPage(region, page, since, Math.max(clock.wallTime(), since?.epoch ?? 0));
			return page;
		},
		async events(region, topic, after) {
			const part = await calls.events(region, topic, after, EVENTS_PAGE);
			checkLogPage(region, part, Math.max(clock.wallTime(), replication.epochs.get(region) ?? 0));
			return part;
		},
		positions: store.positions,
		replicate: store.replicate,
		missing: store.missing,
		keepEvents: store.keepEvents,
		keepValues: store.keepValues,
		publish: (updates) => subscriber.publish(updates),
		wallTime: clock.wallTime,
	};
	const [failures, rejections] = [new OnceAMinute<string>(), new OnceAMinute<string>()];
	const idleWait = createIdleWait(() => replication.isIdle, clock);
	const runLoop = createRunLoop((now) => {
		const { relays, asks, keep: batch, overdue } = replication.due(now, isInCharge);
		for (const relay of relays) void send(relay);
		for (const region of asks) void sync(region);
		show(overdue);
		if (batch !== undefined) void keep(batch);
		idleWait.look();
		return replication.dueAt;
	}, clock);

	function logFailure(region: string, err: unknown): void {
		if (!failures.admits(region, clock.now())) return;
		const detail = messageOf(err);
		if (err instanceof PeerRefusedError) logger.error({ region, detail }, 'region refuses requests of this region');
		else logger.warn({ region, detail }, 'region unreachable; its updates wait');
	}

	/** Logs a rejected sync, at most once a minute for each region. */
	function logRejection(region: string, { reason, message: detail }: Rejection): void {
		onRefused(reason);
		if (!rejections.admits(region, clock.now())) return;
		logger.error({ region, reason, detail }, 'changes of a region rejected; the next sync retries');
	}

	function show(updates: Updates): void {
		// mutant: shows-what-regions-say
		if (updates.size > 0) subscriber.publish(updates);
	}

	async function send(relay: RelayBatch): Promise<void> {
		try {
			await calls.relay(relay);
			replication.arrived(relay);
			if (failures.forget(relay.to)) logger.info({ region: relay.to }, 'region reachable again');
		} catch (err) {
			if (err instanceof PeerTooLongError) replication.tooLong(relay, clock.now());
			else replication.failed(relay, clock.now());
			logFailure(relay.to, err);
		}
		runLoop.wake();
	}

	async function sync(region: string): Promise<void> {
		try {
			const epoch = await run(syncSession(region), ports);
			if (replication.synced(region, epoch, clock.now())) subscriber.onNewEpoch();
		} catch (err) {
			replication.syncFailed(region, clock.now());
			// Failed relays log a region that does not answer, and the store logs its own failures.
			if (err instanceof Rejection) logRejection(region, err);
			else logger.debug({ err, region }, 'sync with a region failed; it is retried');
		}
		runLoop.wake();
	}

	async function keep(batch: Updates): Promise<void> {
		try {
			const missing = await run(storeRelayed(batch, replication.others), ports);
			const shown = replication.kept(batch, missing, clock.now());
			show(await readStored(store, shown));
		} catch (err) {
			if (err instanceof PeerTooLongError) replication.tooLongToKeep(batch, clock.now());
			else replication.notKept(batch, clock.now());
			logger.debug({ err, topics: batch.size }, 'storing remote updates failed; it is retried');
		}
		runLoop.wake();
	}

	return {
		relay: {
			put(updates) {
				if (replication.relayQueues.put(updates)) runLoop.wake();
			},
		},
		start(started) {
			subscriber = started;
			runLoop.wake();
		},
		take(region, updates, greeting) {
			show(replication.take(region, updates, greeting, clock.now()));
			runLoop.wake();
		},
		learn(epochs) {
			if (replication.learn(epochs)) subscriber.onNewEpoch();
		},
		wake: runLoop.wake,
		idle: idleWait.wait,
		close: runLoop.stop,
	};
}

/** The ports of a task, each of which may return a promise. */
type AsyncPorts = {
	readonly [Name in keyof SyncPorts]: (
		...of: Parameters<SyncPorts[Name]>
	) => ReturnType<SyncPorts[Name]> | Promise<ReturnType<SyncPorts[Name]>>;
};

/** Runs a task, and resolves with its result. Rejects with the error of a port. */
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
