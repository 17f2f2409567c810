import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchLauncher } from './launcher.ts';

// Fake timers, since time is the subject of the test.
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('watchLauncher', () => {
	it('calls `onGone` once when the shell of npx is gone', () => {
		let parent = 10;
		const onGone = vi.fn();
		watchLauncher({ npm_command: 'exec' }, onGone, () => parent);
		vi.advanceTimersByTime(5_000);
		expect(onGone).not.toHaveBeenCalled();
		parent = 1;
		vi.advanceTimersByTime(5_000);
		expect(onGone).toHaveBeenCalledTimes(1);
	});

	it('ignores the end of any other parent', () => {
		let parent = 10;
		const onGone = vi.fn();
		watchLauncher({}, onGone, () => parent);
		parent = 1;
		vi.advanceTimersByTime(5_000);
		expect(onGone).not.toHaveBeenCalled();
	});
});
