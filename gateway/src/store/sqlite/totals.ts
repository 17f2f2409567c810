import type { Database } from 'better-sqlite3';
import type { Counts } from '../../state/counters.ts';
import { commentTopics, idOf, kindOf } from '../../state/topics/topic.ts';
import { type KnownCount, type KnownTopic, ofEpoch } from '../counter-rows.ts';

/** The row of a topic, joined with a counter if it has one. */
interface TopicAndCount extends Omit<KnownTopic, 'region' | 'epoch'> {
	readonly type: string | null;
	readonly added: number;
	readonly removed: number;
}

type MutableCounts = [added: number, removed: number];

/** The changes of a transaction to one topic. */
interface TopicIncrement {
	readonly isVideo: boolean;
	/** The given and taken back likes by Unix second and type; those of a comment have the second 0. */
	readonly seconds: Map<number, Map<string, MutableCounts>>;
	/** The number of added events. */
	events: number;
	/** 0 for never. */
	endedAt: number;
	likedAt: number;
}

/** The changes of a transaction to the totals, by topic. */
export class Increments {
	readonly #byTopic = new Map<string, TopicIncrement>();

	get isEmpty(): boolean {
		return this.#byTopic.size === 0;
	}

	/**
	 * Adds a given or taken back like, which counts at a Unix second.
	 *
	 * For a comment, the time of the last like changes, too.
	 */
	addLike(topic: string, second: number, type: string, at: number, [added, removed]: Counts): void {
		const increment = this.#of(topic);
		const { isVideo, seconds } = increment;
		const key = isVideo ? second : 0;
		let counts = seconds.get(key);
		if (counts === undefined) {
			counts = new Map();
			seconds.set(key, counts);
		}
		const sums = counts.get(type);
		if (sums === undefined) counts.set(type, [added, removed]);
		else {
			sums[0] += added;
			sums[1] += removed;
		}
		if (!isVideo) increment.likedAt = Math.max(at, increment.likedAt);
	}

	/** Adds an event, and returns the number of added events of the topic. */
	addEvent(topic: string): number {
		return ++this.#of(topic).events;
	}

	/** Adds the end of a video. */
	addEnd(topic: string, at: number): void {
		this.#of(topic).endedAt = at;
	}

	isEnded(topic: string): boolean {
		return (this.#byTopic.get(topic)?.endedAt ?? 0) > 0;
	}

	[Symbol.iterator](): Iterator<[topic: string, increment: TopicIncrement]> {
		return this.#byTopic.entries();
	}

	#of(topic: string): TopicIncrement {
		let increment = this.#byTopic.get(topic);
		if (increment === undefined) {
			increment = { isVideo: kindOf(topic) === 'video', seconds: new Map(), events: 0, endedAt: 0, likedAt: 0 };
			this.#byTopic.set(topic, increment);
		}
		return increment;
	}
}

/** The totals of the store's own region, in a SQLite database. */
export class SqliteTotals {
	readonly #region: string;
	readonly #epoch: number;
	readonly #statements: ReturnType<typeof prepareStatements>;

	constructor(database: Database, region: string, epoch: number) {
		this.#region = region;
		this.#epoch = epoch;
		this.#statements = prepareStatements(database);
	}

	logHead(topic: string): number {
		return this.#statements.logHead.get(topic) ?? 0;
	}

	/** Returns whether this store ended a video. */
	isEnded(topic: string): boolean {
		return this.#statements.ended.get(topic) !== undefined;
	}

	/** Adds increments to the totals within the transaction with the number `changed`. */
	raise(increments: Increments, changed: number): void {
		const { raise, noteEnding, count, countSecond } = this.#statements;
		for (const [topic, { isVideo, seconds, events, endedAt, likedAt }] of increments) {
			raise.run(topic, changed, events, endedAt, likedAt);
			if (endedAt > 0) noteEnding.run(endedAt, topic);
			for (const [type, [added, removed]] of countsOf(seconds)) count.run(topic, type, added, removed);
			if (!isVideo) continue;
			// mutant: counts-seconds
			for (const [second, counts] of seconds) {
				for (const [type, [added, removed]] of counts) countSecond.run(topic, second, type, added, removed);
			}
		}
	}

