import type { Logger } from 'pino';
import { formatScan } from '../changes-scan.ts';
import { spread } from '../counter-rows.ts';
import type { Pruned } from '../log-store.ts';
import { type Changes, type Position, type Store, StoreError } from '../store.ts';
import { refuseOwn } from '../wrong-database.ts';
import {
	type ChangesAnswer,
	changesOf,
	changesQuestion,
	type ValuesAnswer,
	valuesQuestion,
	withValues,
} from './changes.ts';
import { type CommitAnswer, commitOf, commitValues, type KnownAnswer, type LikedAnswer, rowsOf } from './commit.ts';
import { PostgresConnections } from './connections.ts';
import { createPostgresLog } from './log.ts';
import { claimPostgres, createTables } from './tables.ts';
import { createPostgresValues } from './values.ts';

/** The server gives up a statement after so many milliseconds. */
const STATEMENT_TIMEOUT_MS = 5_000;

export interface PostgresStoreOptions {
	/** `postgres://user:password@host:port/database`, with what else libpq knows behind a `?`. */
	readonly url: string;
	readonly region: string;
	/** Most connections at a time. */
	readonly poolSize: number;
	/** The server gives up a statement after so many milliseconds; 5,000 by default. */
	readonly statementTimeoutMs?: number;
	readonly logger: Logger;
}

/**
 * The store of a region on a PostgreSQL database that the Likes nodes of the region share. Its tables, in a schema
 * `likewire`, are made when missing. Rejects with a {@link StoreError} that says why when it is not let in, or the database
 * belongs to another region or has another version of the schema. One that cannot be reached now is tried until it can; until then all that
 * is asked fails at once.
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

	/** The answer of a statement that has one. */
	async function ask<Answer>(text: string, values: readonly unknown[]): Promise<Answer> {
		const row = await connections.query<{ answer: Answer | null }>(`SELECT ${text} AS answer`, values);
		// A function that answers nothing is asked for what it does.
		return row?.answer as Answer;
	}

	/** Throws a {@link StoreError} when what is told is of this region. */
	function refuseOurs(other: string): void {
		try {
			refuseOwn(other, region);
		} catch (cause) {
			throw new StoreError((cause as Error).message, { cause });
		}
	}

	return {
		...createPostgresLog(ask, refuseOurs),
		...createPostgresValues(ask),

		get available() {
			return connections.available;
		},

		async commit(commands) {
			const text = 'likewire.commit($1, $2, $3, $4, $5, $6, $7)';
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
			async function pageBehind(position: Position | undefined): Promise<Changes | undefined> {
				const asked = changesQuestion(position, limit);
				const page = changesOf(position, limit, await ask<ChangesAnswer>(asked.text, asked.values));
				if (page === undefined) return undefined;
				const { rows, epoch, walk } = page;
				if (walk.kind !== 'values') {
					return { rows, values: new Map(), next: { epoch, at: formatScan(walk) }, more: true };
				}
				const { text, values } = valuesQuestion(walk, limit);
				return withValues(page, walk, limit, await ask<ValuesAnswer>(text, values));
			}
			const page = (await pageBehind(since)) ?? (await pageBehind(undefined));
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
			refuseOurs(other);
			const told = [...rows].flatMap(([name, likes]) => {
				const said = Object.hasOwn(likes, other) ? likes[other] : undefined;
				return said === undefined ? [] : [{ name, ...spread(other, said) }];
			});
			const counts = told.flatMap(({ name, counts }) => counts.map((count) => ({ name, ...count })));
			const { since, position, last = false } = reached ?? {};
			await ask('likewire.replicate($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)', [
				other,
				told.map(({ name }) => name),
				told.map(({ topic }) => topic.epoch),
				told.map(({ topic }) => topic.logHead),
				told.map(({ topic }) => topic.endedAt),
				told.map(({ topic }) => topic.likedAt),
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

		prune: (endedBefore, limit) => ask<Pruned>('likewire.forget_likes($1, $2)', [endedBefore, limit]),

		close: () => connections.close(),
	};
}
