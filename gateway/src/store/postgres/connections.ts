import { type ClientBase, Pool, type QueryResultRow } from 'pg';
import type { Logger } from 'pino';
import { StoreError } from '../store.ts';
import { checkAddress } from './address.ts';
import { isBroken, isRefusal, lostToAnother, needsUser, reasonOf } from './errors.ts';

/** After a failure the database is tried again in so many milliseconds, and then in twice as many each time … */
const FIRST_RETRY_MS = 100;

/** … up to these. */
const LAST_RETRY_MS = 2_000;

/** A connection that takes longer is given up, in milliseconds. */
const CONNECT_TIMEOUT_MS = 3_000;

/** An answer that comes this much later than the server should have given up, in milliseconds, will not come. */
const LATE_MS = 1_000;

/** How often a transaction that lost to another is sent again. */
const MAX_ATTEMPTS = 5;

export interface PostgresConnectionsOptions {
	readonly url: string;
	/** Most connections at a time. */
	readonly poolSize: number;
	/** The server gives up a statement after so many milliseconds. */
	readonly statementTimeoutMs: number;
	/** Makes sure that a database that was not known before, or was away, is the right one. */
	readonly prepare: (client: ClientBase) => Promise<void>;
	readonly logger: Logger;
}

/**
 * Connections to a database that may go and come back. While it is away all that is asked fails at once, and one attempt
 * after the other, ever more seldom, looks whether it is back: nobody waits, and a server that starts is left in peace.
 */
export class PostgresConnections {
	readonly #options: PostgresConnectionsOptions;
	readonly #pool: Pool;
	/** Why it cannot be used; undefined while it can. */
	#trouble: StoreError | undefined = new StoreError('the database was not reached yet');
	#retryMs = FIRST_RETRY_MS;
	#retry: NodeJS.Timeout | undefined;
	readonly #running = new Set<Promise<unknown>>();
	#closed: Promise<void> | undefined;

	constructor(options: PostgresConnectionsOptions) {
		this.#options = options;
		this.#pool = new Pool({
			connectionString: options.url,
			max: options.poolSize,
			connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
			statement_timeout: options.statementTimeoutMs,
			query_timeout: options.statementTimeoutMs + LATE_MS,
			keepAlive: true,
			fallback_application_name: 'likewire',
		});
		// A connection that nobody uses was ended: most likely the server goes down.
		this.#pool.on('error', (error) => this.#lose(error));
	}

	/** Whether what is asked now is tried at all. */
	get available(): boolean {
		return this.#trouble === undefined;
	}

	/** Tries to connect. Rejects when somebody has to change something first; else goes on trying until it is closed. */
	async open(): Promise<void> {
		checkAddress(this.#options.url);
		try {
			await this.#connect();
		} catch (error) {
			if (needsUser(error)) throw asStoreError(error);
			this.#lose(error);
		}
	}

	/** The first row that a statement answers, which is a transaction of its own. Rejects with a {@link StoreError}. */
	async query<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row | undefined> {
		if (this.#closed !== undefined) throw new StoreError('the database is closed');
		if (this.#trouble !== undefined) throw this.#trouble;
		const answer = this.#ask<Row>(text, values);
		this.#running.add(answer);
		try {
			return await answer;
		} finally {
			this.#running.delete(answer);
		}
	}

	/** Waits for what was asked, and ends all connections. May be called twice. */
	close(): Promise<void> {
		clearTimeout(this.#retry);
		this.#closed ??= this.#end();
		return this.#closed;
	}

	async #end(): Promise<void> {
		// Each of them ends: by an answer, or by its timeout.
		await Promise.allSettled(this.#running);
		const ended = this.#pool.end();
		// A server that hangs does not hang up either.
		await Promise.race([ended, new Promise((after) => setTimeout(after, LATE_MS).unref())]);
	}

	async #ask<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row | undefined> {
		for (let attempt = 1; ; attempt++) {
			try {
				return (await this.#pool.query<Row>(text, [...values])).rows[0];
			} catch (error) {
				if (lostToAnother(error) && attempt < MAX_ATTEMPTS) continue;
				if (isBroken(error) || needsUser(error)) this.#lose(error);
				throw asStoreError(error);
			}
		}
	}

	async #connect(): Promise<void> {
		const client = await this.#pool.connect();
		let failure: unknown;
		try {
			await this.#options.prepare(client);
		} catch (error) {
			failure = error;
			throw error;
		} finally {
			// One that failed is not used again.
			client.release(failure !== undefined);
		}
		this.#trouble = undefined;
		this.#retryMs = FIRST_RETRY_MS;
	}

	#lose(error: unknown): void {
		if (this.#closed !== undefined) return;
		const trouble = asStoreError(error);
		if (this.#trouble?.message !== trouble.message) {
			this.#options.logger.error({ reason: trouble.message }, 'the database cannot be used; trying until it can');
		}
		this.#trouble = trouble;
		if (this.#retry !== undefined) return;
		this.#retry = setTimeout(() => this.#tryAgain(), this.#retryMs);
		this.#retryMs = Math.min(LAST_RETRY_MS, 2 * this.#retryMs);
	}

	async #tryAgain(): Promise<void> {
		try {
			await this.#connect();
			this.#retry = undefined;
			this.#options.logger.warn('the database can be used again');
		} catch (error) {
			this.#retry = undefined;
			this.#lose(error);
		}
	}
}

function asStoreError(error: unknown): StoreError {
	if (error instanceof StoreError) return error;
	return new StoreError(reasonOf(error), { cause: error, isRefusal: isRefusal(error) });
}
