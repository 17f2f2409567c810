import type { Registration } from '../../state/topics/registration.ts';
import { followedTopic } from '../../state/topics/topic.ts';
import type { Updates } from '../../state/update.ts';
import type { LogPage } from '../../store/log-store.ts';
import { degradationOf, type LoadLevel, type LoadSigns } from '../load/load-level.ts';
import type { Registered } from '../subscriptions/subscription-sync.ts';
import type { Fetch } from './log-sequencer.ts';
import { createLogSupply, type LogSupply } from './log-supply.ts';
import { Topic, type TopicOptions } from './topic.ts';

/** How long a topic that no viewer follows any more is kept, in milliseconds: viewers who reload find it warm. */
export const TOPIC_LINGER_MS = 10_000;

/** Guests name no further topics while this many are kept that no viewer follows. */
export const MAX_IDLE_TOPICS = 10_000;

export interface TopicTableOptions extends TopicOptions {
	/** The count of a topic changed, or the topic came or went: a dispatcher has to know. */
	readonly onCount: (topic: string) => void;
	/** What logs are fetched from, and what that may take; by default a store that lives. */
	readonly supply?: LogSupply;
}

/** Events of a topic's log, which the store is asked for. */
export interface TopicFetch {
	readonly topic: string;
	readonly fetch: Fetch;
}

/** The topics that viewers of this node follow, and those that they left not long ago. Deterministic. */
export class TopicTable implements Registered {
	readonly #options: TopicTableOptions;
	readonly #topics = new Map<string, Topic>();
	/** Topics that have something to send. */
	readonly #busy = new Set<Topic>();
	/** What is left out at present; all topics look at it. */
	readonly #pace = { degradation: degradationOf(0) };
	readonly #supply: LogSupply;
	/** Topics that no viewer follows: those at the last tick, and those that guests named since. */
	#idle = 0;
	#shed = 0;

	constructor(options: TopicTableOptions) {
		this.#options = options;
		this.#supply = options.supply ?? createLogSupply();
	}

	get size(): number {
		return this.#topics.size;
	}

	/** A topic; it is kept from now on. */
	open(name: string): Topic {
		const known = this.#topics.get(name);
		if (known !== undefined) return known;
		const topic = new Topic(name, this.#options, this.#pace, this.#supply);
		this.#topics.set(name, topic);
		return topic;
	}

	/** Whether there is room for topics that a guest names and no viewer follows. */
	get hasRoomForGuests(): boolean {
		return this.#idle < MAX_IDLE_TOPICS;
	}

	/** Keeps a topic for a guest, for as long as one that viewers left. */
	visit(name: string, now: number): Topic {
		const isKnown = this.#topics.has(name);
		const topic = this.open(name);
		if (!isKnown) {
			this.#idle++;
			this.#options.onCount(name);
		}
		if (topic.viewerCount === 0) topic.idleSince = now;
		return topic;
	}

	/** Looks at a topic in the next run. */
	stir(topic: Topic): void {
		this.#busy.add(topic);
	}

	/** A viewer who polls comes to a topic, or leaves it. */
	countPolling(name: string, change: 1 | -1, now: number): void {
		const topic = this.open(name);
		topic.pollingCount += change;
		topic.idleSince = topic.viewerCount === 0 ? now : undefined;
		this.#options.onCount(name);
	}

	/** Takes updates of a dispatcher. Those of topics that no viewer follows here are late, and dropped. */
	deliver(updates: Updates): void {
		for (const [name, update] of updates) {
			const followed = followedTopic(name);
			const topic = this.#topics.get(followed);
			if (topic === undefined) continue;
			if (followed === name) topic.merge(update);
			else topic.mergeComment(name, update);
			this.#busy.add(topic);
		}
	}

	/** Sends viewers what is due, to at most `budget` of them; returns when it wants to run next. */
	run(now: number, budget: number): number | undefined {
		let left = budget;
		let next: number | undefined;
		for (const topic of this.#busy) {
			left = topic.run(now, left);
			const { dueAt } = topic;
			if (dueAt === undefined) {
				this.#busy.delete(topic);
				continue;
			}
			if (next === undefined || dueAt < next) next = dueAt;
			if (left > 0) continue;
			// To the end of the set: a large topic does not keep the others waiting.
			this.#busy.delete(topic);
			this.#busy.add(topic);
			break;
		}
		return next;
	}

	/** What to fetch from the store now; each must come back in `fetched` or `fetchFailed`. */
	takeFetches(now: number): TopicFetch[] {
		const fetches: TopicFetch[] = [];
		for (const topic of this.#busy) {
			for (const fetch of topic.takeFetches(now)) fetches.push({ topic: topic.name, fetch });
		}
		return fetches;
	}

	/** The store answered. */
	fetched({ topic: name, fetch }: TopicFetch, page: LogPage, now: number): void {
		const topic = this.#topics.get(name);
		if (topic === undefined) return;
		topic.fetched(fetch, page, now);
		this.#busy.add(topic);
	}

	/** The store did not answer. */
	fetchFailed({ topic: name, fetch }: TopicFetch, now: number): void {
		const topic = this.#topics.get(name);
		if (topic === undefined) return;
		topic.fetchFailed(fetch, now);
		this.#busy.add(topic);
	}

	registration(name: string): Registration | undefined {
		const topic = this.#topics.get(name);
		if (topic === undefined) return undefined;
		const { viewerCount: count, hash, revision, unread } = topic;
		return { topic: name, count, hash, revision, ...(unread.length > 0 && { unread }) };
	}

	topicNames(): Iterable<string> {
		return this.#topics.keys();
	}

	/** Signals that were left out so far. */
	get shed(): number {
		return this.#shed;
	}

	/** The longest that a pass over the viewers of a topic took since this was last asked. */
	takeSigns(): Pick<LoadSigns, 'newsAgeMs'> {
		let newsAgeMs = 0;
		for (const topic of this.#topics.values()) {
			newsAgeMs = Math.max(newsAgeMs, topic.takeLongestPass());
			this.#shed += topic.takeShed();
		}
		return { newsAgeMs };
	}

	/** Leaves out as much as the level says from now on. */
	setLevel(level: LoadLevel): void {
		const { shedsSignals } = this.#pace.degradation;
		this.#pace.degradation = degradationOf(level);
		// Signals that were kept may wait.
		if (shedsSignals) for (const topic of this.#topics.values()) this.#busy.add(topic);
	}

	/** Forgets topics to which no viewer came back in time. */
	tick(now: number): void {
		this.#idle = 0;
		for (const topic of this.#topics.values()) {
			if (topic.idleSince === undefined) continue;
			if (now - topic.idleSince >= TOPIC_LINGER_MS) this.#close(topic);
			else this.#idle++;
		}
	}

	/** Forgets all topics that no viewer follows. */
	closeIdle(): void {
		for (const topic of this.#topics.values()) if (topic.idleSince !== undefined) this.#close(topic);
	}

	#close(topic: Topic): void {
		this.#topics.delete(topic.name);
		topic.close();
		this.#busy.delete(topic);
		this.#options.onCount(topic.name);
	}
}
