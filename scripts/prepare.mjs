import { cpSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, print, ROOT, run } from './tasks.mjs';

const at = (path) => join(ROOT, path);

/** Returns the time of the last change of a file, in milliseconds; 0 for a missing file. */
function changedAt(path) {
	return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Returns the time of the last change at or below a path, without builds, tarballs, and changes of folders. */
function newestIn(path) {
	if (!statSync(path).isDirectory()) return changedAt(path);
	const names = readdirSync(path).filter((name) => !/^(dist|node_modules)$|\.tgz$/.test(name));
	return Math.max(0, ...names.map((name) => newestIn(join(path, name))));
}

/** The majors with a build of the native addon. */
const NODE_MAJORS = [20, 22];

function checkNode() {
	const [major, minor] = process.versions.node.split('.').map(Number);
	if (NODE_MAJORS.includes(major) && (major > 20 || minor >= 19)) return;
	print(`Likewire runs on Node 20.19+ and 22; this is ${process.version}. See README.md for Node 24.`);
	process.exit(1);
}

/** Installs the dependencies of the lockfile, unless they are up to date. */
export async function installIfStale() {
	checkNode();
	const installed = changedAt(at('node_modules/.package-lock.json'));
	if (installed >= changedAt(at('package-lock.json'))) return;
	print('Installing dependencies; the first time takes a minute or two …');
	// `npm ci` removes installed packages, and compiles the native addon again, which takes minutes.
	await mustRun('npm', [...(installed > 0 ? ['install', '--no-save'] : ['ci']), '--no-audit', '--no-fund']);
}

const PACKAGES = ['protocol', 'sdk', 'server', 'gateway', 'demo-app'];
const SOURCES = [...PACKAGES, 'rollup.config.mjs', 'package-lock.json'];
const STAMP = at('gateway/dist/.built');

/** Builds all packages if a source changed; ends this process when the build fails. */
export async function buildIfStale() {
	if (changedAt(STAMP) >= Math.max(...SOURCES.map((source) => newestIn(at(source))))) return;
	if (!(await build())) process.exit(1);
}

/**
 * Builds all packages, and copies the demo, the SDK for browsers and the styles of the embed into the gateway, which serves
 * them. Resolves with whether the build succeeded.
 */
export async function build() {
	print('Building …');
	for (const name of PACKAGES) {
		rmSync(at(`${name}/dist`), { recursive: true, force: true });
		// npm packs the licence from the folder of the package.
		cpSync(at('LICENSE'), at(`${name}/LICENSE`));
	}
	if ((await run('rollup', ['--config', 'rollup.config.mjs', '--silent'])) !== 0) return false;
	cpSync(at('demo-app/dist'), at('gateway/dist/demo'), { recursive: true });
	cpSync(at('sdk/dist/browser'), at('gateway/dist/public'), { recursive: true });
	cpSync(at('gateway/embed/embed.css'), at('gateway/dist/public/embed.css'));
	writeFileSync(STAMP, '');
	return true;
}
