import type { GapReason } from '@likewire/protocol';
import type { Position } from '../../state/cursor.ts';
import type { LogEvent } from '../../state/log.ts';
import type { LogPage } from '../../store/log-store.ts';

/** Events that may wait for those before them. Beyond it the farthest make room: the head remembers that they are missing. */
export const MAX_HELD = 256;

/** Missing events may still be on their way for this long, in milliseconds; then the store is asked, … */
export const GRACE_MS = 100;

/** … and after this long they are lost, unless the store is known to live: it has all that this region shows. */
export const LOST_MS = 1_000;

/** The store is asked again after this long, in milliseconds, when it could not help. */
export const RETRY_MS = 200;

/** The most events of one fetch, and the most that may be missing at all. */
export const MAX_FETCHED = 1_000;

/** The next of a log: an event, or a gap, behind which the log goes on. */
export type Ordered = {
	readonly region: string;
	readonly epoch: number;
	/** That of the event, or of the last one that the gap leaves out. */
	readonly offset: number;
} & ({ readonly event: LogEvent } | { readonly event: undefined; readonly reason: GapReason });

/** Events behind an offset of a log, which the store is asked for. */
export interface Fetch {
	readonly region: string;
	readonly epoch: number;
	readonly after: number;
	readonly limit: number;
}

/**
 * Brings the log of one region, under one epoch of its store, into order. Events may come in any order and often; missing
 * ones are fetched, or are lost with a gap. Deterministic.
 */
export class LogSequencer {
	readonly epoch: number;
	readonly #region: string;
	/** Before it begins, nothing is in order. */
	#begun: boolean;
	/**
	 * The store was restored, and how much of the log viewers were sent before is not known: it begins at its head, with a
	 * gap, once the head is known. Rows of likes alone do not say that there is none.
	 */
	#restored: boolean;
	/** Everything up to this offset is in order. */
	#offset = 0;
	/** The highest offset that is known to exist. */
	#head = 0;
	/** Events that are too early, by offset. */
	readonly #held = new Map<number, LogEvent>();
	#ordered: Ordered[] = [];
	/** Since when events are missing; undefined while none are, or before that was noticed. */
	#missingSince: number | undefined;
	#fetch: Fetch | undefined;
	/** When the last fetch was made, and when the last one that was answered. */
	#fetchedAt = Number.NEGATIVE_INFINITY;
	#answeredAt = Number.NEGATIVE_INFINITY;
	/** A viewer knows events that this frontend does not: the store is asked, though none is known to be missing. */
	#isSought = false;
	#retryAt = Number.NEGATIVE_INFINITY;
	/** The store is asked before what is held goes on. */
	#isUnchecked = false;
	/** When to look again whether missing events can still be had. */
	#lookAt = Number.NEGATIVE_INFINITY;

	/** `begun`: it begins at offset 0 now, else when {@link begin} is called. `before`: the log of the epoch before. */
	constructor(region: string, epoch: number, begun: boolean, before?: LogSequencer) {
		this.#region = region;
		this.epoch = epoch;
		this.#begun = begun;
		this.#restored = before !== undefined && (before.#restored || before.#offset > 0);
	}

