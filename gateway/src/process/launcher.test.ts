import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchLauncher } from './launcher.ts';

// Time is the subject here, so it is a fake one.
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('watchLauncher', () => {
	it('calls once when the shell of npx is gone', () => {
		let parent = 10;
		const onGone = vi.fn();
		watchLauncher({ npm_command: 'exec' }, onGone, () => parent);
		vi.advanceTimersByTime(5_000);
		expect(onGone).not.toHaveBeenCalled();
		parent = 1;
		vi.advanceTimersByTime(5_000);
		expect(onGone).toHaveBeenCalledTimes(1);
	});

	it('lets a process outlive any other one that started it', () => {
		let parent = 10;
		const onGone = vi.fn();
		watchLauncher({}, onGone, () => parent);
		parent = 1;
		vi.advanceTimersByTime(5_000);
		expect(onGone).not.toHaveBeenCalled();
	});
});
