import { Worker } from 'node:worker_threads';
import { parsePlace } from './history-cursor.ts';
import { type Store, StoreError } from './store.ts';
import { gatherValues, spreadValues } from './value-rows.ts';
import { READY, type StoreCalls, type WorkerCall, type WorkerReply, type WorkerSetup } from './worker-messages.ts';

interface Waiting {
	resolve(result: never): void;
	reject(error: StoreError): void;
}

/**
 * The store of a region on an embedded SQLite database in a directory of its own, which is created when missing. The database lives in
 * a worker thread, so that waiting for the disk stalls no frame. Rejects with a {@link StoreError} that says why when the
 * directory or the database cannot be used.
 *
 * @param workerFile the built `sqlite-worker.js`.
 */
export async function createSqliteStore(directory: string, region: string, workerFile: URL): Promise<Store> {
	const setup: WorkerSetup = { directory, region };
	const worker = new Worker(workerFile, { workerData: setup });
	const waiting = new Map<number, Waiting>();
	let lastId = READY;
	let ended: Promise<void> | undefined;

	worker.on('message', (reply: WorkerReply) => {
		const call = waiting.get(reply.id);
		waiting.delete(reply.id);
		if ('error' in reply) call?.reject(new StoreError(reply.error, { isRefusal: reply.isRefusal }));
		else call?.resolve(reply.result as never);
	});
	worker.on('error', (error) =>
		failAll(`the database thread failed: ${error instanceof Error ? error.message : error}`),
	);
	const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
	exited.then(() => failAll('the database thread ended'));

	function failAll(reason: string): void {
		ended ??= exited;
		for (const { reject } of waiting.values()) reject(new StoreError(reason));
		waiting.clear();
	}

	function reply<Result>(id: number): Promise<Result> {
		return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
	}

	function call<Name extends keyof StoreCalls>(
		method: Name,
		...args: Parameters<StoreCalls[Name]>
	): ReturnType<StoreCalls[Name]> {
		return post(method, args) as ReturnType<StoreCalls[Name]>;
	}

	function post(method: keyof StoreCalls, args: readonly unknown[]): Promise<unknown> {
		if (ended !== undefined) return Promise.reject(new StoreError('the database is closed'));
		const id = ++lastId;
		worker.postMessage({ id, method, args } as WorkerCall);
		return reply(id);
	}

	try {
		await reply(READY);
	} catch (error) {
		await worker.terminate();
		throw error;
	}
	return {
		get available() {
			return ended === undefined;
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
			// From the thread no error comes with its code.
			parsePlace(before);
			return call('history', topic, before, limit);
		},
		keepEvents: (region, logs) => call('keepEvents', region, logs),
		missing: (region, topics) => call('missing', region, topics),
		values: async (topics) => gatherValues(await call('values', topics)),
		keepValues: async (values) => call('keepValues', spreadValues(values)),
		raiseClock: (to) => call('raiseClock', to),
		prune: (endedBefore, limit) => call('prune', endedBefore, limit),
		close() {
			if (ended === undefined) {
				const closed = call('close');
				ended = closed.then(() => exited);
			}
			return ended;
		},
	};
}
