import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAlive } from './alive.ts';

// Time is the subject here, so it is a fake one.
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('createAlive', () => {
	it('sends each 60 s, for the connection of the newest stream, until it is stopped', () => {
		const sent: string[] = [];
		const alive = createAlive((connection) => sent.push(connection));
		vi.advanceTimersByTime(120_000);
		expect(sent).toEqual([]);
		alive.start('a');
		vi.advanceTimersByTime(59_999);
		expect(sent).toEqual([]);
		vi.advanceTimersByTime(60_001);
		expect(sent).toEqual(['a', 'a']);
		alive.start('b');
		vi.advanceTimersByTime(60_000);
		expect(sent).toEqual(['a', 'a', 'b']);
		alive.stop();
		alive.stop();
		vi.advanceTimersByTime(600_000);
		expect(sent).toHaveLength(3);
	});
});
