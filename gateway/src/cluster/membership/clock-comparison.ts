/** Clocks of nodes may differ by at most this much, in milliseconds. */
export const MAX_CLOCK_SKEW_MS = 3_600_000;

/** A node that said nothing for longer is left out of the comparison, in milliseconds. */
const FORGET_MS = 10_000;

/** What a node says of its clock with every request and answer. */
export interface Clock {
	/** Its wall time, in Unix milliseconds. */
	readonly time: number;
	/** How long it runs, in milliseconds, by its monotonic clock. */
	readonly uptimeMs: number;
	/** How many nodes it knows whose clocks agree with its own, itself included. */
	readonly agreeing: number;
}

/** How the clock of this node differs from those of the others. */
export interface ClockSkew {
	/** How far it is ahead of them, in milliseconds; negative when it is behind. */
	readonly aheadMs: number;
	/** The nodes that it differs from. */
	readonly others: readonly string[];
}

interface Seen {
	readonly clock: Clock;
	/** How far that clock is ahead of the own one, in milliseconds. */
	readonly aheadMs: number;
	readonly at: number;
}

/** Returns a clock as a header says it; undefined when that is none. */
export function parseClock(text: string): Clock | undefined {
	const match = /^(\d{1,16}) (\d{1,16}) (\d{1,6})$/.exec(text);
	if (match === null) return undefined;
	const [, time, uptimeMs, agreeing] = match.map(Number) as [number, number, number, number];
	return { time, uptimeMs, agreeing };
}

export function encodeClock({ time, uptimeMs, agreeing }: Clock): string {
	return `${time} ${Math.floor(uptimeMs)} ${agreeing}`;
}

/**
 * Compares the wall clock of this node with those of the others. Where clocks differ too much, the side with more nodes is
 * right; of two sides of one size, the one with the node that runs for longest. Deterministic; `now` is the monotonic clock.
 */
export class ClockComparison {
	readonly #seen = new Map<string, Seen>();

	/** A node said its clock when that of this node was at `wallTime`. */
	heard(node: string, clock: Clock, wallTime: number, now: number): void {
		this.#seen.set(node, { clock, aheadMs: clock.time - wallTime, at: now });
	}

	/** How many nodes agree, this one included. */
	agreeing(now: number): number {
		return 1 + this.#sides(now).agree.length;
	}

	/** How the clock of this node is wrong; undefined when it is right, or when there is no other node. */
	skew(uptimeMs: number, now: number): ClockSkew | undefined {
		const { agree, differ } = this.#sides(now);
		if (differ.length === 0) return undefined;
		const own = Math.max(1 + agree.length, ...agree.map(([, { clock }]) => clock.agreeing));
		const others = Math.max(differ.length, ...differ.map(([, { clock }]) => clock.agreeing));
		const oldest = (side: readonly (readonly [string, Seen])[]) =>
			Math.max(...side.map(([, { clock, at }]) => clock.uptimeMs + now - at));
		const isWrong = others > own || (others === own && oldest(differ) > Math.max(uptimeMs, oldest(agree)));
		if (!isWrong) return undefined;
		const aheads = differ.map(([, { aheadMs }]) => -aheadMs).sort((a, b) => a - b);
		return { aheadMs: aheads[Math.floor(aheads.length / 2)] ?? 0, others: differ.map(([node]) => node).sort() };
	}

	#sides(now: number) {
		for (const [node, { at }] of this.#seen) if (now - at > FORGET_MS) this.#seen.delete(node);
		const all = [...this.#seen];
		const isNear = ([, { aheadMs }]: readonly [string, Seen]) => Math.abs(aheadMs) <= MAX_CLOCK_SKEW_MS;
		return { agree: all.filter(isNear), differ: all.filter((one) => !isNear(one)) };
	}
}
