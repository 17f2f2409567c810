import type { Logger } from 'pino';
import { monotonicNow } from '../runtime/run-loop.ts';
import type { StoreClock } from '../store/log-store.ts';
import type { Store } from '../store/store.ts';

/** So many orders a millisecond has: the order of a log event counts as this clock does. */
export const ORDERS_PER_MS = 1_024;

/** A node that gives orders raises the clock in the store so often, in milliseconds; … */
export const RAISE_MS = 1_000;

/** … and one that does not looks at it once in so many times. */
const IDLE_TURNS = 10;

/** A node begins so far ahead of a clock that is ahead of the time: orders may have been given since it was raised. */
const MARGIN_MS = 2 * RAISE_MS;

/** The store is waited for so long at the start, in milliseconds; a node must start without it. */
export const START_MS = 1_000;

/** A clock beyond the year 2200 is a mistake of a node: it would leave no room for safe integers. */
const MAX_MS = Date.UTC(2200);

/**
 * A hybrid logical clock: of two orders the later is the higher, whatever wall clocks do. It shows the wall time where the
 * store is, so the nodes of a region agree however their own clocks differ, and goes on with the monotonic clock of the
 * process. Where orders were given ahead of that time, it stays ahead, and goes at half its speed until the time has
 * caught up: a clock that was a day ahead is forgotten after two days. Deterministic.
 */
export class HybridClock {
	#last = 0;
	/** How far the wall time where the store is is ahead of the monotonic clock; undefined until the store said it. */
	#offsetMs: number | undefined;
	/** How far this clock was ahead of that time, and when. */
	#leadMs = 0;
	#leadAt = 0;

	/**
	 * An order higher than all that were given, and than `known`, by which the clock itself is not raised. `wallTime`, of
	 * this node, counts until the store has said its own.
	 */
	next(wallTime: number, now: number, known = 0): number {
		// mutant: orders-by-hybrid-clock
		this.#last = Math.max(Math.floor(this.time(wallTime, now) * ORDERS_PER_MS), this.#last + 1);
		return Math.max(this.#last, Math.floor(known) + 1);
	}

	/** The time by this clock, in Unix milliseconds. */
	time(wallTime: number, now: number): number {
		const time = this.#offsetMs === undefined ? wallTime : now + this.#offsetMs;
		return Math.max(time + Math.max(0, this.#leadMs - (now - this.#leadAt) / 2), this.#last / ORDERS_PER_MS);
	}

	/**
	 * The store, asked at `askedAt`, says how the clock of the region stands. `isStart`: orders may have been given since that
	 * this process does not know.
	 */
	learn({ at, wallTime }: StoreClock, askedAt: number, now: number, isStart = false): void {
		if (at > MAX_MS || wallTime > MAX_MS) return;
		// Of orders that were given before the store said its time.
		const before = this.#offsetMs === undefined ? this.#last / ORDERS_PER_MS : this.time(0, now);
		// The store read its time between question and answer; what fits is kept, so that delays do not move the clock.
		const [least, most] = [wallTime - now, wallTime - askedAt];
		this.#offsetMs = Math.min(Math.max(this.#offsetMs ?? (least + most) / 2, least), most);
		const isAhead = at > wallTime + (now - askedAt);
		this.#leadMs = Math.max(0, Math.max(before, isStart && isAhead ? at + MARGIN_MS : at) - (now + this.#offsetMs));
		this.#leadAt = now;
	}
}

/**
 * The clock of one Likes node. It follows the clock in the store of its region, which every node of the region raises.
 * Deterministic; times are as in {@link HybridClock}.
 */
export class NodeClock {
	readonly #clock = new HybridClock();
	/** The node gave an order since the last turn. */
	#isUsed = false;
	#turns = 0;
	#due: 'look' | 'raise' | undefined = 'look';

	/** An order higher than `known` and than all that the nodes of the region gave, as far as this node knows. */
	next(wallTime: number, now: number, known?: number): number {
		if (!this.#isUsed) this.#due = 'raise';
		this.#isUsed = true;
		return this.#clock.next(wallTime, now, known);
	}

	/** Call it once in each {@link RAISE_MS}. */
	turn(): void {
		this.#turns++;
		if (this.#isUsed) this.#due = 'raise';
		else if (this.#turns % IDLE_TURNS === 0) this.#due = 'look';
		this.#isUsed = false;
	}

	/** The least time for the clock in the store, in Unix milliseconds; undefined when the store need not be asked now. */
	takeRaise(wallTime: number, now: number): number | undefined {
		const due = this.#due;
		this.#due = undefined;
		if (due === undefined) return undefined;
		return due === 'look' ? 0 : Math.min(Math.ceil(this.#clock.time(wallTime, now)), MAX_MS);
	}

	/** The store, asked at `askedAt`, answered. `isStart`: it is the question that the node asks at its start. */
	learn(clock: StoreClock, askedAt: number, now: number, isStart: boolean): void {
		// mutant: learns-clock
		this.#clock.learn(clock, askedAt, now, isStart);
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
	const clock = new NodeClock();

	/** Raises the clock in the store when it is due, and learns how it stands. */
	async function raise(isStart = false): Promise<void> {
		const askedAt = monotonicNow();
		const to = clock.takeRaise(Date.now(), askedAt);
		if (to === undefined) return;
		try {
			clock.learn(await store.raiseClock(to), askedAt, monotonicNow(), isStart);
		} catch (err) {
			logger.debug({ err }, 'the clock of signals could not be stored; it is tried again');
		}
	}

	const timer = setInterval(() => {
		clock.turn();
		void raise();
	}, RAISE_MS);
	timer.unref();
	const waited = new Promise<void>((resolve) => setTimeout(resolve, START_MS).unref());

	return {
		started: Promise.race([raise(true), waited]),
		next(known) {
			const order = clock.next(Date.now(), monotonicNow(), known);
			void raise();
			return order;
		},
		close: () => clearInterval(timer),
	};
}
