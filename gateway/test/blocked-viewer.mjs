/**
 * Runs a viewer that reads nothing, and a client that likes, in a network with small kernel buffers.
 *
 * Prints the time until the gateway cuts the viewer off, in milliseconds. Arguments: the gateway's `main.js`, a data
 * directory, the gateway's time limit for blocked viewers.
 */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';

const [main, dataDir, timeoutMs] = process.argv.slice(2);
const port = 18_080;
const times = ['--blocked-timeout-ms', timeoutMs, '--window-ms', 5];
const args = ['--port', port, '--internal-port', port + 1, '--data-dir', dataDir, ...times];
const gateway = spawn(process.execPath, [main, ...args, '--static-dir', 'none'], {
	stdio: ['ignore', 'pipe', 'inherit'],
});
process.on('exit', () => gateway.kill('SIGKILL'));
await new Promise((resolve) => gateway.stdout.once('data', resolve));

async function connections() {
	const cluster = await fetch(`http://127.0.0.1:${port + 1}/v1/cluster`);
	return (await cluster.json()).members[0].connections;
}

async function like() {
	const answer = await fetch(`http://127.0.0.1:${port}/v1/videos/v/likes`, { method: 'POST' });
	await answer.arrayBuffer();
}

const viewer = connect(port, '127.0.0.1');
viewer.on('error', () => undefined);
viewer.pause();
viewer.write('GET /v1/stream?video=v HTTP/1.1\r\nHost: localhost\r\n\r\n');
while ((await connections()) === 0);
const start = performance.now();
while ((await connections()) === 1) await like();
process.stdout.write(`${Math.round(performance.now() - start)}\n`);
process.exit(0);
