import type { Database } from 'better-sqlite3';
import { type Counts, LIKED_AT } from '../delivery/likes.ts';
import { gather, type KnownCounts } from './known-counts.ts';
import { fillPage } from './page.ts';
import type { Changes, Position } from './store.ts';
import { commentsOf, isComment } from './subject.ts';
import { type ChangeKey, formatWalk, goOn, type OpenWalk, parseWalk, type RowKey, reach } from './walk.ts';

interface TotalsRow {
	readonly type: string;
	readonly added: number;
	readonly removed: number;
}

/** What a transaction adds to the totals. */
export class Gains {
	readonly #bySubject = new Map<string, Map<string, [added: number, removed: number]>>();
	readonly #likedAt = new Map<string, number>();

	get isEmpty(): boolean {
		return this.#bySubject.size === 0;
	}

	add(subject: string, type: string, added: number, removed = 0): void {
		const byType = this.#bySubject.get(subject) ?? new Map<string, [number, number]>();
		const [a, r] = byType.get(type) ?? [0, 0];
		this.#bySubject.set(subject, byType.set(type, [a + added, r + removed]));
	}

	/** A like of a subject was given or taken back. Of comments it is noted when: see `LIKED_AT`. */
	addLike(subject: string, type: string, at: number, [added, removed]: Counts): void {
		this.add(subject, type, added, removed);
		if (isComment(subject)) this.#likedAt.set(subject, Math.max(at, this.#likedAt.get(subject) ?? 0));
	}

	/** When comments were liked last. */
	get likedAt(): Iterable<readonly [subject: string, at: number]> {
		return this.#likedAt;
	}

	/** How much was added to one of them. */
	addedTo(subject: string, type: string): number {
		return this.#bySubject.get(subject)?.get(type)?.[0] ?? 0;
	}

	*[Symbol.iterator](): Generator<{ video: string; type: string; added: number; removed: number }> {
		for (const [video, byType] of this.#bySubject) {
			for (const [type, [added, removed]] of byType) yield { video, type, added, removed };
		}
	}
}

/** The totals of a store itself, in a SQLite database, and what changed among them. */
export class SqliteTotals {
	readonly #region: string;
	readonly #epoch: number;
	readonly #statements: ReturnType<typeof prepareStatements>;
	/** The number of the last transaction that changed a row. */
	#lastChange: number;

	constructor(database: Database, region: string, epoch: number) {
		this.#region = region;
		this.#epoch = epoch;
		this.#statements = prepareStatements(database);
		this.#lastChange = this.#statements.lastChange.get()?.changed ?? 0;
	}

	/** How often something was added; undefined when never. */
	addedTo(subject: string, type: string): number | undefined {
		return this.#statements.addedTo.get(subject, type)?.added;
	}

	/** Whether this store has said that a video is over. */
	isEnded(video: string): boolean {
		return this.#statements.ended.get(video) !== undefined;
	}

	/** To be called within a transaction, and `raised` once that is durable. */
	raise(gains: Gains): void {
		const changed = this.#lastChange + 1;
		for (const { video, type, added, removed } of gains) {
			this.#statements.raise.run({ video, type, added, removed, changed });
		}
		for (const [video, at] of gains.likedAt) this.#statements.raiseLikedAt.run({ video, at, changed });
	}

	raised(gains: Gains): void {
		// Always that of a row: positions that go by it mean the same after the database was opened again.
		if (!gains.isEmpty) this.#lastChange++;
	}

	/** All of a video. */
	countsOf(video: string): KnownCounts[] {
		const own = { region: this.#region, epoch: this.#epoch };
		const counts = this.#statements.totals.all(video).map((totals) => ({ ...own, ...totals }));
		return counts.length > 0 ? counts : [{ ...own, type: '', added: 0, removed: 0 }];
	}

	/** The comments of a video that were liked last, here and in other regions. */
	likedOf(video: string, limit: number): string[] {
		return this.#statements.liked.all({ ...commentsOf(video), limit });
	}

	changes(since: Position | undefined, limit: number): Changes {
		const walk = this.#walkFrom(since);
		const { all, changed } = this.#statements;
		const keys: readonly (RowKey | ChangeKey)[] =
			walk.kind === 'all' ? all.all({ ...walk, limit }) : changed.all({ ...walk, limit });
		const { rows, behind } = fillPage(keys, limit, (video) => gather(this.countsOf(video)));
		const next = { epoch: this.#epoch, at: formatWalk(reach(walk, behind)) };
		return { rows, next, more: behind !== undefined };
	}

	/** Where to go on. What this database cannot have said means from the beginning: it may be a copy from a backup. */
	#walkFrom(since: Position | undefined): OpenWalk {
		// Transactions come one after the other, so each is over before the next has a number.
		const now = String(this.#lastChange + 1);
		const { video: until } = this.#statements.lastVideo.get() ?? { video: null };
		const start = { floor: now, ceiling: now, until: until ?? '' };
		// mutant: begins-after-restore
		if (since?.epoch !== this.#epoch) return goOn(undefined, start);
		const walk = parseWalk(since.at);
		return goOn(walk !== undefined && Number(walk.floor) <= Number(now) ? walk : undefined, start);
	}
}

/** A page of a walk. */
type PageOf<Kind extends OpenWalk['kind']> = OpenWalk & { readonly kind: Kind; readonly limit: number };

function prepareStatements(database: Database) {
	return {
		addedTo: database.prepare<[string, string], { added: number }>(
			'SELECT added FROM totals WHERE video = ? AND type = ?',
		),
		// Asked for with every batch of likes: an index of those that are over alone has mostly nothing in it.
		ended: database
			.prepare<[string], number>("SELECT 1 FROM totals INDEXED BY totals_of_ended WHERE video = ? AND type = ':ended'")
			.pluck(),
		raise: database.prepare(
			`INSERT INTO totals (video, type, added, removed, changed) VALUES ($video, $type, $added, $removed, $changed)
			ON CONFLICT DO UPDATE SET
				added = added + excluded.added, removed = removed + excluded.removed, changed = excluded.changed`,
		),
		raiseLikedAt: database.prepare(
			`INSERT INTO totals (video, type, added, removed, changed) VALUES ($video, '${LIKED_AT}', $at, 0, $changed)
			ON CONFLICT DO UPDATE SET added = max(added, excluded.added), changed = excluded.changed`,
		),
		liked: database
			.prepare<[{ readonly low: string; readonly high: string; readonly limit: number }], string>(
				`SELECT video FROM (
					SELECT video, added FROM totals INDEXED BY totals_of_liked
					WHERE type = '${LIKED_AT}' AND video > $low AND video < $high
					UNION ALL
					SELECT video, added FROM replicas INDEXED BY replicas_of_liked
					WHERE type = '${LIKED_AT}' AND video > $low AND video < $high
				) GROUP BY video ORDER BY max(added) DESC, video LIMIT $limit`,
			)
			.pluck(),
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
