import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { logWhileWaiting } from './start-wait.ts';

// Fake timers, since time is the subject of the test.
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('logs the reason after 10 s and each minute, until the work settles', async () => {
	const log: Record<string, unknown>[] = [];
	const logger = pino({}, { write: (line: string) => log.push(JSON.parse(line)) });
	let open = (_: string) => {};
	const waiting = logWhileWaiting(
		new Promise<string>((resolve) => (open = resolve)),
		'the data directory /data',
		logger,
	);
	vi.advanceTimersByTime(9_900);
	expect(log).toEqual([]);
	vi.advanceTimersByTime(200);
	expect(log).toMatchObject([{ level: 40, msg: 'not started yet', waitsFor: 'the data directory /data' }]);
	vi.advanceTimersByTime(120_000);
	expect(log).toHaveLength(3);
	open('opened');
	expect(await waiting).toBe('opened');
	vi.advanceTimersByTime(600_000);
	expect(log).toHaveLength(3);
});
