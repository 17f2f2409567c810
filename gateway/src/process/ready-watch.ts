import type { Logger } from 'pino';

/** A node that is not ready after this time logs the reason, in milliseconds. */
const FIRST_MS = 5_000;

/** The interval at which a node that is not ready logs the reason again, in milliseconds. */
const AGAIN_MS = 60_000;

/** The interval between two checks of readiness, in milliseconds. */
const LOOK_MS = 250;

/** Logs when a node becomes ready, and until then the reason. Returns a function that stops it. */
export function watchReady(waitsFor: () => string | undefined, logger: Logger): () => void {
	const startedAt = performance.now();
	let logAt = FIRST_MS;
	const timer = setInterval(() => {
		const reason = waitsFor();
		const waitedMs = Math.round(performance.now() - startedAt);
		if (reason === undefined) {
			logger.info({ waitedMs }, 'ready');
			clearInterval(timer);
		} else if (waitedMs >= logAt) {
			logger.warn({ waitedMs, reason }, 'not ready yet');
			logAt = waitedMs + AGAIN_MS;
		}
	}, LOOK_MS);
	return () => clearInterval(timer);
}
