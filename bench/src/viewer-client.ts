import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILD_DIR } from './gateway-process.ts';

const SOURCE_DIR = fileURLToPath(new URL('../viewers', import.meta.url));

/** What plays the viewers. */
export type ViewerClient =
	| { readonly language: 'c'; readonly file: string }
	| { readonly language: 'node'; readonly because: string };

/** The client in C, built when it is older than its source; where that fails, the one in Node. */
export function findViewerClient(): ViewerClient {
	const file = join(BUILD_DIR, 'viewers');
	const sources = readdirSync(SOURCE_DIR).map((name) => join(SOURCE_DIR, name));
	const newest = Math.max(...sources.map((source) => statSync(source).mtimeMs));
	const built = statSync(file, { throwIfNoEntry: false });
	if (built !== undefined && built.mtimeMs > newest) return { language: 'c', file };
	mkdirSync(BUILD_DIR, { recursive: true });
	try {
		const units = sources.filter((source) => source.endsWith('.c'));
		execFileSync('cc', ['-std=c11', '-O2', '-Wall', '-Wextra', '-o', file, ...units], { stdio: 'pipe' });
		return { language: 'c', file };
	} catch (error) {
		const because = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
		return { language: 'node', because };
	}
}
