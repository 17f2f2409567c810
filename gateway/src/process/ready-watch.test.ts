import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchReady } from './ready-watch.ts';

// Fake timers, since time is the subject of the test.
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function watch() {
	const log: Record<string, unknown>[] = [];
	const node: { waitsFor: string | undefined } = { waitsFor: 'a dispatcher' };
	const stop = watchReady(() => node.waitsFor, pino({}, { write: (line: string) => log.push(JSON.parse(line)) }));
	return { log, node, stop };
}

describe('watchReady', () => {
	it('logs the reason after 5 s and each minute, and when the node is ready', () => {
		const { log, node } = watch();
		vi.advanceTimersByTime(4_900);
		expect(log).toEqual([]);
		vi.advanceTimersByTime(200);
		expect(log).toMatchObject([{ msg: 'not ready yet', reason: 'a dispatcher' }]);
		vi.advanceTimersByTime(60_000);
		expect(log).toHaveLength(2);
		node.waitsFor = undefined;
		vi.advanceTimersByTime(600_000);
		expect(log.slice(2)).toMatchObject([{ msg: 'ready' }]);
	});

	it('logs nothing after it was stopped', () => {
		const { log, stop } = watch();
		stop();
		vi.advanceTimersByTime(600_000);
		expect(log).toEqual([]);
	});
});
