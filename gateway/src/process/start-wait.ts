import type { Logger } from 'pino';

/** A start that waits for this time logs the reason, in milliseconds. */
const FIRST_MS = 10_000;

/** The interval at which a start that waits logs the reason again, in milliseconds. */
const AGAIN_MS = 60_000;

/**
 * Settles as `work` does, and logs that the start waits while it takes long: a node that hangs before
 * it listens has no other way to report it.
 */
export async function logWhileWaiting<Result>(
	work: Promise<Result>,
	waitsFor: string,
	logger: Logger,
): Promise<Result> {
	const startedAt = performance.now();
	let timer = setTimeout(look, FIRST_MS);

	function look(): void {
		const waitedMs = Math.round(performance.now() - startedAt);
		logger.warn({ waitedMs, waitsFor }, 'not started yet');
		timer = setTimeout(look, AGAIN_MS);
	}

	try {
		return await work;
	} finally {
		clearTimeout(timer);
	}
}
