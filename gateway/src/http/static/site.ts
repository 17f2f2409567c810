import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { loadStaticFiles, type StaticFiles } from './static-files.ts';

export interface SiteOptions {
	/** The directory of the operator; `none` for none, and empty for the demo. */
	readonly staticDir: string;
	/** The directory of the build, with the folders `public` and `demo`. */
	readonly build: URL;
	readonly logger: Logger;
}

/**
 * Returns the files to serve next to the API: first those of `staticDir`, or of the demo; then those of
 * the product, which are the SDK for browsers and what the embed loads. It logs which directory does not
 * exist.
 */
export function loadSite({ staticDir, build, logger }: SiteOptions): StaticFiles {
	const built = (name: string) => fileURLToPath(new URL(name, build));
	const own = staticDir === 'none' ? [] : [staticDir === '' ? built('demo') : resolve(staticDir)];
	const sites = [...own, built('public')].flatMap((directory) => {
		if (existsSync(directory)) return [loadStaticFiles(directory)];
		logger.warn({ directory }, 'directory missing, no page is served');
		return [];
	});
	return (request) => {
		for (const files of sites) {
			const answer = files(request);
			if (answer !== undefined) return answer;
		}
		return undefined;
	};
}
