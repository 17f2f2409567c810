import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What ES modules of the packages import by name. */
const DEPENDENCIES = ['jose', 'nanoevents', 'react'];

/** Packs packages of this repository as npm publishes them, and unpacks them into the `node_modules` of a folder. */
export function installPacked(names: readonly string[], directory: string): void {
	for (const name of names) {
		const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', directory], {
			cwd: join(ROOT, name),
			encoding: 'utf8',
		});
		const [{ filename }] = JSON.parse(packed);
		const target = join(directory, 'node_modules/@likewire', name);
		mkdirSync(target, { recursive: true });
		execFileSync('tar', ['-xzf', join(directory, filename), '-C', target, '--strip-components=1']);
	}
	for (const name of DEPENDENCIES) symlinkSync(join(ROOT, 'node_modules', name), join(directory, 'node_modules', name));
}
