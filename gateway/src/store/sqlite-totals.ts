import type { Database } from 'better-sqlite3';
import { type Counts, LIKED_AT } from '../delivery/likes.ts';
import type { KnownCounts } from './known-counts.ts';
import { commentsOf, isComment } from './subject.ts';

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

/** The totals of a store itself, in a SQLite database. */
export class SqliteTotals {
	readonly #region: string;
	readonly #epoch: number;
	readonly #statements: ReturnType<typeof prepareStatements>;

	constructor(database: Database, region: string, epoch: number) {
		this.#region = region;
		this.#epoch = epoch;
		this.#statements = prepareStatements(database);
	}

	/** How often something was added; undefined when never. */
	addedTo(subject: string, type: string): number | undefined {
		return this.#statements.addedTo.get(subject, type)?.added;
	}

	/** Whether this store has said that a video is over. */
	isEnded(video: string): boolean {
		return this.#statements.ended.get(video) !== undefined;
	}

	/** To be called within a transaction, whose number `changed` is. */
	raise(gains: Gains, changed: number): void {
		for (const { video, type, added, removed } of gains) {
			this.#statements.raise.run({ video, type, added, removed, changed });
		}
		for (const [video, at] of gains.likedAt) this.#statements.raiseLikedAt.run({ video, at, changed });
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
}

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
	};
}
