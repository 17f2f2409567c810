import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { buildIfStale, installIfStale } from './prepare.mjs';
import { capture, conclude, print, ROOT } from './tasks.mjs';

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
		['attw', '--pack', '--profile', 'node16', '--exclude-entrypoints', './hearts-worker.js'],
		join(ROOT, name),
	]),
	['public surface', ['tsx', 'scripts/api-reports.ts', '--check']],
	['docstrings of what is public', ['tsx', 'scripts/docstring-check.ts']],
	['words', ['tsx', 'scripts/words-check.ts']],
	['size of the SDK that gateways serve', ['size-limit'], join(ROOT, 'sdk')],
	['size of the SDK in a bundle', ['tsx', 'scripts/bundle-sizes.ts']],
];

const failures = [];
const waiting = CHECKS.values();

/** Runs one waiting check after the other. */
async function runWaiting() {
	for (const [name, [command, ...args], cwd = ROOT] of waiting) {
		const { code, output } = await capture(command, args, { cwd });
		print(name);
		process.stdout.write(output);
		if (code !== 0) failures.push(name);
	}
}

// Most of a check is one thread.
await Promise.all(Array.from({ length: availableParallelism() }, runWaiting));
if (failures.length > 0) print(`Failed: ${failures.join(', ')}`);
conclude({ passed: CHECKS.length - failures.length, failed: failures.length });
