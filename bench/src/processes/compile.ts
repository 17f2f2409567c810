import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILD_DIR } from './gateway-process.ts';

/**
 * Builds the program of all C files in a directory of `bench`, unless it is newer than all of them. Returns its file. Throws
 * without a compiler. `library`: flags for a library that the program uses where it is installed.
 */
export function compile(name: string, library: readonly string[] = []): string {
	const directory = fileURLToPath(new URL(`../../${name}`, import.meta.url));
	const program = join(BUILD_DIR, name);
	const sources = readdirSync(directory).map((file) => join(directory, file));
	const newest = Math.max(...sources.map((source) => statSync(source).mtimeMs));
	const built = statSync(program, { throwIfNoEntry: false });
	if (built !== undefined && built.mtimeMs > newest) return program;
	mkdirSync(BUILD_DIR, { recursive: true });
	const units = sources.filter((source) => source.endsWith('.c'));
	// Another process may build it, or run the old one, at the same time.
	const own = `${program}.${process.pid}`;
	const build = (more: readonly string[]) =>
		execFileSync('cc', ['-std=c11', '-O2', '-Wall', '-Wextra', '-o', own, ...units, ...more], { stdio: 'pipe' });
	try {
		try {
			build(library);
		} catch (error) {
			if (library.length === 0) throw error;
			build([]);
		}
		renameSync(own, program);
	} catch (cause) {
		const reason = cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : String(cause);
		throw new Error(reason, { cause });
	}
	return program;
}
