import type { Logger } from 'pino';
import { monotonicNow } from '../../runtime/clock.ts';
import { OnceAMinute } from '../../runtime/once-a-minute.ts';
import { type Clock, ClockComparison, type ClockSkew } from './clock-comparison.ts';

/** The time after which a clock is wrong, in milliseconds: operators set several clocks one by one. */
const WRONG_MS = 3_000;

/** The interval between two comparisons, in milliseconds. */
const LOOK_MS = 250;

/** Compares the wall clock of this node with those of other nodes. */
export interface ClockWatch {
	/** The clock that this node names. */
	readonly own: Clock;
	/** Takes the clock of a node. */
	received(node: string, clock: Clock): void;
	/** A sentence that says how the clock is wrong; undefined while it is right. */
	readonly problem: string | undefined;
	close(): void;
}

export function createClockWatch(logger: Logger): ClockWatch {
	const startedAt = monotonicNow();
	const comparison = new ClockComparison();
	let wrongSince: number | undefined;
	let wrong: ClockSkew | undefined;
	/** Counted once a look: every request and answer between nodes names it. */
	let agreeing = 1;
	const lines = new OnceAMinute();
	const timer = setInterval(look, LOOK_MS);
	timer.unref();

	function look(): void {
		const now = monotonicNow();
		agreeing = comparison.agreeing(now);
		const skew = comparison.skew(now - startedAt, now);
		if (skew === undefined) {
			if (wrong !== undefined) logger.info('clock agrees with the other nodes again');
			wrong = wrongSince = undefined;
			lines.forget(undefined);
			return;
		}
		wrongSince ??= now;
		if (now - wrongSince < WRONG_MS) return;
		wrong = skew;
		if (!lines.admits(undefined, now)) return;
		logger.warn({ ...skew }, 'clock differs from the other nodes; not ready until it is set');
	}

	return {
		get own() {
			return { time: Date.now(), uptimeMs: monotonicNow() - startedAt, agreeing };
		},
		received: (node, clock) => comparison.received(node, clock, Date.now(), monotonicNow()),
		get problem() {
			return wrong && sentenceOf(wrong);
		},
		close: () => clearInterval(timer),
	};
}

function sentenceOf({ aheadMs, others }: ClockSkew): string {
	const seconds = Math.round(Math.abs(aheadMs) / 1_000);
	return `The clock of this node is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} that of ${others.join(', ')}; set it.`;
}
