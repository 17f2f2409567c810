import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Counts, LikesRows } from '../delivery/likes.ts';
import { identityOf, migrate } from './schema.ts';
import type { Command, Commit, LikeCommand, Outcome, TakeBackCommand } from './store.ts';

interface LikeRow {
	readonly user: string;
	readonly type: string;
	readonly taken_back_at: number | null;
}

interface TotalsRow {
	readonly type: string;
	readonly added: number;
	readonly removed: number;
}

/** What a transaction adds to the totals, by video and type. */
type Gains = Map<string, Map<string, [added: number, removed: number]>>;

function gain(gains: Gains, video: string, type: string, added: number, removed: number): void {
	const byType = gains.get(video) ?? new Map<string, [number, number]>();
	const [a, r] = byType.get(type) ?? [0, 0];
	gains.set(video, byType.set(type, [a + added, r + removed]));
}

/** The likes in one SQLite database; every call blocks until it is durable, so it lives in a worker thread. */
export class SqliteDatabase {
	readonly #database: Database.Database;
	readonly #unlock: () => void;
	readonly #store: ReturnType<typeof identityOf>;
	readonly #statements: ReturnType<typeof prepareStatements>;

	/**
	 * Opens the database in a directory, or creates both. ':memory:' keeps it in memory. Throws when the directory cannot
	 * be written, another process has it, or the database is damaged or newer than this code.
	 */
	constructor(directory: string) {
		const inMemory = directory === ':memory:';
		if (!inMemory) mkdirSync(directory, { recursive: true });
		this.#unlock = inMemory ? () => undefined : lock(join(directory, 'likewire.lock'));
		try {
			this.#database = open(inMemory ? directory : join(directory, 'likewire.db'));
			checkWhole(this.#database);
			migrate(this.#database);
			this.#store = identityOf(this.#database);
			this.#statements = prepareStatements(this.#database);
		} catch (error) {
			this.#unlock();
			throw error;
		}
	}

	/** All commands in one transaction. On an error nothing was done. */
	commit(commands: readonly Command[]): Commit {
		return this.#database.transaction(() => {
			const gains: Gains = new Map();
			const outcomes = commands.map((command) =>
				command.kind === 'like' ? this.#like(command, gains) : this.#takeBack(command, gains),
			);
			for (const [video, byType] of gains) {
				for (const [type, [added, removed]] of byType) this.#statements.raise.run({ video, type, added, removed });
			}
			return { outcomes, rows: this.read(commands.map(({ video }) => video)) };
		})();
	}

	read(videos: readonly string[]): Map<string, LikesRows> {
		return new Map([...new Set(videos)].map((video) => [video, this.#rowsOf(video)]));
	}

	close(): void {
		this.#database.close();
		this.#unlock();
	}

	#like({ video, id, user, type, once, at }: LikeCommand, gains: Gains): Outcome {
		const known = this.#statements.find.get(video, id);
		const given = once ? this.#statements.findOnce.get(video, type, user) : undefined;
		if (known !== undefined) {
			if (known.user !== user || known.type !== type) return { kind: 'conflict' };
			return { kind: 'duplicate', id: given?.id ?? id };
		}
		if (given !== undefined) {
			// Kept as taken back: when the one that counts is, a late copy of this one must not count in its place.
			this.#statements.add.run(video, id, user, type, at, at);
			return { kind: 'duplicate', id: given.id };
		}
		if (once) this.#statements.addOnce.run(video, type, user, id);
		this.#statements.add.run(video, id, user, type, at, null);
		gain(gains, video, type, 1, 0);
		return { kind: 'counted' };
	}

	#takeBack({ video, id, user, at }: TakeBackCommand, gains: Gains): Outcome {
		const known = this.#statements.find.get(video, id);
		if (known === undefined) return { kind: 'notFound' };
		if (known.user !== user) return { kind: 'notLiker' };
		if (known.taken_back_at !== null) return { kind: 'takenBack' };
		this.#statements.takeBack.run(at, video, id);
		this.#statements.removeOnce.run(video, known.type, user, id);
		gain(gains, video, known.type, 0, 1);
		return { kind: 'takenBack' };
	}

	#rowsOf(video: string): LikesRows {
		const counts: Record<string, Counts> = {};
		for (const { type, added, removed } of this.#statements.totals.all(video)) counts[type] = [added, removed];
		const { name, epoch } = this.#store;
		return { [name]: { epoch, counts } };
	}
}

function open(file: string): Database.Database {
	const database = new Database(file);
	try {
		database.pragma('journal_mode = WAL');
		// A like is answered only when it is on the disk: the log is synced at every commit.
		database.pragma('synchronous = FULL');
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

/** Up to this size a database is read through when it is opened, in bytes: about a second. */
const MAX_CHECKED_BYTES = 512 * 1024 * 1024;

/** Throws when pages of the database are damaged; better now than with every second like. */
function checkWhole(database: Database.Database): void {
	const pages = Number(database.pragma('page_count', { simple: true }));
	if (pages * Number(database.pragma('page_size', { simple: true })) > MAX_CHECKED_BYTES) return;
	const found = database.pragma('quick_check(1)', { simple: true });
	if (found !== 'ok') throw new Error(`the database is damaged: ${found}`);
}

/**
 * Holds a directory for this process: two gateways on one database would each know only half of the news. The lock is
 * an open transaction on a file of its own, so the system lifts it however the process ends, and the database itself
 * stays readable for others.
 */
function lock(file: string): () => void {
	const fresh = !existsSync(file);
	const database = new Database(file, { timeout: 0 });
	try {
		if (fresh) database.pragma('journal_mode = DELETE');
		database.exec('BEGIN EXCLUSIVE');
	} catch (error) {
		database.close();
		if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') {
			throw new Error('another gateway is using this directory');
		}
		throw error;
	}
	return () => database.close();
}

function prepareStatements(database: Database.Database) {
	return {
		find: database.prepare<[string, string], LikeRow>(
			'SELECT user, type, taken_back_at FROM likes WHERE video = ? AND id = ?',
		),
		add: database.prepare('INSERT INTO likes (video, id, user, type, at, taken_back_at) VALUES (?, ?, ?, ?, ?, ?)'),
		takeBack: database.prepare('UPDATE likes SET taken_back_at = ? WHERE video = ? AND id = ?'),
		findOnce: database.prepare<[string, string, string], { id: string }>(
			'SELECT id FROM once WHERE video = ? AND type = ? AND user = ?',
		),
		addOnce: database.prepare('INSERT INTO once (video, type, user, id) VALUES (?, ?, ?, ?)'),
		removeOnce: database.prepare('DELETE FROM once WHERE video = ? AND type = ? AND user = ? AND id = ?'),
		raise: database.prepare(
			`INSERT INTO totals (video, type, added, removed) VALUES ($video, $type, $added, $removed)
			ON CONFLICT DO UPDATE SET added = added + excluded.added, removed = removed + excluded.removed`,
		),
		totals: database.prepare<[string], TotalsRow>('SELECT type, added, removed FROM totals WHERE video = ?'),
	};
}
