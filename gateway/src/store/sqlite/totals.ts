import type { Database } from 'better-sqlite3';
import type { Counts } from '../../state/counters.ts';
import { commentTopics, idOf, kindOf } from '../../state/topics/topic.ts';
import { type KnownCount, type KnownTopic, ofEpoch } from '../counter-rows.ts';

/** A counter of a topic, if it has one, beside what else is known of it. */
interface TopicAndCount extends Omit<KnownTopic, 'region' | 'epoch'> {
	readonly type: string | null;
	readonly added: number;
	readonly removed: number;
}

/** What a transaction adds to what is known of a topic. */
interface Gain {
	readonly counts: Map<string, Counts>;
	/** Events of the log. */
	events: number;
	/** 0 for never. */
	endedAt: number;
	likedAt: number;
}

/** What a transaction adds to the totals, by topic. */
export class Increments {
	readonly #byTopic = new Map<string, Gain>();

	get isEmpty(): boolean {
		return this.#byTopic.size === 0;
	}

	/** A like was given or taken back. Of comments it is noted when. */
	addLike(topic: string, type: string, at: number, [added, removed]: Counts): void {
		const gain = this.#of(topic);
		const [a, r] = gain.counts.get(type) ?? [0, 0];
		gain.counts.set(type, [a + added, r + removed]);
		if (kindOf(topic) === 'comment') gain.likedAt = Math.max(at, gain.likedAt);
	}

	/** Returns how many events the log has gained. */
	addEvent(topic: string): number {
		return ++this.#of(topic).events;
	}

	/** The video ended. */
	addEnd(topic: string, at: number): void {
		this.#of(topic).endedAt = at;
	}

	isEnded(topic: string): boolean {
		return (this.#byTopic.get(topic)?.endedAt ?? 0) > 0;
	}

	[Symbol.iterator](): Iterator<[topic: string, gain: Gain]> {
		return this.#byTopic.entries();
	}

	#of(topic: string): Gain {
		let gain = this.#byTopic.get(topic);
		if (gain === undefined) {
			gain = { counts: new Map(), events: 0, endedAt: 0, likedAt: 0 };
			this.#byTopic.set(topic, gain);
		}
		return gain;
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

	/** How many events the log of a topic has. */
	logHead(topic: string): number {
		return this.#statements.logHead.get(topic) ?? 0;
	}

	/** Whether this store has said that a video is over. */
	isEnded(topic: string): boolean {
		return this.#statements.ended.get(topic) !== undefined;
	}

	/** To be called within a transaction, whose number `changed` is. */
	raise(increments: Increments, changed: number): void {
		for (const [topic, { counts, events, endedAt, likedAt }] of increments) {
			this.#statements.raise.run(topic, changed, events, endedAt, likedAt);
			if (endedAt > 0) this.#statements.noteEnding.run(endedAt, topic);
			for (const [type, [added, removed]] of counts) this.#statements.count.run(topic, type, added, removed);
		}
	}

	/** All of a topic. */
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

	/** The comments of a video that were liked last, here and in other regions, by topic. */
	likedOf(video: string, limit: number): string[] {
		return this.#statements.liked.all({ ...commentTopics(idOf(video)), limit });
	}
}

function prepareStatements(database: Database) {
	return {
		logHead: database.prepare<[string], number>('SELECT log_head FROM topics WHERE topic = ?').pluck(),
		// Asked for with every batch of likes: an index of those that are over alone has mostly nothing in it.
		ended: database
			.prepare<[string], number>('SELECT 1 FROM topics INDEXED BY topics_of_ended WHERE topic = ? AND ended_at > 0')
			.pluck(),
		of: database.prepare<[string], TopicAndCount>(
			`SELECT log_head AS logHead, ended_at AS endedAt, liked_at AS likedAt, type, added, removed
			FROM topics LEFT JOIN counters USING (topic) WHERE topic = ?`,
		),
		// Bound by position, as the next one: by name it takes longer, and there may be hundreds in a batch.
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
