import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { testDirectory } from '../../test/temporary-directory.ts';
import { createWorkerProcesses } from './worker-processes.ts';

/** Returns two workers that run this program, and the numbers of those that ended. */
function workersOf(program: string, startMs?: number) {
	const file = join(testDirectory(), 'worker.mjs');
	writeFileSync(file, program);
	const ended: number[] = [];
	const processes = createWorkerProcesses({
		file: pathToFileURL(file),
		count: 2,
		port: 1,
		setupOf: (worker) => worker,
		onLinked: () => undefined,
		onEnd: (worker) => ended.push(worker),
		...(startMs !== undefined && { startMs }),
		logger: pino({ level: 'silent' }),
	});
	return { processes, ended };
}

describe('createWorkerProcesses', () => {
	it('kills workers that hang before they serve, and rejects the start with the reason', async () => {
		const { processes, ended } = workersOf("process.on('message', () => undefined);", 50);
		await expect(processes.start()).rejects.toThrow('a worker did not serve viewers within 50 ms');
		expect(ended.toSorted()).toEqual([1, 2]);
	});

	it('rejects the start with the report of a worker that cannot serve, and ends the other', async () => {
		const { processes, ended } = workersOf(`
			process.on('message', ({ setup }) => {
				if (setup === 2) process.send({ kind: 'failed', reason: 'no room' }, () => process.exit(1));
			});
		`);
		await expect(processes.start()).rejects.toThrow('no room');
		expect(ended.toSorted()).toEqual([1, 2]);
	});
});
