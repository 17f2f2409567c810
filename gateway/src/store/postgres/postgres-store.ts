import type { Logger } from 'pino';
import { formatScan } from '../changes-scan.ts';
import { spread } from '../counter-rows.ts';
import type { Pruned } from '../log-store.ts';
import { type Changes, type Position, type Store, StoreError } from '../store.ts';
import { TIMELINE_ROWS, type TimelinePart, timelinePage } from '../timeline-page.ts';
import { refuseOwn } from '../wrong-database.ts';
import { type ChangesAnswer, changesOf, changesQuery, type ValuesAnswer, valuesQuery, withValues } from './changes.ts';
import { type CommitAnswer, commitOf, commitValues, type KnownAnswer, type LikedAnswer, rowsOf } from './commit.ts';
import { PostgresConnections } from './connections.ts';
import { createPostgresLog } from './log.ts';
import { claimPostgres, createTables } from './tables.ts';
import { createPostgresValues } from './values.ts';

/** The server's time limit for a statement, in milliseconds. */
const STATEMENT_TIMEOUT_MS = 5_000;

export interface PostgresStoreOptions {
	/** `postgres://user:password@host:port/database`, with other settings of libpq after a `?`. */
	readonly url: string;
	readonly region: string;
	/** The most connections at a time. */
	readonly poolSize: number;
	/** The server's time limit for a statement, in milliseconds; 5,000 by default. */
	readonly statementTimeoutMs?: number;
	readonly logger: Logger;
}

/**
 * Resolves with the store of a region on a PostgreSQL database.
 *
 * The Likes nodes of the region share the database. The store creates missing tables, in a schema `likewire`. It rejects with a {@link StoreError} with the reason if the server
 * refuses the user, or if the database belongs to another region or has another version of the schema. While the server is
 * unreachable, the store retries, and all requests fail at once.
 */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<Store> {
	const { url, region, poolSize, statementTimeoutMs = STATEMENT_TIMEOUT_MS, logger } = options;
	const connections = new PostgresConnections({
		url,
		poolSize,
		statementTimeoutMs,
		async prepare(client) {
			await createTables(client);
			await claimPostgres(client, region);
		},
		logger,
	});
	try {
		await connections.open();
	} catch (error) {
		await connections.close();
		throw error;
	}

	/** Resolves with the answer of a statement. */
	async function ask<Answer>(text: string, values: readonly unknown[]): Promise<Answer> {
		const row = await connections.query<{ answer: Answer | null }>(`SELECT ${text} AS answer`, values);
		// Functions without a result answer null, which their callers ignore.
		return row?.answer as Answer;
	}

	/** Throws a {@link StoreError} for the region of this store. */
	function refuseOwnRegion(other: string): void {
		try {
			refuseOwn(other, region);
		} catch (cause) {
			throw new StoreError((cause as Error).message, { cause });
		}
	}

	return {
		...createPostgresLog(ask, refuseOwnRegion),
		...createPostgresValues(ask),

		get available() {
			return connections.available;
		},

		async commit(commands) {
			const text = 'likewire.commit($1, $2, $3, $4, $5, $6, $7, $8)';
			return commitOf(commands, await ask<CommitAnswer>(text, commitValues(commands)));
		},

		async read(topics) {
			return rowsOf(topics, await ask<KnownAnswer>('likewire.known($1)', [topics]));
		},

		async liked(videos, limit) {
			const { comments, known } = await ask<LikedAnswer>('likewire.liked($1, $2)', [videos, limit]);
			return rowsOf(comments, known);
		},

		async changes(since, limit) {
			async function pageAfter(position: Position | undefined): Promise<Changes | undefined> {
				const query = changesQuery(position, limit);
				const page = changesOf(position, limit, await ask<ChangesAnswer>(query.text, query.values));
				if (page === undefined) return undefined;
				const { rows, epoch, scan } = page;
				if (scan.kind !== 'values') {
					return { rows, values: new Map(), next: { epoch, at: formatScan(scan) }, more: true };
				}
				const { text, values } = valuesQuery(scan, limit);
				return withValues(page, scan, limit, await ask<ValuesAnswer>(text, values));
			}
			const page = (await pageAfter(since)) ?? (await pageAfter(undefined));
			if (page === undefined) throw new StoreError('the database does not know its own transactions');
			return page;
		},

		async positions() {
			const text = `(
				SELECT coalesce(json_agg(json_build_array(region, epoch, at)), '[]')
				FROM likewire.regions WHERE epoch IS NOT NULL
			)`;
			const rows = await ask<[region: string, epoch: number, at: string][]>(text, []);
			return new Map(rows.map(([other, epoch, at]): [string, Position] => [other, { epoch, at }]));
		},

		async replicate(other, rows, reached) {
			refuseOwnRegion(other);
			const replicas = [...rows].flatMap(([name, likes]) => {
				const ofRegion = Object.hasOwn(likes, other) ? likes[other] : undefined;
				return ofRegion === undefined ? [] : [{ name, ...spread(other, ofRegion) }];
			});
			const counts = replicas.flatMap(({ name, counts }) => counts.map((count) => ({ name, ...count })));
			const { since, position, last = false } = reached ?? {};
			await ask('likewire.replicate($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)', [
				other,
				replicas.map(({ name }) => name),
				replicas.map(({ topic }) => topic.epoch),
				replicas.map(({ topic }) => topic.logHead),
				replicas.map(({ topic }) => topic.endedAt),
				replicas.map(({ topic }) => topic.likedAt),
				counts.map(({ name }) => name),
				counts.map(({ epoch }) => epoch),
				counts.map(({ type }) => type),
				counts.map(({ added }) => added),
				counts.map(({ removed }) => removed),
				since?.epoch ?? null,
				since?.at ?? null,
				position?.epoch ?? null,
				position?.at ?? null,
				last,
			]);
		},

		async timeline({ topic, from, to, step }) {
			const text = 'likewire.timeline_of($1, $2, $3, $4, $5)';
			return timelinePage(await ask<TimelinePart>(text, [topic, from, to, step, TIMELINE_ROWS]));
		},

		prune: (endedBefore, limit) => ask<Pruned>('likewire.forget_likes($1, $2)', [endedBefore, limit]),

		close: () => connections.close(),
	};
}
