/** The largest difference between the clocks of two nodes, in milliseconds. */
export const MAX_CLOCK_SKEW_MS = 3_600_000;

/** The comparison leaves out a node that sent nothing for this long, in milliseconds. */
const FORGET_MS = 10_000;

/** The clock that a node names with every request and answer. */
export interface Clock {
	/** Its wall time, in Unix milliseconds. */
	readonly time: number;
	/** The time since its start, in milliseconds, by its monotonic clock. */
	readonly uptimeMs: number;
	/** The number of nodes whose clocks agree with its own, itself included. */
	readonly agreeing: number;
}

/** How the clock of this node differs from the clocks of other nodes. */
export interface ClockSkew {
	/** The time by which it is ahead of them, in milliseconds; negative when it is behind. */
	readonly aheadMs: number;
	/** The nodes that it differs from. */
	readonly others: readonly string[];
}

interface Seen {
	readonly clock: Clock;
	/** The time by which that clock is ahead of this one, in milliseconds. */
	readonly aheadMs: number;
	readonly at: number;
}

/** Parses the clock in a header; undefined when the text is not a clock. */
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
 * Compares the wall clock of this node with those of other nodes. Where clocks differ too much, the
 * side with more nodes is right; of two equal sides, the side with the oldest node is right.
 * Deterministic; `now` is the monotonic clock.
 */
export class ClockComparison {
	readonly #seen = new Map<string, Seen>();

	/** Takes the clock of a node, received at `wallTime` of this node. */
	received(node: string, clock: Clock, wallTime: number, now: number): void {
		this.#seen.set(node, { clock, aheadMs: clock.time - wallTime, at: now });
	}

	/** Returns the number of nodes that agree, this one included. */
	agreeing(now: number): number {
		return 1 + this.#sides(now).agree.length;
	}

	/** Returns how the clock of this node is wrong; undefined when it is right, or without another node. */
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
