import type { Logger } from 'pino';
import type { Clock } from '../engine/clock.ts';
import { isExpected } from './calls.ts';

/**
 * Returns a logger that writes nothing. A driver logs the errors that it catches: one that no node
 * sends is a fault of the program, and ends the run.
 */
export function createWatchfulLogger(clock: Clock): Logger {
	const note = (line: unknown) => {
		if (typeof line !== 'object' || line === null || !('err' in line)) return;
		if (!isExpected(line.err)) clock.fail(line.err);
	};
	const logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
	return logger as unknown as Logger;
}
