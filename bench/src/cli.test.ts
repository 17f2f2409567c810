import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { helpText, parseCommandLine } from './cli.ts';
import type { Scenario } from './scenario.ts';
import { UsageError } from './usage-error.ts';

const SCENARIO: Scenario = {
	...{ name: 'frames', about: 'the most frames', seconds: 10 },
	run: () => Promise.reject(new Error('not run')),
};

const directory = mkdtempSync(join(tmpdir(), 'bench-cli-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (name: string) => {
	const path = join(directory, name);
	writeFileSync(path, '');
	return path;
};

const parse = (...args: string[]) => parseCommandLine(args, [SCENARIO]);

function errorOf(...args: string[]): string {
	try {
		parse(...args);
	} catch (error) {
		expect(error).toBeInstanceOf(UsageError);
		return (error as UsageError).message;
	}
	throw new Error('the arguments were accepted');
}

describe('parseCommandLine', () => {
	it('runs each scenario once with the built gateway by default', () => {
		const { repeat, compare, gateways, scenarios } = parse();
		expect({ repeat, compare, scenarios }).toEqual({ repeat: 1, compare: undefined, scenarios: [SCENARIO] });
		expect(gateways).toEqual([{ name: 'gateway', file: expect.stringMatching(/gateway\/dist\/main\.js$/) }]);
	});

	it('takes gateways with and without names', () => {
		const [a, b] = [file('a.js'), file('b=2.js')];
		expect(parse('--gateway', a).gateways).toEqual([{ name: a, file: a }]);
		expect(parse('--gateway', `old=${a}`, '--gateway', b).gateways).toEqual([
			...[
				{ name: 'old', file: a },
				{ name: b, file: b },
			],
		]);
	});

	it('refuses a gateway that is missing, and two of one name', () => {
		const a = file('a.js');
		expect(errorOf('--gateway', join(directory, 'none.js'))).toMatch(/none\.js does not exist/);
		expect(errorOf('--gateway', 'old=')).toMatch(/does not exist/);
		expect(errorOf('--gateway', `x=${a}`, '--gateway', `x=${a}`)).toMatch(/two gateways have the name 'x'/);
		expect(errorOf('--gateway', a, '--gateway', a)).toMatch(/two gateways have the name/);
	});

	it('takes the same gateway under two names', () => {
		const a = file('a.js');
		expect(parse('--gateway', `x=${a}`, '--gateway', `y=${a}`).gateways).toHaveLength(2);
	});

	it('refuses --compare with several gateways', () => {
		const [a, b] = [file('a.js'), file('b.js')];
		expect(errorOf('--gateway', a, '--gateway', b, '--compare', 'x.json')).toMatch(/--compare takes one --gateway/);
	});

	it('refuses a number of runs that is none', () => {
		for (const text of ['0', '-1', '1.5', 'many', '101']) {
			expect(errorOf(`--repeat=${text}`)).toBe(`--repeat should be a whole number from 1 to 100, not '${text}'`);
		}
	});

	it('refuses unknown flags and scenarios', () => {
		expect(errorOf('--repaet', '2')).toMatch(/--repaet/);
		expect(errorOf('frmaes')).toMatch(/unknown scenario 'frmaes'; known scenarios: frames/);
	});
});

describe('helpText', () => {
	it('names every flag that the command line takes', () => {
		for (const flag of ['repeat', 'compare', 'gateway', 'results', 'quick', 'seconds', 'viewers', 'json', 'gzip']) {
			expect(helpText([SCENARIO])).toContain(`--${flag}`);
		}
	});
});
