import { knowledgeOf, mergeLikes, NO_LIKES } from '../delivery/likes.ts';
import { idOf, kindOf } from '../delivery/topic.ts';
import { hashState, type Update } from '../delivery/update.ts';
import { Window } from '../delivery/window.ts';
import { LikesPart, type Version } from './likes-part.ts';
import { type Economy, economyOf } from './load-level.ts';
import { ValuesPart } from './values-part.ts';

/** Somebody who wants to know the newest state. */
export interface Subscriber {
	/** Brings it to the newest state, unless it is blocked. */
	tell(now: number): void;
}

/** What viewers are told of a topic: how far each part of it is. Connections remember which one they were told last. */
export interface TopicState {
	/** Undefined for a topic that has no likes. */
	readonly likes: Version | undefined;
	readonly values: number;
}

/** What all topics of a node leave out at present. */
export interface Pace {
	readonly economy: Economy;
}

const encoder = new TextEncoder();

/**
 * A topic with viewers on this node. News merge into its parts; a flush makes of them the state that viewers are told.
 * They are told in passes: each pass visits every viewer once, in the same order, and between the starts of two passes
 * there is a window.
 */
export class Topic {
	readonly name: string;
	readonly subscribers = new Set<Subscriber>();
	/** Since when nobody follows it, by the monotonic clock; undefined while someone does. */
	idleSince: number | undefined;
	/** What viewers are told: the last flushed state; undefined until all that there is to know was known once. */
	state: TopicState | undefined;
	readonly #window: Window;
	#rows = NO_LIKES;
	#complete = false;
	readonly #likes: LikesPart | undefined;
	readonly #values: ValuesPart;
	/** Frames to `state`, by the state the viewer was told before; each is encoded once. */
	readonly #frames = new Map<TopicState | undefined, Uint8Array>();
	readonly #pace: Pace;
	/** The viewers whom the pass under way has not visited; undefined between passes. */
	#pass: Iterator<Subscriber> | undefined;
	#passBeganAt = 0;
	#longestPassMs = 0;
	/** What everybody was told at the least, once the pass under way is over. */
	#toldToAll: TopicState | undefined;

	constructor(name: string, windowMs: number, pace: Pace = { economy: economyOf(0) }) {
		this.name = name;
		this.#pace = pace;
		this.#window = new Window(windowMs);
		this.#likes = kindOf(name) === 'video' ? new LikesPart(idOf(name)) : undefined;
		this.#values = new ValuesPart(idOf(name));
	}

	/** The hash of what is known, for the digest; undefined while that is not complete. */
	get hash(): number | undefined {
		return this.#complete ? hashState({ rows: this.#rows, values: this.#values.values }) : undefined;
	}

	/** How many changes are known, complete or not. */
	get revision(): number {
		return knowledgeOf(this.#rows);
	}

	/** Merges news in; old news change nothing, and their sample is not shown again. */
	merge({ rows, complete, sample, at, values }: Update): void {
		const merged = mergeLikes(this.#rows, rows);
		if (merged !== this.#rows) this.#likes?.merge(merged, sample, at);
		this.#rows = merged;
		this.#complete ||= complete;
		this.#values.merge(values);
	}

	/** When the topic has something to do: begin a pass, or go on with one; undefined when nothing. */
	get dueAt(): number | undefined {
		if (this.#pass !== undefined) return Number.NEGATIVE_INFINITY;
		if (this.#isFresh || this.state !== this.#toldToAll) return this.#window.opensAt;
		const { dueAt } = this.#values;
		return dueAt && Math.max(dueAt, this.#window.opensAt);
	}

	/**
	 * Tells up to `budget` viewers the newest state, if the window is open or a pass is under way; gives back what is left
	 * of the budget. A pass that takes several calls tells the later viewers what came in the meantime; the earlier ones
	 * get it in the next pass, which begins when this one is over. So overload makes frames rarer, never older.
	 */
	run(now: number, budget: number): number {
		const { dueAt } = this;
		if (dueAt === undefined || dueAt > now) return budget;
		this.flush(now);
		if (this.#pass === undefined) {
			this.#pass = this.subscribers.values();
			this.#toldToAll = this.state;
			this.#passBeganAt = now;
			this.#window.depart(now, this.#pace.economy.stretch);
		}
		for (let left = budget; left > 0; left--) {
			const { value, done } = this.#pass.next();
			if (done) {
				this.#pass = undefined;
				this.#longestPassMs = Math.max(this.#longestPassMs, now - this.#passBeganAt);
				return left;
			}
			value.tell(now);
		}
		return 0;
	}

	/** The longest that a pass over the viewers took since this was last asked, in milliseconds. */
	takeLongestPass(): number {
		const longest = this.#longestPassMs;
		this.#longestPassMs = 0;
		return longest;
	}

	/** How many signals were left out since this was last asked. */
	takeShed(): number {
		return this.#values.takeShed();
	}

	/** Makes the state of what is pending, if that is complete and new, without regard to the window. */
	flush(now: number): void {
		if (!this.#complete) return;
		const hasLikes = this.#likes?.flush() ?? false;
		const hasValues = this.#values.flush(now, this.#pace.economy.shedsSignals);
		if (this.state !== undefined && !hasLikes && !hasValues) return;
		this.state = { likes: this.#likes?.version, values: this.#values.sequence };
		this.#frames.clear();
	}

	/** The frame that brings a viewer who was told `told` to the current state; empty when it misses nothing. */
	frameFrom(told: TopicState | undefined): Uint8Array {
		let frame = this.#frames.get(told);
		if (frame === undefined) {
			const likes = this.#likes?.textFrom(told?.likes, this.#pace.economy.sampleSize) ?? '';
			frame = encoder.encode(likes + this.#values.textFrom(told?.values));
			this.#frames.set(told, frame);
		}
		return frame;
	}

	/** Something complete is pending that is in no state yet. */
	get #isFresh(): boolean {
		if (!this.#complete) return false;
		return (
			this.state === undefined || this.#likes?.isFresh === true || this.#values.isFresh(this.#pace.economy.shedsSignals)
		);
	}
}
