import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { loadStaticFiles, type StaticFiles } from './static-files.ts';

/**
 * The files to serve beside the API: those of `staticDir`, or, when that is empty, the demo that comes with the gateway
 * at `demo`. Undefined when it is `none`, or there is no such directory.
 */
export function loadSite(staticDir: string, demo: URL, logger: Logger): StaticFiles | undefined {
	if (staticDir === 'none') return undefined;
	const directory = staticDir === '' ? fileURLToPath(demo) : resolve(staticDir);
	if (existsSync(directory)) return loadStaticFiles(directory, { '/embed/': '/embed.html' });
	logger.warn({ directory }, 'there is no such directory; no page is served');
	return undefined;
}