	/** How far everything is in order. */
	get position(): Position {
		return { epoch: this.epoch, offset: this.#offset };
	}

	/** All that was there is merged: from now on events are new. Begins at the head, but before the newest events held. */
	begin(): void {
		this.#begun = true;
		this.#goToHead();
	}

	/**
	 * Has the store asked before the events that are held go on: another log began behind events that this frontend never
	 * saw, and one of those may have deleted a comment that is held.
	 */
	check(): void {
		this.#isUnchecked = this.#nextHeld() !== undefined;
	}

	/** The log is at least this long. */
	raise(head: number): void {
		this.#head = Math.max(this.#head, head);
	}

	/** Takes events; those that are known already change nothing. */
	add(events: readonly LogEvent[]): void {
		for (const event of events) {
			this.raise(event.offset);
			this.#hold(event);
		}
	}

	/** What came into order since this was called last. */
	take(): readonly Ordered[] {
		if (this.#begun) this.#advance();
		const ordered = this.#ordered;
		this.#ordered = [];
		return ordered;
	}

	/**
	 * Whether a position that a viewer has may still come into order: it is there, or the store has not answered what is
	 * behind the log, asked at that time or later. Then it will be asked.
	 */
	mayReach({ epoch, offset }: Position, since: number): boolean {
		if (this.epoch === epoch && this.#offset >= offset) return true;
		if (this.#answeredAt >= since) return false;
		this.#isSought = true;
		return true;
	}

	/**
	 * What to fetch now; it must come back in `fetched` or `fetchFailed`. Missing events are lost when they are late and
	 * the store does not live, or when too many wait for them.
	 */
	takeFetch(now: number, lives: () => boolean): Fetch | undefined {
		if (!this.#begun) return undefined;
		if (this.#isMissing) {
			if (this.#isUnchecked && (this.#held.size >= MAX_HELD || !lives())) {
				this.#isUnchecked = false;
				return undefined;
			}
			this.#missingSince ??= now;
			const isLate = now - this.#missingSince >= LOST_MS;
			const isFull = this.#held.size >= MAX_HELD;
			const isTooLong = this.#next - 1 - this.#offset > MAX_FETCHED;
			this.#lookAt = isLate ? now + RETRY_MS : this.#missingSince + LOST_MS;
			// mutant: waits-for-sources
			if (isTooLong || (isLate && (isFull || !lives()))) {
				this.#lose();
				return undefined;
			}
			if (now < this.#missingSince + GRACE_MS) return undefined;
		} else if (!this.#isSought) return undefined;
		if (this.#fetch !== undefined || now < this.#retryAt) return undefined;
		this.#fetch = { region: this.#region, epoch: this.epoch, after: this.#offset, limit: MAX_FETCHED };
		this.#fetchedAt = now;
		this.#isSought = false;
		// mutant: asks-for-missing
		return this.#fetch;
	}

	/** When `takeFetch` has something to do; undefined while it has not. */
	get dueAt(): number | undefined {
		if (!this.#begun) return undefined;
		if (!this.#isMissing) return this.#isSought && this.#fetch === undefined ? this.#retryAt : undefined;
		// First it has to notice that events are missing.
		if (this.#missingSince === undefined) return Number.NEGATIVE_INFINITY;
		if (this.#fetch !== undefined) return this.#lookAt;
		return Math.min(Math.max(this.#missingSince + GRACE_MS, this.#retryAt), this.#lookAt);
	}

	/** The store answered, or did not. */
	end(fetch: Fetch, isAnswered: boolean, now: number): void {
		if (this.#fetch !== fetch) return;
		this.#fetch = undefined;
		this.#retryAt = now + RETRY_MS;
		if (isAnswered) this.#answeredAt = this.#fetchedAt;
		// The events that are held go on as they came.
		else this.#isUnchecked = false;
	}

	/** Takes what the store has of the log. */
	fetched({ events, head }: Pick<LogPage, 'events' | 'head'>): void {
		this.raise(head);
		this.#isUnchecked = false;
		if (this.#restored) this.#beginAnew();
		for (const event of events) {
			// Those that are next need no place among the held.
			// mutant: passes-over-known
			if (this.#begun && event.offset === this.#offset + 1) this.#give(event);
			else this.#hold(event);
		}
	}

	get #isMissing(): boolean {
		return /* mutant: asks-restored-log */ this.#head > this.#offset || this.#restored;
	}

	/** The offset that comes next of what is there: that of the first event held, or the one after the head. */
	get #next(): number {
		return this.#held.size === 0 ? this.#head + 1 : Math.min(...this.#held.keys());
	}

	#hold(event: LogEvent): void {
		if (event.offset <= this.#offset) return;
		const before = this.#held.get(event.offset);
		// An erased comment stays erased.
		if (before === undefined || event.kind === 'erased') this.#held.set(event.offset, event);
		if (this.#held.size <= MAX_HELD) return;
		// Before it begins only the end of the log counts, after that what is next.
		this.#held.delete(this.#begun ? Math.max(...this.#held.keys()) : Math.min(...this.#held.keys()));
	}

	#give(event: LogEvent): void {
		const { offset } = event;
		this.#offset = offset;
		this.#held.delete(offset);
		this.#missingSince = undefined;
		this.#ordered.push({ region: this.#region, epoch: this.epoch, offset, event });
	}

	#advance(): void {
		if (this.#restored) {
			if (this.#head === 0) return;
			this.#beginAnew();
		}
		if (this.#isUnchecked) return;
		for (let next = this.#nextHeld(); next !== undefined; next = this.#nextHeld()) this.#give(next);
	}

	#nextHeld(): LogEvent | undefined {
		return this.#held.get(this.#offset + 1);
	}

	/** Goes on at the end of a restored log, with a gap. */
	#beginAnew(): void {
		this.#restored = false;
		this.#goToHead();
		// mutant: reports-restored
		this.#skip('restored');
	}

	/** Goes on behind missing events, with a gap. */
	#lose(): void {
		if (this.#restored) {
			this.#beginAnew();
			return;
		}
		this.#offset = this.#next - 1;
		// mutant: reports-lost
		this.#skip('lost');
	}

	#skip(reason: GapReason): void {
		this.#missingSince = undefined;
		this.#forgetKnown();
		this.#ordered.push({ region: this.#region, epoch: this.epoch, offset: this.#offset, event: undefined, reason });
	}

	/** Goes to the end of the log, but before the newest events held. */
	#goToHead(): void {
		this.#offset = this.#head;
		while (this.#held.has(this.#offset)) this.#offset--;
		this.#forgetKnown();
	}

	#forgetKnown(): void {
		for (const offset of this.#held.keys()) if (offset <= this.#offset) this.#held.delete(offset);
	}
}
