import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { undocumentedIn } from './docstrings.ts';

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'likewire-docstrings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): string {
	const path = join(folder, file);
	writeFileSync(path, text);
	return path;
}

/** Returns the reported names for a file of declarations, without their lines. */
const missingIn = (text: string): string[] =>
	undocumentedIn(write('index.d.ts', text), new Set()).map((missing) => missing.replace(/ \(.*/, ''));

describe('undocumentedIn', () => {
	it('reports nothing when each declaration and each member has a docstring', () => {
		expect(
			missingIn(`
				/** A sum. */
				interface Sum {
					/** In cents. */
					readonly total: number;
					/** Adds. */
					add(one: number): void;
				}
				/** Adds. */ declare function add(one: number): void;
				/** One. */ declare const ONE = 1;
				/** Sums by name. */ type Sums = Readonly<Record<string, Sum>>;
				export { add, ONE, type Sum, type Sums };
			`),
		).toEqual([]);
	});

	it.each([
		['an interface', 'export interface Sum {}', 'Sum'],
		['a function', 'export declare function add(): void;', 'add'],
		['a constant', 'export declare const ONE = 1;', 'ONE'],
		['a type', 'export type One = 1;', 'One'],
		['a class', 'export declare class Sum {}', 'Sum'],
		['a declaration that is not exported', 'interface Sum {}\nexport {};', 'Sum'],
		['a property', '/** A sum. */ export interface Sum { total: number }', 'Sum.total'],
		['a method', '/** A sum. */ export interface Sum { add(): void }', 'Sum.add'],
		['a member of a class', '/** A sum. */ export declare class Sum { total: number }', 'Sum.total'],
		['a constructor', '/** A sum. */ export declare class Sum { constructor(one: number); }', 'Sum.constructor'],
		['a constant of an object', '/** Sums. */ export declare const SUMS: { readonly one: 1 };', 'SUMS.one'],
		['a literal in a type', '/** A sum. */ export type Sum = Base & (Readonly<{ one: 1 }> | Other);', 'Sum.one'],
		['a docstring of tags alone', '/** @internal */ export interface Sum {}', 'Sum'],
		['a comment that is not a docstring', '// A sum.\nexport interface Sum {}', 'Sum'],
	])('reports %s without a docstring', (_what, text, name) => {
		expect(missingIn(text)).toEqual([name]);
	});

	it('requires no docstring of private members, and of absent members of a union', () => {
		expect(
			missingIn(`
				/** A sum. */ export declare class Sum { #one; private two; protected three: number }
				/** Either. */ export type Either = { one: 1 } | { one?: undefined };
			`),
		).toEqual(['Either.one']);
	});

	it('checks shared declarations, and not those of another entry', () => {
		const core = write('core.d.ts', 'export interface Core {}');
		write('chunk-a1.d.ts', 'interface Shared {}\nexport { Shared };');
		const file = write('index.d.ts', "export { Shared } from './chunk-a1.js';\nexport { Core } from './core.js';");
		expect(undocumentedIn(file, new Set([core]))).toEqual([`Shared (${join(folder, 'chunk-a1.d.ts')}:1)`]);
	});
});
