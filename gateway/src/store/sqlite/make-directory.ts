import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory, and those above it, unless they are there. Not by `recursive` of `mkdirSync`: where a directory
 * cannot be made though the one above it exists, as in `/proc`, that never returns.
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
