import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entriesOf, reportOf } from './api-report.ts';

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'likewire-api-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): string {
	const path = join(folder, file);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
	return path;
}

describe('entriesOf', () => {
	it('returns the types of each entry that has types', () => {
		const exports = {
			'.': { 'react-native': { types: './index.d.cts' }, import: { types: './index.d.ts' } },
			'./react': { import: { types: './react.d.ts', default: './react.js' } },
			'./package.json': './package.json',
		};
		write('package.json', JSON.stringify({ name: '@likewire/sdk', exports }));
		expect(entriesOf(folder)).toEqual([
			{ name: '@likewire/sdk', types: join(folder, 'index.d.ts'), report: 'sdk.d.ts' },
			{ name: '@likewire/sdk/react', types: join(folder, 'react.d.ts'), report: 'sdk-react.d.ts' },
		]);
	});
});

describe('reportOf', () => {
	const report = (text: string) => reportOf(write('index.d.ts', text), new Set());

	it('ignores comments, spaces and the order', () => {
		const one =
			'/** Adds. */ declare function add(one: number): void;\ninterface Sum { total: number }\nexport { add };';
		const two =
			'interface Sum {\n  /** In cents. */\n  total: number;\n}\ndeclare function add( one:number ):void;\nexport { add };';
		expect(report(one)).toBe(report(two));
		expect(report(one)).not.toContain('Adds');
	});

	it('changes with a type, a name, or an optional mark', () => {
		const reports = ['total: number', 'total: string', 'totals: number', 'total?: number'].map((member) =>
			report(`export interface Sum { ${member} }`),
		);
		expect(new Set(reports).size).toBe(4);
	});

	it('includes shared declarations, without the changing name of their file', () => {
		write('chunk-a1.d.ts', 'interface Shared { one: number }\nexport { Shared };');
		write('chunk-b2.d.ts', 'interface Shared { one: number }\nexport { Shared };');
		for (const use of ['import { Shared }', 'export { Shared }']) {
			const one = report(`${use} from './chunk-a1.js';`);
			expect(one).toContain('interface Shared');
			expect(report(`${use} from './chunk-b2.js';`)).toBe(one);
		}
	});

	it('leaves other entries out of a report', () => {
		const core = write('core.d.ts', 'export interface Core { one: number }');
		const file = write('index.d.ts', "import { Core } from './core.js';\nexport { Core };");
		expect(reportOf(file, new Set([core]))).not.toContain('interface Core');
	});
});
