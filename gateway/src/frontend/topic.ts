import { diffTotals } from '@likewire/protocol';
import { knowledgeOf, NO_LIKES, revisionOf, totalsOf } from '../delivery/likes.ts';
import { type Sample, sampleOf } from '../delivery/sample.ts';
import { idOf, kindOf } from '../delivery/topic.ts';
import { hashState, mergeUpdates, type Update } from '../delivery/update.ts';
import { Window } from '../delivery/window.ts';
import { likesFrame, type Version } from './frames.ts';

/** Somebody who wants to know the newest version. */
export interface Subscriber {
	/** Brings it to the newest version, unless it is blocked. */
	tell(now: number): void;
}

const NOTHING_KNOWN: Update = { rows: NO_LIKES, complete: false, sample: [], at: 0 };

/** Who was told one of so many newest versions gets a sample of all that came since; who was told an older one, of these. */
const SAMPLED_VERSIONS = 32;

/**
 * A topic with viewers on this node. News merge into a pending state; a flush makes of it the version that viewers are
 * told. They are told in passes: each pass visits every viewer once, in the same order, and between the starts of two
 * passes there is a window.
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
	/** The newest versions, newest last. */
	readonly #recent: Version[] = [];
	/** Frames to `version`, by the version the viewer was told before; each is encoded once. */
	readonly #frames = new Map<Version | undefined, Uint8Array>();
	/** The viewers whom the pass under way has not visited; undefined between passes. */
	#pass: Iterator<Subscriber> | undefined;
	/** What everybody was told at the least, once the pass under way is over. */
	#toldToAll: Version | undefined;

	constructor(name: string, windowMs: number) {
		this.name = name;
		this.#video = idOf(name);
		this.#window = new Window(windowMs);
	}

	/** The hash of what is known, for the digest; undefined while that is not complete. */
	get hash(): number | undefined {
		return this.#pending.complete ? hashState(this.#pending) : undefined;
	}

	/** How many changes are known, complete or not. */
	get revision(): number {
		return knowledgeOf(this.#pending.rows);
	}

	/** Merges news in; old news change nothing, and their sample is not shown again. */
	merge(update: Update): void {
		const merged = mergeUpdates(this.#pending, update);
		const { rows, sample } = this.#pending;
		this.#pending = merged.rows === rows ? { ...merged, sample } : merged;
	}

	/** When the topic has something to do: begin a pass, or go on with one; undefined when nothing. */
	get dueAt(): number | undefined {
		if (this.#pass !== undefined) return Number.NEGATIVE_INFINITY;
		return this.#isFresh || this.version !== this.#toldToAll ? this.#window.opensAt : undefined;
	}

	/**
	 * Tells up to `budget` viewers the newest state, if the window is open or a pass is under way; gives back what is left
	 * of the budget. A pass that takes several calls tells the later viewers what came in the meantime; the earlier ones
	 * get it in the next pass, which begins when this one is over. So overload makes frames rarer, never older.
	 */
	run(now: number, budget: number): number {
		const { dueAt } = this;
		if (dueAt === undefined || dueAt > now) return budget;
		this.flush();
		if (this.#pass === undefined) {
			this.#pass = this.subscribers.values();
			this.#toldToAll = this.version;
			this.#window.depart(now);
		}
		for (let left = budget; left > 0; left--) {
			const { value, done } = this.#pass.next();
			if (done) {
				this.#pass = undefined;
				return left;
			}
			value.tell(now);
		}
		return 0;
	}

	/** Makes the version of what is pending, if that is complete and new, without regard to the window. */
	flush(): void {
		if (!this.#isFresh) return;
		const { rows, sample, at } = this.#pending;
		this.#flushedRows = rows;
		const next: Version = { totals: totalsOf(rows), revision: revisionOf(rows), at, sample };
		// A store that nobody liked anything in is no news.
		if (this.version !== undefined && looksAlike(this.version, next)) return;
		this.version = next;
		this.#pending = { ...this.#pending, sample: [] };
		this.#frames.clear();
		this.#recent.push(this.version);
		if (this.#recent.length > SAMPLED_VERSIONS) this.#recent.shift();
	}

	/** The frame that brings a viewer who was told `told` to the current version. */
	frameFrom(told: Version | undefined): Uint8Array {
		if (this.version === undefined) throw new Error(`topic ${this.name} has nothing to tell yet`);
		let frame = this.#frames.get(told);
		if (frame === undefined) {
			frame = likesFrame(this.#video, told, this.version, this.#sampleSince(told));
			this.#frames.set(told, frame);
		}
		return frame;
	}

	/** Something complete is pending that is in no version yet. */
	get #isFresh(): boolean {
		const { complete, rows } = this.#pending;
		const isNews = this.version === undefined || rows !== this.#flushedRows;
		return complete && isNews && kindOf(this.name) === 'video';
	}

	/** A sample of the likes that came after `told`. */
	#sampleSince(told: Version | undefined): Sample {
		if (told === undefined) return [];
		const since = this.#recent.slice(this.#recent.indexOf(told) + 1);
		return sampleOf(since.flatMap(({ sample }) => sample));
	}
}

/** Whether a viewer who was told one of them has nothing to learn from the other. */
function looksAlike(one: Version, other: Version): boolean {
	return one.revision === other.revision && Object.keys(diffTotals(one.totals, other.totals)).length === 0;
}
