import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from './free-ports.ts';

const MODULE = fileURLToPath(new URL('free-ports.ts', import.meta.url));

/** Starts a process that takes this many free ports, and runs until the end of the test. */
async function takePorts(count: number): Promise<number[]> {
	const script = `import { freePort } from ${JSON.stringify(MODULE)};
		const ports = [];
		while (ports.length < ${count}) ports.push(await freePort());
		process.stdout.write(JSON.stringify(ports) + '\\n');
		setInterval(() => undefined, 1_000);`;
	const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	const exited = once(child, 'exit');
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await exited;
	});
	let output = '';
	for await (const chunk of child.stdout.setEncoding('utf8')) {
		output += chunk;
		if (output.endsWith('\n')) break;
	}
	return JSON.parse(output) as number[];
}

it('returns each port once, and to one process', async () => {
	const ports = (await Promise.all([takePorts(120), takePorts(120), freePort(), freePort()])).flat();
	expect(new Set(ports).size).toBe(ports.length);
});

it('skips a port that is taken', async () => {
	const taken = (await freePort()) + 1;
	const server = createServer().listen(taken, '127.0.0.1');
	onTestFinished(() => void server.close());
	expect(await freePort()).not.toBe(taken);
});
