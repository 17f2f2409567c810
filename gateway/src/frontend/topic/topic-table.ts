import type { Registration } from '../../state/topics/registration.ts';
import { followedTopic } from '../../state/topics/topic.ts';
import type { Updates } from '../../state/update.ts';
import type { LogPage } from '../../store/log-store.ts';
import { degradationOf, type LoadLevel, type LoadSigns } from '../load/load-level.ts';
import type { Registered } from '../subscriptions/subscription-sync.ts';
import type { Fetch } from './log-sequencer.ts';
import { createLogSupply, type LogSupply } from './log-supply.ts';
import { Topic, type TopicOptions } from './topic.ts';

/**
 * How long a topic without viewers is kept, in milliseconds, so that viewers that reload find its
 * state.
 */
export const TOPIC_LINGER_MS = 10_000;

/** The most topics without viewers; beyond it the node refuses polls. */
export const MAX_IDLE_TOPICS = 10_000;

export interface TopicTableOptions extends TopicOptions {
	/** Takes a topic whose number of viewers changed, or that came or went, for the dispatcher. */
	readonly onCount: (topic: string) => void;
	/** Takes a topic whose state may have changed, for the next digest; nothing by default. */
	readonly onState?: (topic: string) => void;
	/** The store for log events, and the memory for them; by default a store that lives. */
	readonly supply?: LogSupply;
}

/** A read of events of the log of a topic. */
export interface TopicFetch {
	readonly topic: string;
	readonly fetch: Fetch;
}

/** The topics that viewers of this node follow, or left less than 10 s ago. Deterministic. */
export class TopicTable implements Registered {
	readonly #options: TopicTableOptions;
	readonly #topics = new Map<string, Topic>();
	/** Topics with something to send. */
	readonly #busy = new Set<Topic>();
	/** What all topics leave out now. */
	readonly #load = { degradation: degradationOf(0) };
	readonly #supply: LogSupply;
	/** Topics without viewers: the number at the last tick, plus those that polls named since. */
	#idle = 0;
	#shed = 0;

	constructor(options: TopicTableOptions) {
		this.#options = options;
		this.#supply = options.supply ?? createLogSupply();
	}

	get size(): number {
		return this.#topics.size;
	}

	/** Returns a topic, and keeps it from now on. */
	open(name: string): Topic {
		const known = this.#topics.get(name);
		if (known !== undefined) return known;
		const topic = new Topic(name, this.#options, this.#load, this.#supply);
		this.#topics.set(name, topic);
		return topic;
	}

	/** Whether the node keeps few enough topics without viewers to take a poll. */
	get hasRoomForGuests(): boolean {
		return this.#idle < MAX_IDLE_TOPICS;
	}

	/** Returns a topic for a poll, and keeps it as long as one that its viewers left. */
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

	/** Runs a topic in the next run. */
	stir(topic: Topic): void {
		this.#busy.add(topic);
	}

	/** Takes a polling viewer that joined a topic, or left it. */
	countPolling(name: string, change: 1 | -1, now: number): void {
		const topic = this.open(name);
		topic.pollingCount += change;
		topic.idleSince = topic.viewerCount === 0 ? now : undefined;
		this.#options.onCount(name);
	}

	/** Takes updates of a dispatcher. Drops late ones of topics that no viewer follows. */
	deliver(updates: Updates): void {
		for (const [name, update] of updates) {
			const followed = followedTopic(name);
			const topic = this.#topics.get(followed);
			if (topic === undefined) continue;
			if (followed === name) topic.merge(update);
			else topic.mergeComment(name, update);
			this.#options.onState?.(followed);
			this.#busy.add(topic);
		}
	}

	/** Sends viewers what is due, at most `budget` of them; returns the time of the next run. */
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
			// Moves to the end of the set, so that a large topic does not delay the others.
			this.#busy.delete(topic);
			this.#busy.add(topic);
			break;
		}
		return next;
	}

	/**
	 * Returns what to fetch from the store now. The caller reports each outcome with `fetched` or
	 * `fetchFailed`.
	 */
	takeFetches(now: number): TopicFetch[] {
		const fetches: TopicFetch[] = [];
		for (const topic of this.#busy) {
			for (const fetch of topic.takeFetches(now)) fetches.push({ topic: topic.name, fetch });
		}
		return fetches;
	}

	/** Takes events from the store. */
	fetched({ topic: name, fetch }: TopicFetch, page: LogPage, now: number): void {
		const topic = this.#topics.get(name);
		if (topic === undefined) return;
		topic.fetched(fetch, page, now);
		this.#busy.add(topic);
	}

	/** Takes the failure of a read. */
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

	/** Signals left out since the start. */
	get shed(): number {
		return this.#shed;
	}

	/** Returns the longest pass over the viewers of a topic since the last call. */
	takeSigns(): Pick<LoadSigns, 'updateAgeMs'> {
		let updateAgeMs = 0;
		for (const topic of this.#topics.values()) {
			updateAgeMs = Math.max(updateAgeMs, topic.takeLongestPass());
			this.#shed += topic.takeShed();
		}
		return { updateAgeMs };
	}

	/** Leaves out what the level says from now on. */
	setLevel(level: LoadLevel): void {
		const { shedsSignals } = this.#load.degradation;
		this.#load.degradation = degradationOf(level);
		// Kept signals may wait.
		if (shedsSignals) for (const topic of this.#topics.values()) this.#busy.add(topic);
	}

	/** Closes topics that had no viewer for {@link TOPIC_LINGER_MS}. */
	tick(now: number): void {
		this.#idle = 0;
		for (const topic of this.#topics.values()) {
			if (topic.idleSince === undefined) continue;
			if (now - topic.idleSince >= TOPIC_LINGER_MS) this.#close(topic);
			else this.#idle++;
		}
	}

	/** Closes all topics without viewers. */
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
