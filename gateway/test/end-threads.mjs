/**
 * Loaded before a gateway, disturbs each thread of its process but the main one.
 *
 * While the file of TEST_HOLD_THREADS exists, a new thread hangs before its start, as on a path that does not answer. Once
 * the file of TEST_END_THREADS exists, each thread ends with code 3, as in a crash.
 */
import { existsSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const POLL_MS = 20;
const { TEST_END_THREADS: ending = '', TEST_HOLD_THREADS: holding = '' } = process.env;

if (!isMainThread) {
	while (existsSync(holding)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
	setInterval(() => {
		if (existsSync(ending)) process.exit(3);
	}, POLL_MS).unref();
}
