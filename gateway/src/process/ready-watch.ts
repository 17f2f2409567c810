import type { Logger } from 'pino';

/** A node that is not ready so soon after its start says what it waits for, in milliseconds … */
const FIRST_MS = 5_000;

/** … and again so often. */
const AGAIN_MS = 60_000;

/** Readiness is looked at so often, in milliseconds. */
const LOOK_MS = 250;

/** Logs that a node is ready after its start, or what it waits for. Stops by itself then; answers with what stops it before. */
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
