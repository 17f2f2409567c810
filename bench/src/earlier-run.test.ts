import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readEarlierRun } from './earlier-run.ts';
import { recordOf, writeFakeRun } from './report/fake-run.ts';
import type { Scenario } from './scenario.ts';
import { UsageError } from './usage-error.ts';

const directory = mkdtempSync(join(tmpdir(), 'bench-earlier-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'run.json');

const [FRAMES, INGEST] = ['frames', 'ingest'].map(
	(name): Scenario => ({ name, about: '', seconds: 1, run: () => Promise.reject(new Error('not run')) }),
) as [Scenario, Scenario];

describe('readEarlierRun', () => {
	it('returns a run that has one of the scenarios', () => {
		const written = writeFakeRun(file, [recordOf([{ label: 'frames', value: 1, unit: '/s' }])]);
		expect(readEarlierRun(file, [INGEST, FRAMES])).toEqual(written);
	});

	it('refuses a run without any of the scenarios', () => {
		writeFakeRun(file, [recordOf([])]);
		expect(() => readEarlierRun(file, [INGEST])).toThrow(UsageError);
		expect(() => readEarlierRun(file, [INGEST])).toThrow(/run\.json has no run of ingest; it has frames$/);
	});

	it('refuses a run of several gateways', () => {
		const gateways = ['old', 'new'].map((name) => ({ name, file: 'main.js' }));
		writeFakeRun(file, [recordOf([])], { gateways });
		expect(() => readEarlierRun(file, [FRAMES])).toThrow(/run\.json has several gateways \(old, new\)/);
	});
});
