import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../test/config-problems.ts';
import { parseConfig, workerCount } from './config.ts';

const count = (workers: string, cores: number) => workerCount(parseConfig({}, { workers }), cores);

describe('workerCount', () => {
	it('is 0 when one process is enough, else the number or that of cores', () => {
		expect([count('1', 8), count('2', 8), count('auto', 8), count('auto', 1)]).toEqual([0, 2, 8, 0]);
		expect(workerCount(parseConfig({}), 8)).toBe(0);
	});

	it('is 0 for a node without viewers', () => {
		for (const workers of ['auto', 2] as const) expect(workerCount({ workers, roles: ['likes'] }, 8)).toBe(0);
	});
});

describe('parseConfig with workers', () => {
	it('requires a number from 1 to 256, or auto', () => {
		for (const workers of ['0', '257', '-1', '1.5', 'many', '']) {
			expect(problemsOf({}, { workers })).toEqual(["--workers should be 'auto' or a whole number from 1 to 256"]);
		}
	});
});
