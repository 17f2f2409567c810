import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { build, buildIfStale, installIfStale } from './prepare.mjs';
import { print, ROOT } from './tasks.mjs';

await installIfStale();
await buildIfStale();

let gateway = start();

function start() {
	return spawn(process.execPath, [join(ROOT, 'gateway/dist/main.js'), ...process.argv.slice(2)], {
		cwd: ROOT,
		stdio: 'inherit',
	});
}

/** Builds, and restarts the gateway; viewers reconnect. */
async function restart() {
	if (gateway.exitCode === null && gateway.signalCode === null) {
		const stopped = new Promise((resolve) => gateway.once('exit', resolve));
		gateway.kill();
		await stopped;
	}
	if (await build()) gateway = start();
	else print('The build failed; waiting for the next change.');
}

let pending;
let restarting = Promise.resolve();
for (const name of ['protocol', 'sdk', 'gateway', 'demo-app']) {
	watch(join(ROOT, name), { recursive: true }, (_event, file) => {
		if (file === null || /(^|\/)(dist|node_modules)(\/|$)|\.test\.ts$/.test(file)) return;
		clearTimeout(pending);
		pending = setTimeout(() => {
			restarting = restarting.then(restart);
		}, 200);
	});
}
process.on('SIGINT', () => {
	gateway.once('exit', (code) => process.exit(code ?? 0));
});
print('Watching for changes; each one builds and restarts.');
