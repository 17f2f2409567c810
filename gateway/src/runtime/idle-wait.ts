/** Lets somebody who stops wait until there is nothing left to do. */
export interface IdleWait {
	/** To be called after each turn: whoever waits may go on. */
	look(): void;
	/** Settles when there is nothing to do, or after so many milliseconds. */
	wait(timeoutMs: number): Promise<void>;
}

/** `isIdle`: whether there is nothing to do. */
export function createIdleWait(isIdle: () => boolean): IdleWait {
	const waiting = new Set<() => void>();
	return {
		look() {
			if (waiting.size > 0 && isIdle()) for (const done of waiting) done();
		},
		wait(timeoutMs) {
			if (isIdle()) return Promise.resolve();
			return new Promise((resolve) => {
				function done(): void {
					clearTimeout(timer);
					waiting.delete(done);
					resolve();
				}
				const timer = setTimeout(done, timeoutMs);
				waiting.add(done);
			});
		},
	};
}
