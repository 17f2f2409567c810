import { CommentLikes } from '../../state/comment-likes.ts';
import { knowledgeOf, mergeLikes, NO_LIKES } from '../../state/counters.ts';
import { keptOf, mergeValues } from '../../state/registers.ts';
import type { Registration, Registrations } from '../../state/topics/registration.ts';
import { followedTopic } from '../../state/topics/topic.ts';
import { hashState, type Known, mergeUpdates, type Update } from '../../state/update.ts';

/** The lifetime of a row that its frontend does not renew, in milliseconds. */
export const ROW_LIFETIME_MS = 30_000;

/**
 * The least time between two answers with the state of a topic to one frontend, in milliseconds. The
 * hash of a topic that changes all the time differs in every message, and a frontend sends a message
 * whenever viewers join and leave.
 */
export const ANSWER_PERIOD_MS = 5_000;

/** A frontend with viewers of a topic. */
interface Row {
	count: number;
	incarnation: number;
	seq: number;
	expiresAt: number;
	/** When the owner last answered with a state, because the hash differed. */
	answeredAt: number;
}

/** A topic with its rows and its state. Dropped with its last row. */
interface Entry {
	readonly rows: Map<string, Row>;
	/** The names of the frontends in `rows`, in order; undefined after a change of the rows. */
	audience: string | undefined;
	/** Without samples and events: only frontends that join later receive the state. */
	state: Update;
	/** The likes of its comments, whose topics go to the same frontends. */
	readonly comments: CommentLikes;
	/** The hash of the state and of the likes of comments; undefined after a change of them. */
	hash: number | undefined;
}

/** The result of the registrations of a frontend. */
export interface Answer {
	/** The states that the frontend does not have. */
	readonly updates: ReadonlyMap<string, Update>;
	/** Topics to read from the store, because their state is not complete. */
	readonly reads: readonly string[];
	/** Topics with known likes and a state that differs: the frontend may have registers of another owner. */
	readonly mismatched: readonly string[];
}

const NOTHING_KNOWN: Update = { rows: NO_LIKES, complete: false, sample: [], at: 0 };

/**
 * The frontends with viewers of each topic, and the merged state of these topics. Soft state:
 * frontends renew their rows with digests, and a row without a renewal expires. Deterministic; `now`
 * is the monotonic clock of the owner.
 */
export class SubscriptionTable {
	readonly #entries = new Map<string, Entry>();
	readonly #topicsOf = new Map<string, Set<string>>();
	#rowCount = 0;
	#recounted = new Set<string>();

	/** The number of topics with rows. */
	get topicCount(): number {
		return this.#entries.size;
	}

	/** The number of rows. */
	get rowCount(): number {
		return this.#rowCount;
	}

	has(topic: string): boolean {
		return this.#entries.has(followedTopic(topic));
	}

	/** Returns the state of a topic; undefined when no frontend follows it. */
	state(topic: string): Update | undefined {
		const followed = followedTopic(topic);
		const entry = this.#entries.get(followed);
		return followed === topic ? entry?.state : entry?.comments.state(topic);
	}

	topics(): Iterable<string> {
		return this.#entries.keys();
	}

	/** Returns the frontends that follow a topic. */
	frontends(topic: string): Iterable<string> {
		return this.#entries.get(followedTopic(topic))?.rows.keys() ?? [];
	}

	/** Returns a text that names the frontends that follow a topic: the same text for the same frontends. */
	audience(topic: string): string {
		const entry = this.#entries.get(followedTopic(topic));
		if (entry === undefined) return '';
		entry.audience ??= [...entry.rows.keys()].sort().join();
		return entry.audience;
	}

