/**
 * Loaded before a gateway, it harms each thread of its process that is not the main one: it ends it once the file exists
 * that TEST_END_THREADS names, as a crash would, with code 3; and while the file exists that TEST_HOLD_THREADS names, the
 * thread hangs before it does anything, as on a path that does not answer.
 */
import { existsSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const LOOK_MS = 20;
const { TEST_END_THREADS: ending = '', TEST_HOLD_THREADS: holding = '' } = process.env;

if (!isMainThread) {
	while (existsSync(holding)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
	setInterval(() => {
		if (existsSync(ending)) process.exit(3);
	}, LOOK_MS).unref();
}
