import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../usage-error.ts';
import { recordOf, writeFakeRun } from './fake-run.ts';
import { readRunFile } from './run-file.ts';

let directory = '';
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'bench-run-file-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Writes a text, and returns the error of reading it. */
function errorOf(text: string): string {
	const file = join(directory, 'broken.json');
	writeFileSync(file, text);
	return messageOf(file);
}

function messageOf(file: string): string {
	try {
		readRunFile(file);
	} catch (error) {
		expect(error).toBeInstanceOf(UsageError);
		return (error as UsageError).message;
	}
	throw new Error('the file was read');
}

describe('readRunFile', () => {
	it('returns what writeRunFile wrote, with values that a run could not measure', () => {
		const file = join(directory, 'run.json');
		const runs = [recordOf([{ label: 'send()', value: Number.NaN, unit: '/s', isFloor: true }])];
		const written = writeFakeRun(file, runs);
		expect(JSON.parse(readFileSync(file, 'utf8')).format).toBe(1);
		expect(readRunFile(file)).toEqual(written);
	});

	it('names a file that is missing, or a directory', () => {
		expect(messageOf(join(directory, 'none.json'))).toMatch(/^cannot read .*none\.json: ENOENT/);
		expect(messageOf(directory)).toMatch(/^cannot read .*: EISDIR/);
	});

	it('refuses a text that is no JSON', () => {
		expect(errorOf('{"format":')).toMatch(/broken\.json is no JSON: /);
		expect(errorOf('')).toMatch(/broken\.json is no JSON: /);
	});

	it('refuses JSON without a format number', () => {
		for (const text of ['{}', '[]', 'null', '3', '{"results":{}}']) {
			expect(errorOf(text)).toMatch(/broken\.json has no format number: .*older version/);
		}
	});

	it('refuses another format', () => {
		expect(errorOf('{"format":2}')).toMatch(/broken\.json has format 2; this benchmark reads format 1/);
		expect(errorOf('{"format":"1"}')).toMatch(/broken\.json has format "1"; this benchmark reads format 1/);
	});

	it('names the field that is missing or wrong', () => {
		expect(errorOf('{"format":1}')).toMatch(/no result of this benchmark: at: /);
		const written = writeFakeRun(join(directory, 'run.json'), [recordOf([{ label: 'a', value: 1, unit: '' }])]);
		const [run] = written.runs;
		const figures = [{ label: 'a', value: 'much', unit: '' }];
		const wrong = { ...written, runs: [{ ...run, result: { ...run?.result, figures } }] };
		expect(errorOf(JSON.stringify(wrong))).toMatch(/: runs\.0\.result\.figures\.0\.value: /);
		expect(errorOf(JSON.stringify({ ...written, runs: [] }))).toMatch(/: runs: /);
	});
});
