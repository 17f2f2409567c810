import type { Logger } from 'pino';
import { type Clock, REAL_CLOCK } from '../runtime/clock.ts';
import type { StoreClock } from '../store/log-store.ts';
import type { Store } from '../store/store.ts';

/** The orders of one millisecond, as in the orders of log events. */
export const ORDERS_PER_MS = 1_024;

/** The period in which a node that creates orders raises the clock in the store, in milliseconds. */
export const RAISE_MS = 1_000;

/** An idle node reads the clock once in this number of periods. */
const IDLE_TURNS = 10;

/** The lead of a starting node over a clock that is ahead, in milliseconds: newer orders may exist. */
const MARGIN_MS = 2 * RAISE_MS;

/** The longest wait for the store at the start, in milliseconds; a node must start without the store. */
export const START_MS = 1_000;

/** The latest valid clock: orders of later times exceed the safe integers. */
const MAX_MS = Date.UTC(2200);

/**
 * A hybrid logical clock: a later order is higher, also when wall clocks change. It follows the wall
 * time of the store, so the nodes of a region agree while their own clocks differ, and advances with
 * the monotonic clock of the process. After orders ahead of that time it stays ahead, and runs at half
 * speed until the time has caught up: a lead of one day ends after two days. Deterministic.
 */
export class HybridClock {
	#last = 0;
	/** The lead of the wall time of the store over the monotonic clock; undefined until the store answered. */
	#offsetMs: number | undefined;
	/** The lead of this clock over that time, and when it was measured. */
	#leadMs = 0;
	#leadAt = 0;

	/**
	 * Returns an order higher than all before, and than `known`, which does not raise the clock itself.
	 * `wallTime`, of this node, counts until the store has answered.
	 */
	next(wallTime: number, now: number, known = 0): number {
		// mutant: orders-by-hybrid-clock
		this.#last = Math.max(Math.floor(this.time(wallTime, now) * ORDERS_PER_MS), this.#last + 1);
		return Math.max(this.#last, Math.floor(known) + 1);
	}

	/** Returns the time of this clock, in Unix milliseconds. */
	time(wallTime: number, now: number): number {
		const time = this.#offsetMs === undefined ? wallTime : now + this.#offsetMs;
		return Math.max(time + Math.max(0, this.#leadMs - (now - this.#leadAt) / 2), this.#last / ORDERS_PER_MS);
	}

	/**
	 * Takes the clock of the region from the store, which was asked at `askedAt`. `isStart`: other nodes
	 * may have created orders since that this process does not know.
	 */
	learn({ at, wallTime }: StoreClock, askedAt: number, now: number, isStart = false): void {
		if (at > MAX_MS || wallTime > MAX_MS) return;
		// The time of orders that were created before the first answer of the store.
		const before = this.#offsetMs === undefined ? this.#last / ORDERS_PER_MS : this.time(0, now);
		// The store read its time between request and answer. An offset in this range stays, so that delays do not move the clock.
		const [least, most] = [wallTime - now, wallTime - askedAt];
		this.#offsetMs = Math.min(Math.max(this.#offsetMs ?? (least + most) / 2, least), most);
		const isAhead = at > wallTime + (now - askedAt);
		this.#leadMs = Math.max(0, Math.max(before, isStart && isAhead ? at + MARGIN_MS : at) - (now + this.#offsetMs));
		this.#leadAt = now;
	}
}

/**
 * The clock of one Likes node. It follows the clock in the store of its region, which every node of
 * the region raises. Deterministic; times are as in {@link HybridClock}.
 */
export class NodeClock {
	readonly #clock = new HybridClock();
	/** Whether the node created an order since the last turn. */
	#isUsed = false;
	#turns = 0;
	#due: 'look' | 'raise' | undefined = 'look';

	/** Returns an order higher than `known` and than all orders of the region that this node knows. */
	next(wallTime: number, now: number, known?: number): number {
		if (!this.#isUsed) this.#due = 'raise';
		this.#isUsed = true;
		return this.#clock.next(wallTime, now, known);
	}

	/** The caller runs it once in each {@link RAISE_MS}. */
	turn(): void {
		this.#turns++;
		if (this.#isUsed) this.#due = 'raise';
		else if (this.#turns % IDLE_TURNS === 0) this.#due = 'look';
		this.#isUsed = false;
	}

	/** Returns the least time for the clock in the store, in Unix milliseconds; undefined for none. */
	takeRaise(wallTime: number, now: number): number | undefined {
		const due = this.#due;
		this.#due = undefined;
		if (due === undefined) return undefined;
		return due === 'look' ? 0 : Math.min(Math.ceil(this.#clock.time(wallTime, now)), MAX_MS);
	}

	/** Takes the answer of the store, asked at `askedAt`. `isStart`: whether it is the first one. */
	learn(clock: StoreClock, askedAt: number, now: number, isStart: boolean): void {
		// mutant: learns-clock
		this.#clock.learn(clock, askedAt, now, isStart);
	}
}

export interface SignalClockOptions {
	readonly store: Pick<Store, 'raiseClock'>;
	readonly clock?: Clock;
	readonly logger: Logger;
}

/** Creates the orders of signals, on a node with the store of its region. */
export interface SignalClock {
	/** Returns an order higher than all orders of the nodes of the region, and than `known`. */
	next(known?: number): number;
	/** Settles when the clock of the region is known, or when the store does not answer within 1 s. */
	readonly started: Promise<void>;
	close(): void;
}

export function createSignalClock({ store, clock = REAL_CLOCK, logger }: SignalClockOptions): SignalClock {
	const orders = new NodeClock();

	/** Raises the clock in the store when that is due, and takes its new state. */
	async function raise(isStart = false): Promise<void> {
		const askedAt = clock.now();
		const to = orders.takeRaise(clock.wallTime(), askedAt);
		if (to === undefined) return;
		try {
			orders.learn(await store.raiseClock(to), askedAt, clock.now(), isStart);
		} catch (err) {
			logger.debug({ err }, 'write of the signal clock failed; retried');
		}
	}

	const timer = clock.every(RAISE_MS, () => {
		orders.turn();
		void raise();
	});
	timer.unref();
	const waited = new Promise<void>((resolve) => clock.after(START_MS, resolve).unref());

	return {
		started: Promise.race([raise(true), waited]),
		next(known) {
			const order = orders.next(clock.wallTime(), clock.now(), known);
			void raise();
			return order;
		},
		close: () => clock.cancel(timer),
	};
}
