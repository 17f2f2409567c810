import type { Logger } from 'pino';
import { messageOf } from '../../runtime/errors.ts';
import { parsePlace } from '../history-cursor.ts';
import { type Store, StoreError } from '../store.ts';
import { gatherValues, spreadValues } from '../value-rows.ts';
import { SqliteThread } from './thread.ts';
import type { StoreCalls, WorkerSetup } from './worker-messages.ts';

/**
 * The wait before the first restart of a thread that ended, in milliseconds.
 *
 * It doubles with each failed restart.
 */
const RESTART_MS = 100;
/** The longest wait before a restart, in milliseconds. */
const MAX_RESTART_MS = 5_000;

/**
 * Resolves with the store of a region on an embedded SQLite database.
 *
 * It creates the directory of the database if missing. The database runs in a worker thread, so that waiting for the disk stalls no frame. The store restarts a thread that ends.
 * Rejects with a {@link StoreError} with the reason if the directory or the database cannot be used.
 *
 * @param workerFile the built `sqlite-worker.js`.
 */
export async function createSqliteStore(
	directory: string,
	region: string,
	workerFile: URL,
	logger?: Logger,
): Promise<Store> {
	const setup: WorkerSetup = { directory, region };
	/** Undefined during a restart. */
	let thread: SqliteThread | undefined = await SqliteThread.open(setup, workerFile);
	let closed: Promise<void> | undefined;
	let restart: NodeJS.Timeout | undefined;
	/** Settles after the running restart. */
	let starting: Promise<void> = Promise.resolve();
	watch(thread);

	function watch(running: SqliteThread): void {
		void running.gone.then((reason) => {
			if (closed !== undefined) return;
			thread = undefined;
			logger?.error({ reason }, 'database thread ended; restarting it, requests get 503 until then');
			startAfter(RESTART_MS);
		});
	}

	function startAfter(ms: number, lastReason = ''): void {
		restart = setTimeout(() => {
			starting = start(ms, lastReason);
		}, ms);
	}

	async function start(waitedMs: number, lastReason: string): Promise<void> {
		try {
			const next = await SqliteThread.open(setup, workerFile);
			thread = next;
			watch(next);
			logger?.warn('database thread runs again');
		} catch (error) {
			const reason = messageOf(error);
			if (reason !== lastReason) logger?.error({ reason }, 'database thread failed to start; retrying');
			if (closed === undefined) startAfter(Math.min(2 * waitedMs, MAX_RESTART_MS), reason);
		}
	}

	function call<Name extends keyof StoreCalls>(
		method: Name,
		...args: Parameters<StoreCalls[Name]>
	): ReturnType<StoreCalls[Name]> {
		return ask(method, args) as ReturnType<StoreCalls[Name]>;
	}

	function ask(method: keyof StoreCalls, args: readonly unknown[]): Promise<unknown> {
		if (closed !== undefined) return Promise.reject(new StoreError('the database is closed'));
		return thread?.ask(method, args) ?? Promise.reject(new StoreError('the database thread restarts'));
	}

	async function close(): Promise<void> {
		clearTimeout(restart);
		await starting;
		const running = thread;
		await running?.ask('close', []);
		await running?.gone;
	}

	return {
		get available() {
			return thread !== undefined && closed === undefined;
		},
		commit: (commands) => call('commit', commands),
		read: (videos) => call('read', videos),
		liked: (videos, limit) => call('liked', videos, limit),
		async changes(since, limit) {
			const changes = await call('changes', since, limit);
			return { ...changes, values: gatherValues(changes.values) };
		},
		positions: () => call('positions'),
		replicate: (region, rows, reached) => call('replicate', region, rows, reached),
		append: (commands) => call('append', commands),
		events: (topic, region, after, limit) => call('events', topic, region, after, limit),
		find: (topic, id) => call('find', topic, id),
		async history(topic, before, limit) {
			// Errors of the thread arrive without their code, so the cursor is checked here.
			parsePlace(before);
			return call('history', topic, before, limit);
		},
		keepEvents: (region, logs) => call('keepEvents', region, logs),
		missing: (region, topics) => call('missing', region, topics),
		values: async (topics) => gatherValues(await call('values', topics)),
		keepValues: async (values) => call('keepValues', spreadValues(values)),
		raiseClock: async (to) => ({ at: await call('raiseClock', to), wallTime: Date.now() }),
		timeline: (range) => call('timeline', range),
		prune: (endedBefore, limit) => call('prune', endedBefore, limit),
		close() {
			closed ??= close();
			return closed;
		},
	};
}
