import type { GapReason } from '@likewire/protocol';
import type { Position } from '../delivery/cursor.ts';
import { type LikesRows, logHeadOf } from '../delivery/likes.ts';
import type { LogEvent, LogNews } from '../delivery/log.ts';
import type { LogPart as FetchedPart } from '../store/log-store.ts';

/** Events of a region that may wait for those before them. Beyond it the farthest make room: heads remember that they are missing. */
export const MAX_HELD = 256;

/** Events that are missing may still be on their way for so long, in milliseconds; then the store is asked, … */
export const GRACE_MS = 100;

/** … and after so long they are given up, unless the store is known to live: it has all that this region shows. */
export const LOST_MS = 1_000;

/** The store is asked again after so long, in milliseconds, when it could not help. */
export const RETRY_MS = 200;

/** Events that are fetched at one time, and most that may be missing at all. */
export const MAX_FETCHED = 1_000;

/** The next of a log, by its region: an event, or that events before this position are lost. */
export type Ordered =
	| { readonly kind: 'event'; readonly region: string; readonly epoch: number; readonly event: LogEvent }
	| {
			readonly kind: 'gap';
			readonly region: string;
			readonly reason: GapReason;
			readonly epoch: number;
			readonly offset: number;
	  };

/** A part of a log that is wanted from the store: events behind an offset. */
export interface Fetch {
	readonly region: string;
	readonly epoch: number;
	readonly after: number;
	readonly limit: number;
}

/** The log of one region. */
interface Log {
	epoch: number;
	/** Everything up to this offset is in order. */
	offset: number;
	/** The highest offset that is known to exist. */
	head: number;
	/** Events that are too early, by offset. */
	readonly held: Map<number, LogEvent>;
	/** Since when events are missing; undefined while none are, or before that was noticed. */
	missingSince: number | undefined;
	fetch: Fetch | undefined;
	/** When the last fetch was taken, and when the last one that was answered. */
	fetchedAt: number;
	answeredAt: number;
	/** A viewer knows events that this frontend does not: the store is to be asked, though nothing is known to be missing. */
	sought: boolean;
	retryAt: number;
	/** When to look again whether what is missing may still be had. */
	lookAt: number;
	/**
	 * Its store was restored, and how much of the log was told before is not known: it begins at its head, with a gap, once
	 * the head is known. News of likes alone do not say that there is none.
	 */
	restored: boolean;
	/**
	 * The log began before events that it holds, and another log began behind events that this frontend never saw: one of
	 * those may have deleted a comment that is held. The store is asked first.
	 */
	unchecked: boolean;
}

/**
 * Brings the logs of a topic into one order: of each region without holes, regions among each other as they come. News
 * may come in any order and often; what is missing is fetched, or said to be lost. It begins at the heads of the first
 * complete state. Deterministic.
 */
export class LogOrder {
	readonly #logs = new Map<string, Log>();
	#begun = false;
	#ready: Ordered[] = [];

	/** Whether it has begun: before, nothing is in order. */
	get begun(): boolean {
		return this.#begun;
	}

	/** Whether something new is in order. */
	get isReady(): boolean {
		return this.#ready.length > 0;
	}

