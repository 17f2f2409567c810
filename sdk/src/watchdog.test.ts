import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWatchdog } from './watchdog.ts';

// Time is the subject here, so it is a fake one.
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function watched(timeoutMs: number) {
	const onSilence = vi.fn();
	const watchdog = createWatchdog(onSilence);
	watchdog.watch(timeoutMs);
	return { onSilence, watchdog };
}

/** Time passes while nothing runs: a throttled page, a sleeping computer. Timers that came due run late, one by one. */
function suspend(ms: number): void {
	vi.setSystemTime(Date.now() + ms);
}

describe('a watchdog', () => {
	it('calls after the silence it was told to watch for, once', () => {
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
		watchdog.heard();
		vi.advanceTimersByTime(999);
		expect(onSilence).not.toHaveBeenCalled();
		vi.advanceTimersByTime(1);
		expect(onSilence).toHaveBeenCalledTimes(1);
	});

	it('calls no alarm when its own timer is a minute late but messages came', () => {
		const { onSilence, watchdog } = watched(1000);
		suspend(60_000);
		watchdog.heard();
		vi.advanceTimersByTime(999);
		expect(onSilence).not.toHaveBeenCalled();
	});

	it('lets messages that wait behind a late timer be read first', () => {
		const { onSilence, watchdog } = watched(1000);
		suspend(60_000);
		vi.advanceTimersByTime(1000);
		expect(onSilence).not.toHaveBeenCalled();
		watchdog.heard();
		vi.advanceTimersByTime(999);
		expect(onSilence).not.toHaveBeenCalled();
	});

	it('does not miss a dead stream when every timer is late', () => {
		const { onSilence } = watched(1000);
		suspend(60_000);
		vi.advanceTimersByTime(1000);
		suspend(60_000);
		vi.advanceTimersByTime(1000);
		expect(onSilence).toHaveBeenCalledTimes(1);
	});

	it('looks when the page is back, before its timer comes due', () => {
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

	it('is quiet once stopped', () => {
		const { onSilence, watchdog } = watched(1000);
		watchdog.stop();
		watchdog.check();
		vi.advanceTimersByTime(10_000);
		expect(onSilence).not.toHaveBeenCalled();
	});
});
