import { type Clock, REAL_CLOCK } from './clock.ts';

/** Lets a stop wait until a state machine is idle. */
export interface IdleWait {
	/** The state machine calls it after each turn; it settles the waits when that is idle. */
	look(): void;
	/** Settles when the state machine is idle, or after `timeoutMs`. */
	wait(timeoutMs: number): Promise<void>;
}

/** `isIdle` returns whether the state machine has no work. */
export function createIdleWait(isIdle: () => boolean, clock: Clock = REAL_CLOCK): IdleWait {
	const waiting = new Set<() => void>();
	return {
		look() {
			if (waiting.size > 0 && isIdle()) for (const done of waiting) done();
		},
		wait(timeoutMs) {
			if (isIdle()) return Promise.resolve();
			return new Promise((resolve) => {
				function done(): void {
					clock.cancel(timer);
					waiting.delete(done);
					resolve();
				}
				const timer = clock.after(timeoutMs, done);
				waiting.add(done);
			});
		},
	};
}