	/** Takes in what is known of heads, and what is news. */
	merge(rows: LikesRows, news: LogNews | undefined): void {
		for (const [region, { epoch, events }] of Object.entries(news ?? {})) {
			const log = this.#logOf(region, epoch);
			if (log === undefined) continue;
			for (const event of events) {
				log.head = Math.max(log.head, event.offset);
				this.#hold(log, event);
			}
		}
		for (const [region, row] of Object.entries(rows)) {
			const log = this.#logOf(region, row.epoch);
			// mutant: heads-count
			if (log !== undefined) log.head = Math.max(log.head, logHeadOf(row));
		}
		if (this.#begun) for (const [region, log] of this.#logs) this.#advance(region, log);
	}

	/** All that was there is merged: what comes from now on is news. */
	begin(): void {
		if (this.#begun) return;
		this.#begun = true;
		for (const log of this.#logs.values()) goToHead(log);
		const withUnseen = [...this.#logs.values()].filter(({ offset }) => offset > 0);
		for (const [region, log] of this.#logs) {
			// mutant: checks-events-at-begin
			log.unchecked = log.held.has(log.offset + 1) && withUnseen.some((other) => other !== log);
			this.#advance(region, log);
		}
	}

	/** What came into order since this was called last. */
	take(): readonly Ordered[] {
		const ready = this.#ready;
		this.#ready = [];
		return ready;
	}

	/** How far everything is in order. */
	positions(): Map<string, Position> {
		return new Map([...this.#logs].map(([region, { epoch, offset }]) => [region, { epoch, offset }]));
	}

	/**
	 * Whether a position that a viewer has may still come into order: it is there and not yet taken, or the store has not
	 * answered what is behind the log, asked at that time or later. Then it will be asked.
	 */
	mayReach(region: string, { epoch, offset }: Position, since: number): boolean {
		const log = this.#logs.get(region);
		if (log === undefined) return false;
		if (log.epoch === epoch && log.offset >= offset) return true;
		if (log.answeredAt >= since) return false;
		log.sought = true;
		return true;
	}

	/**
	 * The parts that are to be fetched now; each must come back in `fetched` or `fetchFailed`. What is missing is given up
	 * when it is late and the store does not live, or when too much waits for it.
	 */
	takeFetches(now: number, lives: () => boolean): Fetch[] {
		if (!this.#begun) return [];
		const fetches: Fetch[] = [];
		for (const [region, log] of this.#logs) {
			if (!isMissing(log)) {
				if (log.sought && log.fetch === undefined && now >= log.retryAt) fetches.push(fetchOf(region, log, now));
				continue;
			}
			if (log.unchecked && (!lives() || log.held.size >= MAX_HELD)) {
				this.#accept(region, log);
				continue;
			}
			log.missingSince ??= now;
			const isLate = now - log.missingSince >= LOST_MS;
			const isFull = log.held.size >= MAX_HELD;
			log.lookAt = isLate ? now + RETRY_MS : log.missingSince + LOST_MS;
			// mutant: waits-for-sources
			if (isLate && (isFull || !lives())) this.#lose(region, log);
			else if (nextOf(log) - 1 - log.offset > MAX_FETCHED) this.#lose(region, log);
			else if (log.fetch === undefined && now >= Math.max(log.missingSince + GRACE_MS, log.retryAt)) {
				// mutant: asks-for-missing
				fetches.push(fetchOf(region, log, now));
			}
		}
		return fetches;
	}

	/** When `takeFetches` has something to do; undefined while nothing is missing. */
	get dueAt(): number | undefined {
		let due: number | undefined;
		if (!this.#begun) return due;
		for (const log of this.#logs.values()) {
			const { missingSince, fetch, retryAt, lookAt, sought } = log;
			if (!isMissing(log)) {
				if (sought && fetch === undefined && (due === undefined || retryAt < due)) due = retryAt;
				continue;
			}
			// That it is missing is to be noticed first.
			if (missingSince === undefined) return Number.NEGATIVE_INFINITY;
			const at = fetch === undefined ? Math.min(Math.max(missingSince + GRACE_MS, retryAt), lookAt) : lookAt;
			if (due === undefined || at < due) due = at;
		}
		return due;
	}

	/** The store answered. */
	fetched(fetch: Fetch, { epoch, events, head }: FetchedPart, now: number): void {
		const asked = this.#end(fetch, now);
		if (asked !== undefined) asked.answeredAt = asked.fetchedAt;
		const log = this.#logOf(fetch.region, epoch);
		if (log === undefined) return;
		log.head = Math.max(log.head, head);
		log.unchecked = false;
		if (log.restored) this.#beginAnew(fetch.region, log);
		for (const event of events) {
			// Those that are next need no place among the held.
			// mutant: passes-over-known
			if (this.#begun && event.offset === log.offset + 1) this.#give(fetch.region, log, event);
			else this.#hold(log, event);
		}
		this.#advance(fetch.region, log);
	}

	/** The store did not answer. */
	fetchFailed(fetch: Fetch, now: number): void {
		const log = this.#end(fetch, now);
		if (log?.unchecked) this.#accept(fetch.region, log);
	}

	/** Goes on with the events that are held as they came: the store cannot be asked. */
	#accept(region: string, log: Log): void {
		log.unchecked = false;
		this.#advance(region, log);
	}

	#end(fetch: Fetch, now: number): Log | undefined {
		const log = this.#logs.get(fetch.region);
		if (log?.fetch !== fetch) return undefined;
		log.fetch = undefined;
		log.retryAt = now + RETRY_MS;
		return log;
	}

	/** The log of a region in this epoch; undefined when a later one is known. An earlier one ends: its store was restored. */
	#logOf(region: string, epoch: number): Log | undefined {
		const known = this.#logs.get(region);
		// mutant: begins-new-epoch
		if (known !== undefined && epoch <= known.epoch) return epoch === known.epoch ? known : undefined;
		const log: Log = {
			epoch,
			offset: 0,
			head: 0,
			held: new Map(),
			missingSince: undefined,
			fetch: undefined,
			fetchedAt: Number.NEGATIVE_INFINITY,
			answeredAt: Number.NEGATIVE_INFINITY,
			sought: false,
			retryAt: Number.NEGATIVE_INFINITY,
			lookAt: Number.NEGATIVE_INFINITY,
			restored: known !== undefined && (known.restored || known.offset > 0),
			unchecked: false,
		};
		this.#logs.set(region, log);
		return log;
	}

	#hold({ offset, held }: Log, event: LogEvent): void {
		if (event.offset <= offset) return;
		const before = held.get(event.offset);
		// What was deleted meanwhile stays so.
		if (before === undefined || event.kind === 'erased') held.set(event.offset, event);
		if (held.size <= MAX_HELD) return;
		// Before it begins only the end of the log counts, after that what is next.
		held.delete(this.#begun ? Math.max(...held.keys()) : Math.min(...held.keys()));
	}

	#give(region: string, log: Log, event: LogEvent): void {
		log.offset = event.offset;
		log.held.delete(event.offset);
		log.missingSince = undefined;
		this.#ready.push({ kind: 'event', region, epoch: log.epoch, event });
	}

	#advance(region: string, log: Log): void {
		if (log.restored) {
			if (log.head === 0) return;
			this.#beginAnew(region, log);
		}
		if (log.unchecked) return;
		for (let next = log.held.get(log.offset + 1); next !== undefined; next = log.held.get(log.offset + 1)) {
			this.#give(region, log, next);
		}
	}

	/** Goes on at the end of a restored log, and says so. */
	#beginAnew(region: string, log: Log): void {
		goToHead(log);
		log.restored = false;
		// mutant: reports-restored
		this.#skip(region, log, 'restored');
	}

	/** Goes on behind what is missing, and says so. */
	#lose(region: string, log: Log): void {
		if (log.restored) this.#beginAnew(region, log);
		else {
			log.offset = nextOf(log) - 1;
			// mutant: reports-lost
			this.#skip(region, log, 'lost');
		}
		this.#advance(region, log);
	}

	#skip(region: string, log: Log, reason: GapReason): void {
		log.missingSince = undefined;
		for (const offset of log.held.keys()) if (offset <= log.offset) log.held.delete(offset);
		this.#ready.push({ kind: 'gap', region, reason, epoch: log.epoch, offset: log.offset });
	}
}

/** The store is to be asked for what is behind a log's position. */
function fetchOf(region: string, log: Log, now: number): Fetch {
	const fetch = { region, epoch: log.epoch, after: log.offset, limit: MAX_FETCHED };
	// mutant: fetches-missing
	log.fetch = fetch;
	log.fetchedAt = now;
	log.sought = false;
	return fetch;
}

/** Whether something of a log is to be fetched. */
function isMissing({ head, offset, restored }: Log): boolean {
	return /* mutant: asks-restored-log */ head > offset || restored;
}

/** The offset that comes next of what is there: that of the first event that is held, or of the one after the head. */
function nextOf({ head, held }: Log): number {
	return held.size === 0 ? head + 1 : Math.min(...held.keys());
}

/** Goes to the end of a log, but before the newest events that came as news. */
function goToHead(log: Log): void {
	log.offset = log.head;
	while (log.held.has(log.offset)) log.offset--;
	for (const offset of log.held.keys()) if (offset <= log.offset) log.held.delete(offset);
}