	/** Returns the own row and counters of a topic. */
	of(topic: string): { readonly topic: KnownTopic; readonly counts: KnownCount[] } {
		const own = ofEpoch(this.#region, this.#epoch);
		const { region, epoch } = own;
		const rows = this.#statements.of.all(topic);
		const [marks] = rows;
		const counts = rows.flatMap(({ type, added, removed }) =>
			type === null ? [] : { region, epoch, type, added, removed },
		);
		if (marks === undefined) return { topic: own, counts };
		const { logHead, endedAt, likedAt } = marks;
		return { topic: { region, epoch, logHead, endedAt, likedAt }, counts };
	}

	/** Returns the topics of the most recently liked comments of a video, in all regions. */
	likedOf(video: string, limit: number): string[] {
		return this.#statements.liked.all({ ...commentTopics(idOf(video)), limit });
	}
}

/** Returns the sums over all seconds, by type. */
function countsOf(seconds: TopicIncrement['seconds']): ReadonlyMap<string, Counts> {
	const [first = NO_COUNTS, ...others] = seconds.values();
	if (others.length === 0) return first;
	const sums = new Map<string, Counts>(first);
	for (const counts of others) {
		for (const [type, [added, removed]] of counts) {
			const [a, r] = sums.get(type) ?? [0, 0];
			sums.set(type, [a + added, r + removed]);
		}
	}
	return sums;
}

const NO_COUNTS: ReadonlyMap<string, Counts> = new Map();

function prepareStatements(database: Database) {
	return {
		logHead: database.prepare<[string], number>('SELECT log_head FROM topics WHERE topic = ?').pluck(),
		// Each batch of likes runs this query: an index of ended videos only is nearly empty.
		ended: database
			.prepare<[string], number>('SELECT 1 FROM topics INDEXED BY topics_of_ended WHERE topic = ? AND ended_at > 0')
			.pluck(),
		of: database.prepare<[string], TopicAndCount>(
			`SELECT log_head AS logHead, ended_at AS endedAt, liked_at AS likedAt, type, added, removed
			FROM topics LEFT JOIN counters USING (topic) WHERE topic = ?`,
		),
		// Parameters by position, as in the next one, are faster than by name, and a batch may run hundreds of these.
		raise: database.prepare<[string, number, number, number, number]>(
			`INSERT INTO topics (topic, changed, log_head, ended_at, liked_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET
				changed = excluded.changed, log_head = log_head + excluded.log_head,
				ended_at = max(ended_at, excluded.ended_at), liked_at = max(liked_at, excluded.liked_at)`,
		),
		count: database.prepare<[string, string, number, number]>(
			`INSERT INTO counters (topic, type, added, removed) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET added = added + excluded.added, removed = removed + excluded.removed`,
		),
		countSecond: database.prepare<[string, number, string, number, number]>(
			`INSERT INTO timeline (topic, second, type, added, removed) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET added = added + excluded.added, removed = removed + excluded.removed`,
		),
		noteEnding: database.prepare('INSERT INTO endings (at, topic) VALUES (?, ?) ON CONFLICT DO NOTHING'),
		liked: database
			.prepare<[{ readonly low: string; readonly high: string; readonly limit: number }], string>(
				`SELECT topic FROM (
					SELECT topic, liked_at FROM topics WHERE topic > $low AND topic < $high AND liked_at > 0
					UNION ALL
					SELECT topic, liked_at FROM remote_topics WHERE topic > $low AND topic < $high AND liked_at > 0
				) GROUP BY topic ORDER BY max(liked_at) DESC, topic LIMIT $limit`,
			)
			.pluck(),
	};
}
