import type { GapReason } from '@likewire/protocol';
import type { Position } from '../../state/cursor.ts';
import type { LogEvent } from '../../state/log.ts';
import type { LogPage } from '../../store/log-store.ts';

/**
 * The most events that wait for earlier ones. Beyond it the latest are dropped: the head marks them as
 * missing.
 */
export const MAX_HELD = 256;

/** Missing events may still arrive for this time, in milliseconds; then the sequencer reads the store. */
export const GRACE_MS = 100;

/**
 * Missing events are lost after this time, in milliseconds, unless the store is known to live: it has
 * all that this region shows.
 */
export const LOST_MS = 1_000;

/** The pause before the next read of a store that did not have the events, in milliseconds. */
export const RETRY_MS = 200;

/** The most events of one fetch, and the most that may be missing. */
export const MAX_FETCHED = 1_000;

/** The next entry of a log: an event, or a gap, after which the log continues. */
export type Ordered = {
	readonly region: string;
	readonly epoch: number;
	/** The offset of the event, or of the last event that the gap leaves out. */
	readonly offset: number;
} & ({ readonly event: LogEvent } | { readonly event: undefined; readonly reason: GapReason });

/** A read of events behind an offset of a log. */
export interface Fetch {
	readonly region: string;
	readonly epoch: number;
	readonly after: number;
	readonly limit: number;
}

/**
 * Brings the log of one region and one epoch of its store into order. Events may arrive in any order
 * and more than once. It fetches missing events, or reports them as lost with a gap. Deterministic.
 */
export class LogSequencer {
	readonly epoch: number;
	readonly #region: string;
	/** Nothing is in order before it begins. */
	#begun: boolean;
	/**
	 * Whether the store was restored. What viewers received of this log before is unknown, so it begins at
	 * its head, with a gap, once the head is known. Rows of likes alone do not prove that the log is
	 * empty.
	 */
	#restored: boolean;
	/** Everything up to this offset is in order. */
	#offset = 0;
	/** The highest offset that is known to exist. */
	#head = 0;
	/** Events that wait for earlier ones, by offset. */
	readonly #held = new Map<number, LogEvent>();
	#ordered: Ordered[] = [];
	/** When the sequencer noticed that events are missing; undefined while none are. */
	#missingSince: number | undefined;
	#fetch: Fetch | undefined;
	/** When the last fetch was made, and when the last answered one was made. */
	#fetchedAt = Number.NEGATIVE_INFINITY;
	#answeredAt = Number.NEGATIVE_INFINITY;
	/**
	 * A viewer knows events that this frontend does not: the sequencer reads the store, though no event is
	 * known to be missing.
	 */
	#isSought = false;
	#retryAt = Number.NEGATIVE_INFINITY;
	/** Whether it must read the store before it releases held events. */
	#isUnchecked = false;
	/** When to check again whether missing events can still come. */
	#lookAt = Number.NEGATIVE_INFINITY;

	/**
	 * `begun`: it begins at offset 0 now, else at the call of {@link begin}. `before`: the log of the
	 * previous epoch.
	 */
	constructor(region: string, epoch: number, begun: boolean, before?: LogSequencer) {
		this.#region = region;
		this.epoch = epoch;
		this.#begun = begun;
		this.#restored = before !== undefined && (before.#restored || before.#offset > 0);
	}

