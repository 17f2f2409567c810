import { cpSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, ROOT, run, say } from './tasks.mjs';

const at = (path) => join(ROOT, path);

/** When a file was last changed, in milliseconds; 0 for one that is not there. */
function changedAt(path) {
	return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** When any file at or below a path was last changed, without what is built or packed there, which changes folders, too. */
function newestIn(path) {
	if (!statSync(path).isDirectory()) return changedAt(path);
	const names = readdirSync(path).filter((name) => !/^(dist|node_modules)$|\.tgz$/.test(name));
	return Math.max(0, ...names.map((name) => newestIn(join(path, name))));
}

/** The majors that the server's native addon is built for. */
const NODE_MAJORS = [20, 22];

function checkNode() {
	const [major, minor] = process.versions.node.split('.').map(Number);
	if (NODE_MAJORS.includes(major) && (major > 20 || minor >= 19)) return;
	say(`Likewire runs on Node 20.19+ and 22; this is ${process.version}. README.md says what to do on Node 24.`);
	process.exit(1);
}

/** Installs the dependencies that the lockfile names, unless they are there. */
export async function installIfStale() {
	checkNode();
	const installed = changedAt(at('node_modules/.package-lock.json'));
	if (installed >= changedAt(at('package-lock.json'))) return;
	say('Installing dependencies; the first time takes a minute or two …');
	// `npm ci` removes what is there, and compiles the native addon again: minutes after each pull.
	await mustRun('npm', [...(installed > 0 ? ['install', '--no-save'] : ['ci']), '--no-audit', '--no-fund']);
}

const PACKAGES = ['protocol', 'sdk', 'server', 'gateway', 'demo-app'];
const SOURCES = [...PACKAGES, 'rollup.config.mjs', 'package-lock.json'];
const STAMP = at('gateway/dist/.built');

/** Builds all packages, unless nothing changed since they were built; ends this process when they do not build. */
export async function buildIfStale() {
	if (changedAt(STAMP) >= Math.max(...SOURCES.map((source) => newestIn(at(source))))) return;
	if (!(await build())) process.exit(1);
}

/**
 * Builds all packages, and lays the demo and the SDK for browsers into the gateway, which serves them. Says whether that
 * worked.
 */
export async function build() {
	say('Building …');
	for (const name of PACKAGES) {
		rmSync(at(`${name}/dist`), { recursive: true, force: true });
		// A tarball holds the licence that lies beside its package.json.
		cpSync(at('LICENSE'), at(`${name}/LICENSE`));
	}
	if ((await run('rollup', ['--config', 'rollup.config.mjs', '--silent'])) !== 0) return false;
	for (const site of ['demo-app/dist', 'sdk/dist/browser']) {
		cpSync(at(site), at('gateway/dist/public'), { recursive: true });
	}
	writeFileSync(STAMP, '');
	return true;
}
