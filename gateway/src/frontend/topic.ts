import { hashLikes, NO_LIKES, revisionOf, totalsOf } from '../delivery/likes.ts';
import { videoOf } from '../delivery/topic.ts';
import { mergeUpdates, type Update } from '../delivery/update.ts';
import { Window } from '../delivery/window.ts';
import { likesFrame, type Version } from './frames.ts';

/** Somebody who wants to know the newest version. */
export interface Subscriber {
	/** Brings it to the newest version, unless it is blocked. */
	tell(now: number): void;
}

const NOTHING_KNOWN: Update = { rows: NO_LIKES, complete: false, sample: [], at: 0 };

/**
 * A topic with viewers on this node. News merge into a pending state; a flush makes of it the version that viewers are
 * told; a sweep then visits the subscribers. Between two flushes there is a window.
 */
export class Topic {
	readonly name: string;
	readonly subscribers = new Set<Subscriber>();
	/** Since when nobody follows it, by the monotonic clock; undefined while someone does. */
	idleSince: number | undefined;
	/** What viewers are told: the last flushed state; undefined until the first complete one. */
	version: Version | undefined;
	readonly #video: string;
	readonly #window: Window;
	#pending = NOTHING_KNOWN;
	#flushedRows = NO_LIKES;
	/** Frames to `version`, by the version the viewer was told before; each is encoded once. */
	readonly #frames = new Map<Version | undefined, Uint8Array>();
	#sweep: Iterator<Subscriber> | undefined;

	constructor(name: string, windowMs: number) {
		this.name = name;
		this.#video = videoOf(name);
		this.#window = new Window(windowMs);
	}

	/** The hash of what is known, for the digest; undefined while that is not complete. */
	get hash(): number | undefined {
		return this.#pending.complete ? hashLikes(this.#pending.rows) : undefined;
	}

	/** Merges news in; old news change nothing, and their sample is not shown again. */
	merge(update: Update): void {
		const merged = mergeUpdates(this.#pending, update);
		const { rows, sample } = this.#pending;
		this.#pending = merged.rows === rows ? { ...merged, sample } : merged;
	}

	/** When the topic has something to do: flush what is pending, or go on sweeping; undefined when nothing. */
	get dueAt(): number | undefined {
		if (this.#sweep !== undefined) return Number.NEGATIVE_INFINITY;
		const { complete, rows } = this.#pending;
		const fresh = this.version === undefined || rows !== this.#flushedRows;
		return complete && fresh ? this.#window.opensAt : undefined;
	}

	/**
	 * Flushes if the window is open, and tells up to `budget` subscribers; gives back what is left of the budget. While
	 * a sweep is not done no new version is made: under overload viewers get newer states less often.
	 */
	run(now: number, budget: number): number {
		const { dueAt } = this;
		if (dueAt === undefined || dueAt > now) return budget;
		if (this.#sweep === undefined) this.#sweep = this.#flush(now);
		for (let left = budget; left > 0; left--) {
			const { value, done } = this.#sweep.next();
			if (done) {
				this.#sweep = undefined;
				return left;
			}
			value.tell(now);
		}
		return 0;
	}

	/** The frame that brings a viewer who was told `told` to the current version. */
	frameFrom(told: Version | undefined): Uint8Array {
		if (this.version === undefined) throw new Error(`topic ${this.name} has nothing to tell yet`);
		let frame = this.#frames.get(told);
		if (frame === undefined) {
			frame = likesFrame(this.#video, told, this.version);
			this.#frames.set(told, frame);
		}
		return frame;
	}

	#flush(now: number): Iterator<Subscriber> {
		const { rows, sample, at } = this.#pending;
		this.version = { totals: totalsOf(rows), revision: revisionOf(rows), at, sample };
		this.#flushedRows = rows;
		this.#pending = { ...this.#pending, sample: [] };
		this.#frames.clear();
		this.#window.depart(now);
		return this.subscribers.values();
	}
}
