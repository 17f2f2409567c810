import { rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { CLUSTER_SECRET } from '../../test/cluster.ts';
import { GatewayProcess } from '../../test/gateway-process.ts';
import { testDirectory } from '../../test/temporary-directory.ts';

const HARMED_THREADS = fileURLToPath(new URL('../../test/end-threads.mjs', import.meta.url));

/** A start logs after 10 s what it waits for; the rest is for a busy machine. */
const TIMEOUT_MS = 40_000;

const free = ['--port', '0', '--internal-port', '0', '--static-dir', 'none'];

/** Opens a port that accepts connections and never answers. */
async function silentPort(): Promise<number> {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => {}).resume();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return (server.address() as AddressInfo).port;
}

/** Returns the warnings and errors that a gateway logged. */
const warnings = ({ logLines }: GatewayProcess) =>
	logLines
		.filter((line) => line.startsWith('{'))
		.map((line) => JSON.parse(line) as { level: number; msg: string; reason?: string; waitsFor?: string })
		.filter(({ level }) => level >= 40);

const poll = (ask: () => unknown) => expect.poll(ask, { timeout: TIMEOUT_MS });

it('logs that it waits for its data directory, and starts when that answers', async () => {
	const [directory, holding] = [testDirectory(), join(testDirectory(), 'holding')];
	writeFileSync(holding, '');
	const gateway = new GatewayProcess({
		args: [...free, '--data-dir', directory],
		env: { NODE_OPTIONS: `--import ${HARMED_THREADS}`, TEST_HOLD_THREADS: holding },
	});
	const waiting = { level: 40, msg: 'not started yet', waitsFor: `the data directory ${directory}` };
	await poll(() => warnings(gateway)).toContainEqual(expect.objectContaining(waiting));
	expect([gateway.exit, gateway.internalUrl]).toEqual([undefined, '']);
	rmSync(holding);
	await poll(() => gateway.internalUrl).not.toBe('');
	await poll(async () => (await fetch(`${gateway.internalUrl}/readyz`)).status).toBe(200);
});

it('logs that PostgreSQL accepts connections without an answer, and that the node is not ready', async () => {
	const port = await silentPort();
	const gateway = new GatewayProcess({ args: [...free, '--database-url', `postgres://127.0.0.1:${port}/x`] });
	await poll(() => warnings(gateway)).toContainEqual(
		expect.objectContaining({ msg: 'not ready yet', reason: 'The store does not work.' }),
	);
	const about = warnings(gateway).filter(({ msg }) => msg.includes('database') || msg.includes('PostgreSQL'));
	expect(about.length).toBeGreaterThan(0);
});

it('logs that etcd accepts connections without an answer, and that the node is not ready', async () => {
	const port = await silentPort();
	const args = [
		'--etcd',
		`http://127.0.0.1:${port}`,
		'--cluster-secret',
		CLUSTER_SECRET,
		'--data-dir',
		testDirectory(),
	];
	const gateway = new GatewayProcess({ args: [...free, ...args] });
	await poll(() => warnings(gateway)).toContainEqual(
		expect.objectContaining({ msg: 'not ready yet', reason: expect.stringContaining('etcd') }),
	);
	await poll(() => warnings(gateway)).toContainEqual(
		expect.objectContaining({ msg: expect.stringContaining('etcd'), reason: expect.stringContaining('no answer in') }),
	);
});
