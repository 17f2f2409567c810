import { type ClientBase, Pool, type QueryResultRow } from 'pg';
import type { Logger } from 'pino';
import { StoreError } from '../store.ts';
import { checkAddress } from './address.ts';
import { isBroken, isRefusal, isRolledBack, needsOperator, reasonOf } from './errors.ts';

/** The wait before the first retry after a failure, in milliseconds. It doubles with each failed retry. */
const FIRST_RETRY_MS = 100;

/** The longest wait before a retry, in milliseconds. */
const LAST_RETRY_MS = 2_000;

/** The time limit to connect, in milliseconds. */
const CONNECT_TIMEOUT_MS = 3_000;

/** The wait for an answer after the server's own time limit, in milliseconds. */
const LATE_MS = 1_000;

/** The most attempts of a transaction that the server rolls back in favour of another. */
const MAX_ATTEMPTS = 5;

export interface PostgresConnectionsOptions {
	readonly url: string;
	/** The most connections at a time. */
	readonly poolSize: number;
	/** The server's time limit for a statement, in milliseconds. */
	readonly statementTimeoutMs: number;
	/** Checks a new database, or one that was down, before its first use. */
	readonly prepare: (client: ClientBase) => Promise<void>;
	readonly logger: Logger;
}

/**
 * Connections to a database that may be down for a while.
 *
 * While it is down, all queries fail at once, so no request waits. A single attempt at a time, with growing waits, checks
 * whether it is back, which spares a server that starts.
 */
export class PostgresConnections {
	readonly #options: PostgresConnectionsOptions;
	readonly #pool: Pool;
	/** The reason why the database is unusable; undefined while it is usable. */
	#trouble: StoreError | undefined = new StoreError('the first connection to the database is not open yet');
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
		// An idle connection ended: most likely the server stops.
		this.#pool.on('error', (error) => this.#lose(error));
	}

	/** Whether queries are tried; false while the database is down. */
	get available(): boolean {
		return this.#trouble === undefined;
	}

	/** Connects. Rejects if the operator has to repair the cause; otherwise retries until `close`. */
	async open(): Promise<void> {
		checkAddress(this.#options.url);
		try {
			await this.#connect();
		} catch (error) {
			if (needsOperator(error)) throw asStoreError(error);
			this.#lose(error);
		}
	}

	/**
	 * Runs a statement in its own transaction, and resolves with the first row.
	 *
	 * Rejects with a {@link StoreError}.
	 */
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

	/** Waits for running queries, and ends all connections. A second call is harmless. */
	close(): Promise<void> {
		clearTimeout(this.#retry);
		this.#closed ??= this.#end();
		return this.#closed;
	}

	async #end(): Promise<void> {
		// Each query ends, by an answer or by its time limit.
		await Promise.allSettled(this.#running);
		const ended = this.#pool.end();
		// A server that hangs does not close its connections.
		await Promise.race([ended, new Promise((after) => setTimeout(after, LATE_MS).unref())]);
	}

	async #ask<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row | undefined> {
		for (let attempt = 1; ; attempt++) {
			try {
				return (await this.#pool.query<Row>(text, [...values])).rows[0];
			} catch (error) {
				if (isRolledBack(error) && attempt < MAX_ATTEMPTS) continue;
				if (isBroken(error) || needsOperator(error)) this.#lose(error);
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
			// The pool does not use a failed connection again.
			client.release(failure !== undefined);
		}
		this.#trouble = undefined;
		this.#retryMs = FIRST_RETRY_MS;
	}

	#lose(error: unknown): void {
		if (this.#closed !== undefined) return;
		const trouble = asStoreError(error);
		if (this.#trouble?.message !== trouble.message) {
			this.#options.logger.error({ reason: trouble.message }, 'database unusable; retrying');
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
			this.#options.logger.warn('database usable again');
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
