import { join } from 'node:path';
import { buildIfStale, installIfStale } from './prepare.mjs';
import { conclude, print, ROOT, run } from './tasks.mjs';

await installIfStale();
await buildIfStale();

const PUBLISHED = ['protocol', 'sdk', 'server', 'gateway'];
const PACKAGES = [...PUBLISHED, 'demo-app', 'local-cluster', 'e2e', 'bench'];

/** The checks: a name, a command, and its directory if that is not the root. */
const CHECKS = [
	['format and lint', ['biome', 'check', '--error-on-warnings', '.']],
	['types', ['tsc', '--noEmit']],
	['layers and cycles', ['depcruise', '--config', '.dependency-cruiser.mjs', ...PACKAGES]],
	['cycles of folders', ['depcruise', '--config', '.dependency-cruiser-folders.mjs', ...PACKAGES]],
	['unused code', ['knip']],
	...PUBLISHED.map((name) => [`package ${name}`, ['publint', '--strict'], join(ROOT, name)]),
	...['protocol', 'sdk', 'server'].map((name) => [
		`types of package ${name}`,
		['attw', '--pack', '--profile', 'node16'],
		join(ROOT, name),
	]),
	['public surface', ['tsx', 'scripts/api-reports.ts', '--check']],
	['docstrings of what is public', ['tsx', 'scripts/docstring-check.ts']],
	['words', ['tsx', 'scripts/words-check.ts']],
	['size of the SDK that gateways serve', ['size-limit'], join(ROOT, 'sdk')],
	['size of the SDK in a bundle', ['tsx', 'scripts/bundle-sizes.ts']],
];

const failures = [];
for (const [name, [command, ...args], cwd = ROOT] of CHECKS) {
	print(name);
	if ((await run(command, args, { cwd })) !== 0) failures.push(name);
}
if (failures.length > 0) print(`Failed: ${failures.join(', ')}`);
conclude({ passed: CHECKS.length - failures.length, failed: failures.length });
