import { Worker } from 'node:worker_threads';
import { messageOf } from '../../runtime/errors.ts';
import { StoreError } from '../store.ts';
import { READY, type StoreCalls, type WorkerCall, type WorkerReply, type WorkerSetup } from './worker-messages.ts';

interface Waiting {
	resolve(result: never): void;
	reject(error: StoreError): void;
}

/** One run of the thread with the open database. Its end rejects all unanswered requests. */
export class SqliteThread {
	/** Resolves with the reason when the thread ended and the database is closed. */
	readonly gone: Promise<string>;
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Waiting>();
	#lastId = READY;
	#reason: string | undefined;

	/**
	 * Resolves once the database is open.
	 *
	 * On a failure, ends the thread and rejects with a {@link StoreError}.
	 */
	static async open(setup: WorkerSetup, workerFile: URL): Promise<SqliteThread> {
		const thread = new SqliteThread(setup, workerFile);
		try {
			await thread.#reply(READY);
		} catch (error) {
			await thread.#worker.terminate();
			throw error;
		}
		return thread;
	}

	private constructor(setup: WorkerSetup, workerFile: URL) {
		this.#worker = new Worker(workerFile, { workerData: setup });
		this.#worker.on('message', (reply: WorkerReply) => {
			const call = this.#waiting.get(reply.id);
			this.#waiting.delete(reply.id);
			if ('error' in reply) call?.reject(new StoreError(reply.error, { isRefusal: reply.isRefusal }));
			else call?.resolve(reply.result as never);
		});
		this.#worker.on('error', (error) => this.#fail(`the database thread failed: ${messageOf(error)}`));
		this.gone = new Promise((resolve) => {
			this.#worker.once('exit', (code) => resolve(this.#fail(`the database thread ended with code ${code}`)));
		});
	}

	/** Sends a request to the database, and resolves with the answer. Rejects with a {@link StoreError}. */
	ask(method: keyof StoreCalls, args: readonly unknown[]): Promise<unknown> {
		if (this.#reason !== undefined) return Promise.reject(new StoreError(this.#reason));
		const id = ++this.#lastId;
		this.#worker.postMessage({ id, method, args } as WorkerCall);
		return this.#reply(id);
	}

	#reply<Result>(id: number): Promise<Result> {
		return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
	}

	#fail(reason: string): string {
		this.#reason ??= reason;
		for (const { reject } of this.#waiting.values()) reject(new StoreError(this.#reason));
		this.#waiting.clear();
		return this.#reason;
	}
}
