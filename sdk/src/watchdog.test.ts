import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWatchdog } from './watchdog.ts';

// Fake timers control the time, on which these tests depend.
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function watched(timeoutMs: number) {
	const onSilence = vi.fn();
	const watchdog = createWatchdog(onSilence);
	watchdog.watch(timeoutMs);
	return { onSilence, watchdog };
}

/**
 * Lets time pass while no code runs, as in a throttled page or a sleeping computer.
 * Due timers run late, one by one.
 */
function suspend(ms: number): void {
	vi.setSystemTime(Date.now() + ms);
}

describe('a watchdog', () => {
	it('calls once after the silence that it watches for', () => {
		const { onSilence } = watched(1000);
		vi.advanceTimersByTime(999);
		expect(onSilence).not.toHaveBeenCalled();
		vi.advanceTimersByTime(1);
		expect(onSilence).toHaveBeenCalledTimes(1);
		vi.advanceTimersByTime(10_000);
		expect(onSilence).toHaveBeenCalledTimes(1);
	});

	it('counts from the last message', () => {
		const { onSilence, watchdog } = watched(1000);
		vi.advanceTimersByTime(900);
		watchdog.reset();
		vi.advanceTimersByTime(999);
		expect(onSilence).not.toHaveBeenCalled();
		vi.advanceTimersByTime(1);
		expect(onSilence).toHaveBeenCalledTimes(1);
	});

	it('does not call when its own timer is 1 minute late but messages came', () => {
		const { onSilence, watchdog } = watched(1000);
		suspend(60_000);
		watchdog.reset();
		vi.advanceTimersByTime(999);
		expect(onSilence).not.toHaveBeenCalled();
	});

	it('waits until messages behind a late timer are read', () => {
		const { onSilence, watchdog } = watched(1000);
		suspend(60_000);
		vi.advanceTimersByTime(1000);
		expect(onSilence).not.toHaveBeenCalled();
		watchdog.reset();
		vi.advanceTimersByTime(999);
		expect(onSilence).not.toHaveBeenCalled();
	});

	it('does not miss a dead stream when each timer is late', () => {
		const { onSilence } = watched(1000);
		suspend(60_000);
		vi.advanceTimersByTime(1000);
		suspend(60_000);
		vi.advanceTimersByTime(1000);
		expect(onSilence).toHaveBeenCalledTimes(1);
	});

	it('checks when the page is back, before its timer is due', () => {
		const { onSilence, watchdog } = watched(60_000);
		watchdog.check();
		suspend(60_000);
		watchdog.check();
		vi.advanceTimersByTime(1000);
		expect(onSilence).toHaveBeenCalledTimes(1);
	});

	it('waits no longer than its time when the wall clock was set back', () => {
		const { onSilence } = watched(1000);
		suspend(-3_600_000);
		vi.advanceTimersByTime(3000);
		expect(onSilence).not.toHaveBeenCalled();
		suspend(3_600_000);
		vi.advanceTimersByTime(2000);
		expect(onSilence).toHaveBeenCalledTimes(1);
	});

	it('does not call once stopped', () => {
		const { onSilence, watchdog } = watched(1000);
		watchdog.stop();
		watchdog.check();
		vi.advanceTimersByTime(10_000);
		expect(onSilence).not.toHaveBeenCalled();
	});
});
