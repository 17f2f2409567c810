import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testDirectory } from '../../test/temporary-directory.ts';
import { buildWithSwitches, switchesOf } from './build.ts';
import { CLUSTER } from './cluster.ts';
import { DRILL, switchesOfFailpoints } from './drill.ts';
import { compileSwitches, markersIn, type Switch } from './markers.ts';
import type { Mutants } from './mutant.ts';
import { always, drop, negated, type Operator, offBy, only, value } from './operators.ts';
import { PRESENCE } from './presence.ts';
import { REGIONS } from './regions.ts';
import { SIGNALS } from './signals.ts';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));

/** Returns `f(…)` of code with one operator compiled in at the marker `here`. */
function run(code: string, operator: Operator, isOn: boolean, ...given: unknown[]): unknown {
	const compiled = compileSwitches('f.ts', code, [{ marker: 'mutant: here', condition: 'isOn', operator }]);
	return new Function('isOn', 'given', `${compiled}; return f(...given);`)(isOn, given);
}

describe('compileSwitches', () => {
	it.each<[string, string, Operator, unknown, unknown]>([
		['leaves a statement out', 'function f(n) {\n// mutant: here\nn++;\nreturn n; }', drop, 2, 1],
		[
			'leaves the statement of a branch out',
			'function f(n) { if (n) /* mutant: here */ n = 7; return n; }',
			drop,
			7,
			1,
		],
		['replaces a condition', 'function f(n) {\n// mutant: here\nif (n > 1) return 1;\nreturn 2; }', always, 2, 1],
		['replaces a value', 'function f(n) {\n// mutant: here\nconst m = n + 1;\nreturn m; }', value('n'), 2, 1],
		['replaces a property', 'function f(n) { return {\n// mutant: here\na: n,\n}.a; }', offBy(2), 1, 3],
		['replaces an operand', 'function f(n) { return n > 1 || /* mutant: here */ n === 1; }', negated, true, false],
		['keeps one operand', 'function f(n) { return /* mutant: here */ n > 1 || n === 1; }', only('left'), true, false],
		['replaces a text', 'function f() { return /* mutant: here */ `a`; }', value("'b'"), 'a', 'b'],
	])('%s', (_title, code, operator, off, on) => {
		expect(run(code, operator, false, 1)).toEqual(off);
		expect(run(code, operator, true, 1)).toEqual(on);
	});

	it('compiles several switches of one marker, and nested markers', () => {
		const code = `function f(n) {
			// mutant: outer
			if (/* mutant: inner */ n > 1) return 'many';
			return 'few';
		}`;
		const switches: Switch[] = [
			{ marker: 'mutant: outer', condition: "on === 'dropped'", operator: drop },
			{ marker: 'mutant: inner', condition: "on === 'always'", operator: always },
			{ marker: 'mutant: inner', condition: "on === 'negated'", operator: negated },
		];
		const f = new Function('on', 'n', `${compileSwitches('f.ts', code, switches)}; return f(n);`);
		const modes = ['off', 'dropped', 'always', 'negated'];
		expect(modes.map((on) => f(on, 1))).toEqual(['few', 'few', 'many', 'many']);
		expect(modes.map((on) => f(on, 2))).toEqual(['many', 'few', 'many', 'few']);
	});

	it.each<[string, string, Operator, RegExp]>([
		['before no code', 'function f() {}\n// mutant: here\n', drop, /'mutant: here' is before no/],
		['of code that runs when it is loaded', '// mutant: here\nconst a = 1;', value('2'), /is evaluated once/],
		[
			'of a declaration that would be left out',
			'function f() {\n// mutant: here\nconst a = 1; }',
			drop,
			/may be left out/,
		],
		[
			'of a statement without a value',
			'function f() {\n// mutant: here\ntry {} finally {} }',
			always,
			/without a value/,
		],
		['of one operand of none', 'function f(n) {\n// mutant: here\nreturn n; }', only('left'), /two operands/],
	])('refuses a marker %s', (_title, code, operator, message) => {
		expect(() => run(code, operator, false)).toThrow(message);
	});
});

describe('mutants', () => {
	const lists: Mutants[] = [CLUSTER, REGIONS, PRESENCE, SIGNALS, DRILL];
	const named = new Set([...lists.flatMap(switchesOf), ...switchesOfFailpoints()].map(({ marker }) => marker));

	/** Returns the number of times that each marker is in the code of the gateway. */
	function countMarkers(): Map<string, number> {
		const counts = new Map<string, number>();
		for (const file of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
			if (!file.endsWith('.ts')) continue;
			for (const { name } of markersIn(readFileSync(join(SOURCES, file), 'utf8'))) {
				counts.set(name, (counts.get(name) ?? 0) + 1);
			}
		}
		return counts;
	}

	it('name every marker in the code', () => {
		expect([...countMarkers().keys()].filter((marker) => !named.has(marker))).toEqual([]);
	});

	it('name only markers that are in the code once', () => {
		const counts = countMarkers();
		expect([...named].filter((marker) => counts.get(marker) !== 1)).toEqual([]);
	});

	it('reject a build without their marker', async () => {
		const missing = switchesOf({ 'forgets all': { changes: { 'stands-nowhere': drop }, violates: /all/ } });
		const built = buildWithSwitches(
			{ ring: "export * from './src/cluster/membership/ring.ts';" },
			testDirectory(),
			missing,
		);
		await expect(built).rejects.toThrow("no file of the build has the marker 'mutant: stands-nowhere'");
	});
});
