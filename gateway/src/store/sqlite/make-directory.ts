import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a directory and its parents, unless they exist.
 *
 * With `recursive`, `mkdirSync` never returns if it cannot create a directory whose parent exists, as in `/proc`.
 */
export function makeDirectory(directory: string): void {
	try {
		mkdirSync(directory);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'EEXIST' && statSync(directory).isDirectory()) return;
		const above = dirname(directory);
		if (code !== 'ENOENT' || above === directory) throw error;
		makeDirectory(above);
		mkdirSync(directory);
	}
}
