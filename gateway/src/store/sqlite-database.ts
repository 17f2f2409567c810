import type { Database } from 'better-sqlite3';
import type { LikesRows } from '../delivery/likes.ts';
import { gather, type KnownCounts } from './known-counts.ts';
import { fillPage } from './page.ts';
import { claim } from './schema.ts';
import { type HeldDatabase, holdDatabase } from './sqlite-file.ts';
import { SqliteReplicas } from './sqlite-replicas.ts';
import type { Changes, Command, Commit, LikeCommand, Outcome, Position, Reached, TakeBackCommand } from './store.ts';
import { type ChangeKey, formatWalk, goOn, type OpenWalk, parseWalk, type RowKey, reach } from './walk.ts';
import { refuseOwn } from './wrong-database.ts';

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
	readonly #held: HeldDatabase;
	readonly #region: string;
	readonly #epoch: number;
	readonly #statements: ReturnType<typeof prepareStatements>;
	readonly #replicas: SqliteReplicas;
	/** The number of the last transaction that changed a row. */
	#lastChange: number;

	/**
	 * Opens the database of a region in a directory, or creates both; {@link IN_MEMORY} keeps it in memory. Throws when
	 * the directory cannot be written, another process has it, or the database is damaged, newer than this code or that
	 * of another region. `epoch` is that of a database which is made now; it is the time when not given.
	 */
	constructor(directory: string, region: string, epoch?: number) {
		this.#held = holdDatabase(directory);
		const { database } = this.#held;
		try {
			this.#region = region;
			this.#epoch = claim(database, region, epoch);
			this.#statements = prepareStatements(database);
			this.#replicas = new SqliteReplicas(database);
			this.#lastChange = this.#statements.lastChange.get()?.changed ?? 0;
		} catch (error) {
			this.#held.close();
			throw error;
		}
	}

	/** All commands in one transaction. On an error nothing was done. */
	commit(commands: readonly Command[]): Commit {
		const changed = this.#lastChange + 1;
		const gains: Gains = new Map();
		const commit = this.#held.database.transaction(() => {
			const outcomes = commands.map((command) =>
				command.kind === 'like' ? this.#like(command, gains) : this.#takeBack(command, gains),
			);
			for (const [video, byType] of gains) {
				for (const [type, [added, removed]] of byType) {
					this.#statements.raise.run({ video, type, added, removed, changed });
				}
			}
			return { outcomes, rows: this.read(commands.map(({ video }) => video)) };
		})();
		// Always that of a row: positions that go by it mean the same after the database was opened again.
		if (gains.size > 0) this.#lastChange = changed;
		return commit;
	}

	read(videos: readonly string[]): Map<string, LikesRows> {
		return new Map([...new Set(videos)].map((video) => [video, gather(this.#known(video))]));
	}

	changes(since: Position | undefined, limit: number): Changes {
		const walk = this.#walkFrom(since);
		const { all, changed } = this.#statements;
		const keys: readonly (RowKey | ChangeKey)[] =
			walk.kind === 'all' ? all.all({ ...walk, limit }) : changed.all({ ...walk, limit });
		const { rows, behind } = fillPage(keys, limit, (video) => gather(this.#ownCounts(video)));
		const next = { epoch: this.#epoch, at: formatWalk(reach(walk, behind)) };
		return { rows, next, more: behind !== undefined };
	}

	positions(): Map<string, Position> {
		return this.#replicas.positions();
	}

	replicate(region: string, rows: ReadonlyMap<string, LikesRows>, reached: Reached | undefined): void {
		refuseOwn(region, this.#region);
		try {
			this.#held.database.transaction(() => this.#replicas.replicate(region, rows, reached))();
		} finally {
			this.#replicas.refresh();
		}
	}

	close(): void {
		this.#held.close();
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

	#known(video: string): KnownCounts[] {
		return [...this.#ownCounts(video), ...this.#replicas.countsOf(video)];
	}

	#ownCounts(video: string): KnownCounts[] {
		const own = { region: this.#region, epoch: this.#epoch };
		const counts = this.#statements.totals.all(video).map((totals) => ({ ...own, ...totals }));
		return counts.length > 0 ? counts : [{ ...own, type: '', added: 0, removed: 0 }];
	}

	/** Where to go on. What this database cannot have said means from the beginning: it may be a copy from a backup. */
	#walkFrom(since: Position | undefined): OpenWalk {
		// Transactions come one after the other, so each is over before the next has a number.
		const now = String(this.#lastChange + 1);
		const { video: until } = this.#statements.lastVideo.get() ?? { video: null };
		const start = { floor: now, ceiling: now, until: until ?? '' };
		if (since?.epoch !== this.#epoch) return goOn(undefined, start);
		const walk = parseWalk(since.at);
		return goOn(walk !== undefined && Number(walk.floor) <= Number(now) ? walk : undefined, start);
	}
}

/** A page of a walk. */
type PageOf<Kind extends OpenWalk['kind']> = OpenWalk & { readonly kind: Kind; readonly limit: number };

function prepareStatements(database: Database) {
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
			`INSERT INTO totals (video, type, added, removed, changed) VALUES ($video, $type, $added, $removed, $changed)
			ON CONFLICT DO UPDATE SET
				added = added + excluded.added, removed = removed + excluded.removed, changed = excluded.changed`,
		),
		totals: database.prepare<[string], TotalsRow>('SELECT type, added, removed FROM totals WHERE video = ?'),
		lastChange: database.prepare<[], { changed: number | null }>('SELECT max(changed) AS changed FROM totals'),
		lastVideo: database.prepare<[], { video: string | null }>('SELECT max(video) AS video FROM totals'),
		all: database.prepare<[PageOf<'all'>], RowKey>(
			`SELECT video, type FROM totals WHERE (video, type) > ($video, $type) AND video <= $until
			ORDER BY video, type LIMIT $limit`,
		),
		changed: database.prepare<[PageOf<'changed'>], ChangeKey>(
			`SELECT CAST(t.changed AS TEXT) AS changed, video, type FROM totals AS t
			WHERE (t.changed, video, type) > (CAST($changed AS INTEGER), $video, $type)
				AND t.changed < CAST($ceiling AS INTEGER)
			ORDER BY t.changed, video, type LIMIT $limit`,
		),
	};
}