	/** Returns the number of connections that follow the topic, over all frontends. */
	viewers(topic: string): number {
		let sum = 0;
		for (const { count } of this.#entries.get(topic)?.rows.values() ?? []) sum += count;
		return sum;
	}

	/** Returns the topics whose viewers changed since the last call, also topics without a row by now. */
	takeRecounted(): ReadonlySet<string> {
		const recounted = this.#recounted;
		this.#recounted = new Set();
		return recounted;
	}

	/** Registers the topics of a frontend. Returns what the frontend does not have, and the topics to read. */
	subscribe(message: Registrations, now: number): Answer {
		const updates = new Map<string, Update>();
		const reads: string[] = [];
		const mismatched: string[] = [];
		for (const registration of message.topics) {
			const { topic, hash, revision, unread = [] } = registration;
			const { entry, row } = this.#register(message, registration, now);
			const { state } = entry;
			// Every frontend of a topic sends its hash, and the state seldom changes between two of them.
			entry.hash ??= (hashState(state) ^ entry.comments.hash) >>> 0;
			const isAnswered = hash !== undefined && now - row.answeredAt < ANSWER_PERIOD_MS;
			if (state.complete && /* mutant: compares-digests */ entry.hash !== hash && !isAnswered) {
				updates.set(topic, state);
				for (const [comment, likes] of entry.comments.newest()) updates.set(comment, likes);
				if (hash !== undefined) {
					row.answeredAt = now;
					if (revision === knowledgeOf(state.rows)) mismatched.push(topic);
				}
			}
			// A flood may have reached the frontend and not this owner: then only the store has the update.
			if (!state.complete || revision > knowledgeOf(state.rows)) reads.push(topic);
			for (const comment of unread) {
				const likes = entry.comments.state(comment);
				if (likes?.complete) updates.set(comment, likes);
				else if (followedTopic(comment) === topic) reads.push(comment);
			}
		}
		for (const topic of message.dropped) this.#dropBefore(message, topic, message.seq);
		const { digestSince } = message;
		if (digestSince !== undefined) {
			for (const topic of [...(this.#topicsOf.get(message.frontend) ?? [])]) {
				this.#dropBefore(message, topic, digestSince);
			}
		}
		return { updates, reads, mismatched };
	}

	/** Returns whether the topic has a complete state that contains all of this. */
	knows(topic: string, { rows, values }: Known): boolean {
		const state = this.state(topic);
		if (!state?.complete) return false;
		return mergeLikes(state.rows, rows) === state.rows && mergeValues(state.values, values) === state.values;
	}

	/**
	 * Merges an update into the state of a topic that a frontend follows. Returns the topics whose state
	 * is complete only after a read of the store.
	 */
	merge(topic: string, update: Update): readonly string[] {
		const followed = followedTopic(topic);
		const entry = this.#entries.get(followed);
		if (entry === undefined) return [];
		if (followed !== topic) {
			if (entry.comments.merge(topic, update) === undefined) return [];
			entry.hash = undefined;
			return entry.comments.state(topic)?.complete ? [] : [topic];
		}
		const kept = keptOf(update.values);
		const lasting: Update = { ...update, sample: [], log: undefined, values: kept };
		const { rows, complete, at, values } = mergeUpdates(entry.state, lasting);
		if (rows !== entry.state.rows || values !== entry.state.values) entry.hash = undefined;
		const unread = rows === entry.state.rows ? [] : entry.comments.raise(rows);
		entry.state = { rows, complete, sample: [], at, ...(values && { values }) };
		return unread;
	}

	/** Drops the state of some topics and keeps their rows; the caller must read the state again. */
	forget(isForgotten: (topic: string) => boolean): void {
		for (const [topic, entry] of this.#entries) {
			if (!isForgotten(topic)) continue;
			entry.state = NOTHING_KNOWN;
			entry.hash = undefined;
		}
	}

	/** Drops the rows whose lifetime is over. */
	expire(now: number): void {
		for (const [topic, { rows }] of this.#entries) {
			for (const [frontend, row] of rows) if (row.expiresAt <= now) this.#drop(frontend, topic);
		}
	}

	/** Drops all rows of a frontend; with `before`, only the rows of earlier incarnations. */
	dropFrontend(frontend: string, before = Number.POSITIVE_INFINITY): void {
		for (const topic of [...(this.#topicsOf.get(frontend) ?? [])]) {
			const row = this.#entries.get(topic)?.rows.get(frontend);
			if (row !== undefined && row.incarnation < before) this.#drop(frontend, topic);
		}
	}

	#register({ frontend, incarnation, seq }: Registrations, { topic, count }: Registration, now: number) {
		const entry: Entry = this.#entries.get(topic) ?? {
			rows: new Map<string, Row>(),
			audience: undefined,
			// mutant: begins-incomplete
			state: NOTHING_KNOWN,
			comments: new CommentLikes(),
			hash: undefined,
		};
		const known = entry.rows.get(frontend);
		const expiresAt = now + ROW_LIFETIME_MS;
		if (known !== undefined) {
			if (!isBefore(known, incarnation, seq)) return { entry, row: known };
			if (known.count !== count) this.#recounted.add(topic);
			// In place, since a digest renews thousands of rows.
			Object.assign(known, { count, incarnation, seq, expiresAt });
			return { entry, row: known };
		}
		const row: Row = { count, incarnation, seq, expiresAt, answeredAt: Number.NEGATIVE_INFINITY };
		this.#rowCount++;
		entry.audience = undefined;
		entry.rows.set(frontend, row);
		this.#entries.set(topic, entry);
		const topics = this.#topicsOf.get(frontend);
		if (topics === undefined) this.#topicsOf.set(frontend, new Set([topic]));
		else topics.add(topic);
		this.#recounted.add(topic);
		return { entry, row };
	}

	#dropBefore({ frontend, incarnation }: Registrations, topic: string, seq: number): void {
		const row = this.#entries.get(topic)?.rows.get(frontend);
		if (row !== undefined && /* mutant: drops-older-row */ isBefore(row, incarnation, seq)) this.#drop(frontend, topic);
	}

	#drop(frontend: string, topic: string): void {
		const entry = this.#entries.get(topic);
		if (entry?.rows.delete(frontend)) {
			this.#rowCount--;
			entry.audience = undefined;
		}
		if (entry?.rows.size === 0) this.#entries.delete(topic);
		const topics = this.#topicsOf.get(frontend);
		topics?.delete(topic);
		if (topics?.size === 0) this.#topicsOf.delete(frontend);
		this.#recounted.add(topic);
	}
}

/** Returns whether a row is older than a message of this incarnation and number. */
function isBefore(row: Row, incarnation: number, seq: number): boolean {
	return row.incarnation < incarnation || (row.incarnation === incarnation && row.seq < seq);
}
