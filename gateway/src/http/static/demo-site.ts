import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { loadStaticFiles, type StaticFiles } from './static-files.ts';

/**
 * Returns the files to serve next to the API: those of `staticDir`, or, when that is empty, those of
 * the demo at `demo`. Undefined when it is `none`, or when the directory does not exist.
 */
export function loadSite(staticDir: string, demo: URL, logger: Logger): StaticFiles | undefined {
	if (staticDir === 'none') return undefined;
	const directory = staticDir === '' ? fileURLToPath(demo) : resolve(staticDir);
	if (existsSync(directory)) return loadStaticFiles(directory, { '/embed/': '/embed.html' });
	logger.warn({ directory }, 'directory missing, no page is served');
	return undefined;
}
