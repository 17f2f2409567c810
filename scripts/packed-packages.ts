import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The dependencies that ES modules of the packages import. */
const DEPENDENCIES = ['jose', 'nanoevents', 'react'];

/**
 * Packs packages of this repository as npm publishes them, and unpacks them into the `node_modules` of a folder. It uses the
 * existing build, since a new build would remove files that other tests use at the same time.
 */
export function installPacked(names: readonly string[], directory: string): void {
	// One npm process for all packages, since each takes a second to start.
	const folders = names.map((name) => `./${name}`);
	const flags = ['--json', '--ignore-scripts', '--pack-destination', directory];
	const packed = execFileSync('npm', ['pack', ...folders, ...flags], { cwd: ROOT, encoding: 'utf8' });
	for (const { name, filename } of JSON.parse(packed) as { name: string; filename: string }[]) {
		const target = join(directory, 'node_modules', name);
		mkdirSync(target, { recursive: true });
		execFileSync('tar', ['-xzf', join(directory, filename), '-C', target, '--strip-components=1']);
	}
	for (const name of DEPENDENCIES) symlinkSync(join(ROOT, 'node_modules', name), join(directory, 'node_modules', name));
}
