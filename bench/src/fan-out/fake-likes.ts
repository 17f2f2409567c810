import { randomUUID } from 'node:crypto';
import type { RecentLike } from '@likewire/protocol';
import { type CounterRows, hashLikes } from '../../../gateway/src/state/counters.ts';
import { sampleOf } from '../../../gateway/src/state/sample.ts';
import type { Registration } from '../../../gateway/src/state/topics/registration.ts';
import { videoTopic } from '../../../gateway/src/state/topics/topic.ts';
import type { Update, Updates } from '../../../gateway/src/state/update.ts';
import { reactionAt } from '../load/like-load.ts';
import type { LoadRate } from './load-messages.ts';

/** The store that all fake Likes nodes share. */
export class FakeLikes {
	/** The topics; the hot topic first. */
	readonly topics: readonly string[];
	readonly #indexes: ReadonlyMap<string, number>;
	readonly #counts: Record<string, [added: number, removed: number]>[];
	readonly #known = new Map<string, Pick<Registration, 'hash' | 'revision'>>();
	#made = 0;

	constructor(videos: number) {
		this.topics = Array.from({ length: videos }, (_, index) => videoTopic(`bench-${index}`));
		this.#indexes = new Map(this.topics.map((topic, index) => [topic, index]));
		this.#counts = this.topics.map(() => ({}));
	}

	/** Returns the stored rows of a topic. */
	rows(topic: string): CounterRows {
		return this.#rowsAt(this.#indexes.get(topic) ?? -1);
	}

	/** Returns the registration of an up-to-date frontend, which never has a newer state than the dispatcher. */
	known(topic: string): Pick<Registration, 'hash' | 'revision'> {
		let known = this.#known.get(topic);
		if (known === undefined) {
			const rows = this.rows(topic);
			known = { hash: hashLikes(rows), revision: 0 };
			this.#known.set(topic, known);
		}
		return known;
	}

	/** Returns the stored rows of the topic with an index. */
	#rowsAt(index: number): CounterRows {
		const counts = Object.entries(this.#counts[index] ?? {}).map(([type, [...pair]]) => [type, pair] as const);
		return { local: { epoch: 1, counts: Object.fromEntries(counts) } };
	}

	/** Adds likes, and returns the updates that a Likes node publishes for their transaction. */
	add(count: number, hotShare: number): Updates {
		const likes = new Map<number, RecentLike[]>();
		const at = Date.now();
		for (let i = 0; i < count; i++) {
			const others = this.topics.length - 1;
			const index = others === 0 || Math.random() < hotShare ? 0 : 1 + Math.floor(Math.random() * others);
			const type = reactionAt(this.#made++);
			const counts = this.#counts[index] as Record<string, [number, number]>;
			counts[type] ??= [0, 0];
			counts[type][0]++;
			const like = { id: randomUUID(), user: `viewer-${this.#made % 100_000}`, type, at };
			const known = likes.get(index);
			if (known === undefined) likes.set(index, [like]);
			else known.push(like);
		}
		const updates = new Map<string, Update>();
		for (const [index, added] of likes) {
			const update = { rows: this.#rowsAt(index), complete: false, sample: sampleOf(added), at };
			const topic = this.topics[index] as string;
			this.#known.delete(topic);
			updates.set(topic, update);
		}
		return updates;
	}
}

/** Counts the likes that are due in each tick, so that inexact timers keep the rate. */
export class Due {
	readonly #rate: LoadRate;
	readonly #startedAt: number;
	#sent = 0;

	constructor(rate: LoadRate, now: number) {
		this.#rate = rate;
		this.#startedAt = now;
	}

	get hotShare(): number {
		return this.#rate.hotShare;
	}

	/** Returns the number of likes due since the last call. */
	take(now: number): number {
		const count = Math.floor(((now - this.#startedAt) / 1000) * this.#rate.perSecond) - this.#sent;
		this.#sent += count;
		return count;
	}
}
