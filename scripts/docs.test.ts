import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './packed-packages.ts';

const filesOf = (...patterns: readonly string[]): string[] =>
	execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...patterns], {
		cwd: ROOT,
		encoding: 'utf8',
	})
		.split('\0')
		.filter((file) => file !== '' && existsSync(join(ROOT, file)));

const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const withoutCode = (text: string): string =>
	text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').replaceAll(/`[^`\n]*`/g, '`');

/** The anchors that GitHub gives a page: one for each heading, and those that the page names itself. */
function anchorsOf(text: string): Set<string> {
	const headings = [...text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/^#+ +(.*)$/gm)].map(([, heading = '']) =>
		heading
			.toLowerCase()
			.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
			.trim()
			.replaceAll(' ', '-'),
	);
	const named = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id);
	return new Set([...headings, ...named]);
}

describe('documentation', () => {
	it('links to files and headings that exist', () => {
		const broken = filesOf('*.md').flatMap((file) =>
			[...withoutCode(textOf(file)).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
				if (/^[a-z]+:/.test(target)) return [];
				const [path = '', anchor] = target.split('#');
				const linked = path === '' ? file : normalize(join(dirname(file), path));
				if (!existsSync(join(ROOT, linked))) return [`${file}: ${target}`];
				if (anchor === undefined || !linked.endsWith('.md')) return [];
				return anchorsOf(textOf(linked)).has(anchor) ? [] : [`${file}: ${target}`];
			}),
		);
		expect(broken).toEqual([]);
	});

	it('links each symbol at the line that declares it', () => {
		const misplaced = filesOf('*.md').flatMap((file) =>
			[...textOf(file).matchAll(/\[`(\w+)`\]\(([^)#\s]+)#L(\d+)\)/g)].flatMap(
				([, symbol = '', path = '', line = '']) => {
					const lines = textOf(normalize(join(dirname(file), path))).split('\n');
					if (lines[Number(line) - 1]?.includes(`${symbol}`)) return [];
					const declared = lines.findIndex((text) => new RegExp(`(function|class|^\\t) ?${symbol}\\b`).test(text)) + 1;
					return [`${file}: ${path}#L${line} should be #L${declared}, the line of ${symbol}`];
				},
			),
		);
		expect(misplaced).toEqual([]);
	});

	it('names source files that exist', () => {
		const sources = filesOf('*.ts', '*.tsx', '*.mjs', '*.cfg', '*.conf').map((file) => `/${file}`);
		const unknown = filesOf('*.md')
			.filter((file) => !file.startsWith('examples/'))
			.flatMap((file) =>
				[...textOf(file).matchAll(/(?<![\w/.*-])[\w-]+(?:\/[\w.-]+)*\.(?:ts|tsx|mjs)\b/g)].flatMap(([name]) =>
					sources.some((source) => source.endsWith(`/${name}`)) ? [] : [`${file}: ${name}`],
				),
			);
		expect(unknown).toEqual([]);
	});

	it('quotes in the first column of troubleshooting what the gateway prints', () => {
		const printed = filesOf('gateway/src/*.ts', 'protocol/src/*.ts')
			.filter((file) => !file.endsWith('.test.ts'))
			.map(textOf)
			.join('\n');
		const firstCells = textOf('docs/operations/troubleshooting.md')
			.split('\n')
			.filter((line) => line.startsWith('| '))
			.map((line) => line.split('|')[1] ?? '');
		const quoted = firstCells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text));
		expect(quoted.length).toBeGreaterThan(50);
		expect(quoted.filter((text) => !printed.includes(text))).toEqual([]);
	});
});