	/** The position up to which everything is in order. */
	get position(): Position {
		return { epoch: this.epoch, offset: this.#offset };
	}

	/**
	 * All initial state is merged, and later events are new. Begins at the head, but before the newest
	 * held events.
	 */
	begin(): void {
		this.#begun = true;
		this.#goToHead();
	}

	/**
	 * Has it read the store before it releases held events: another log began behind events that this
	 * frontend never received, and one of those may have deleted a held comment.
	 */
	check(): void {
		this.#isUnchecked = this.#nextHeld() !== undefined;
	}

	/** Takes a lower bound of the length of the log. */
	raise(head: number): void {
		this.#head = Math.max(this.#head, head);
	}

	/** Takes events; known ones change nothing. */
	add(events: readonly LogEvent[]): void {
		for (const event of events) {
			this.raise(event.offset);
			this.#hold(event);
		}
	}

	/** Returns what came into order since the last call. */
	take(): readonly Ordered[] {
		if (this.#begun) this.#advance();
		const ordered = this.#ordered;
		this.#ordered = [];
		return ordered;
	}

	/**
	 * Returns whether the position of a viewer may still come into order: the log has it, or the store has
	 * not answered a read made at `since` or later. In the second case the sequencer reads the store.
	 */
	mayReach({ epoch, offset }: Position, since: number): boolean {
		if (this.epoch === epoch && this.#offset >= offset) return true;
		if (this.#answeredAt >= since) return false;
		this.#isSought = true;
		return true;
	}

	/**
	 * Returns what to fetch now. The caller reports the outcome with `fetched` or `fetchFailed`. Missing
	 * events are lost when they are late and the store does not live, or when too many events wait for
	 * them.
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

	/** The time of the next `takeFetch`; undefined while it has nothing to fetch. */
	get dueAt(): number | undefined {
		if (!this.#begun) return undefined;
		if (!this.#isMissing) return this.#isSought && this.#fetch === undefined ? this.#retryAt : undefined;
		// It has to notice first that events are missing.
		if (this.#missingSince === undefined) return Number.NEGATIVE_INFINITY;
		if (this.#fetch !== undefined) return this.#lookAt;
		return Math.min(Math.max(this.#missingSince + GRACE_MS, this.#retryAt), this.#lookAt);
	}

	/** Takes the end of a fetch, answered or failed. */
	end(fetch: Fetch, isAnswered: boolean, now: number): void {
		if (this.#fetch !== fetch) return;
		this.#fetch = undefined;
		this.#retryAt = now + RETRY_MS;
		if (isAnswered) this.#answeredAt = this.#fetchedAt;
		// It releases the held events unchecked.
		else this.#isUnchecked = false;
	}

	/** Takes the part of the log that the store returned. */
	fetched({ events, head }: Pick<LogPage, 'events' | 'head'>): void {
		this.raise(head);
		this.#isUnchecked = false;
		if (this.#restored) this.#beginRestored();
		for (const event of events) {
			// The next events need no place among the held ones.
			// mutant: passes-over-known
			if (this.#begun && event.offset === this.#offset + 1) this.#give(event);
			else this.#hold(event);
		}
	}

	get #isMissing(): boolean {
		return /* mutant: asks-restored-log */ this.#head > this.#offset || this.#restored;
	}

	/** The next offset of all known events: that of the first held one, or the one after the head. */
	get #next(): number {
		return this.#held.size === 0 ? this.#head + 1 : Math.min(...this.#held.keys());
	}

	#hold(event: LogEvent): void {
		if (event.offset <= this.#offset) return;
		const before = this.#held.get(event.offset);
		// An erased comment stays erased.
		if (before === undefined || event.kind === 'erased') this.#held.set(event.offset, event);
		if (this.#held.size <= MAX_HELD) return;
		// Before it begins only the end of the log counts, after that the next events.
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
			this.#beginRestored();
		}
		if (this.#isUnchecked) return;
		for (let next = this.#nextHeld(); next !== undefined; next = this.#nextHeld()) this.#give(next);
	}

	#nextHeld(): LogEvent | undefined {
		return this.#held.get(this.#offset + 1);
	}

	/** Continues at the end of a restored log, with a gap. */
	#beginRestored(): void {
		this.#restored = false;
		this.#goToHead();
		// mutant: reports-restored
		this.#skip('restored');
	}

	/** Continues behind missing events, with a gap. */
	#lose(): void {
		if (this.#restored) {
			this.#beginRestored();
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

	/** Goes to the end of the log, but before the newest held events. */
	#goToHead(): void {
		this.#offset = this.#head;
		while (this.#held.has(this.#offset)) this.#offset--;
		this.#forgetKnown();
	}

	#forgetKnown(): void {
		for (const offset of this.#held.keys()) if (offset <= this.#offset) this.#held.delete(offset);
	}
}
