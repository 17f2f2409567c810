import type { Logger } from 'pino';
import { monotonicNow } from '../alarm.ts';
import type { Store } from '../store/store.ts';

/** So many orders a millisecond has: the order of a log event counts as this clock does. */
export const ORDERS_PER_MS = 1_024;

/** A node that gives orders raises the clock in the store so often, in milliseconds; … */
const RAISE_MS = 1_000;

/** … and one that does not looks at it once in so many times. */
const IDLE_TURNS = 10;

/** A node whose wall clock is behind that clock begins so far ahead of it: orders may have been given since it was raised. */
const MARGIN_MS = 2 * RAISE_MS;

/** The store is waited for so long at the start, in milliseconds; a node must start without it. */
const START_MS = 1_000;

/** A clock beyond the year 2200 is a mistake of a node: it would leave no room for safe integers. */
const MAX_MS = Date.UTC(2200);

/**
 * A hybrid logical clock: of two orders the later is the higher, also when the wall clock is set back. Within a process it
 * goes on with the monotonic clock. What other nodes of the region have given, or this one before it was started again,
 * it knows from the clock in the store. Deterministic.
 */
export class HybridClock {
	#last = 0;
	/** How far the wall clock was ahead of the monotonic clock, at its furthest. */
	#offsetMs = Number.NEGATIVE_INFINITY;

	/** An order higher than all that were given, and than `known`, by which the clock itself is not raised. */
	next(wallTime: number, now: number, known = 0): number {
		this.#last = Math.max(Math.floor(this.time(wallTime, now) * ORDERS_PER_MS), this.#last + 1);
		return Math.max(this.#last, Math.floor(known) + 1);
	}

	/** The time by this clock, in Unix milliseconds. */
	time(wallTime: number, now: number): number {
		this.#offsetMs = Math.max(this.#offsetMs, wallTime - now);
		return Math.max(now + this.#offsetMs, this.#last / ORDERS_PER_MS);
	}

	/** Another node gave orders up to a time. */
	learn(time: number, now: number): void {
		if (time <= MAX_MS) this.#offsetMs = Math.max(this.#offsetMs, time - now);
	}
}

export interface SignalClockOptions {
	readonly store: Pick<Store, 'raiseClock'>;
	readonly logger: Logger;
}

/** Orders of signals, on a node that has the store of its region. */
export interface SignalClock {
	/** An order higher than all that the nodes of the region gave, and than `known`. */
	next(known?: number): number;
	/** Settles when the clock of the region is known, or the store does not answer. */
	readonly started: Promise<void>;
	close(): void;
}

export function createSignalClock({ store, logger }: SignalClockOptions): SignalClock {
	const clock = new HybridClock();
	let isUsed = false;

	/** Raises the clock in the store, and learns of those who raised it further. */
	async function raise(to: number, marginMs = 0): Promise<void> {
		try {
			const known = await store.raiseClock(Math.min(to, MAX_MS));
			if (known > time()) clock.learn(known + marginMs, monotonicNow());
		} catch (err) {
			logger.debug({ err }, 'the clock of signals could not be stored; it is tried again');
		}
	}

	const time = () => Math.ceil(clock.time(Date.now(), monotonicNow()));
	let turn = 0;
	const timer = setInterval(() => {
		turn++;
		if (isUsed) void raise(time());
		else if (turn % IDLE_TURNS === 0) void raise(0);
		isUsed = false;
	}, RAISE_MS);
	timer.unref();
	const waited = new Promise<void>((resolve) => setTimeout(resolve, START_MS).unref());

	return {
		started: Promise.race([raise(0, MARGIN_MS), waited]),
		next(known) {
			if (!isUsed) void raise(time());
			isUsed = true;
			return clock.next(Date.now(), monotonicNow(), known);
		},
		close: () => clearInterval(timer),
	};
}
