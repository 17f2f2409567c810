import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { paths } from '@likewire/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventStream } from '../test/event-stream.ts';
import { freePort } from '../test/free-port.ts';
import { GatewayProcess } from '../test/gateway-process.ts';
import { expectProblem, like, newVideo, postJson, postLike, totalsOf } from '../test/http-client.ts';
import { LikeLoad, storedLikes } from '../test/like-load.ts';
import { testDirectory } from '../test/temporary-directory.ts';
import { SECRET, signToken } from '../test/tokens.ts';
import { VERSION } from './version.ts';

/** Runs a process until it ends by itself. Resolves with its exit code and its output. */
async function runToEnd(args: readonly string[], env: Record<string, string> = {}) {
	const gateway = new GatewayProcess({ args, env });
	const { code } = await gateway.ended();
	return { code, stdout: gateway.stdout, stderr: gateway.stderr };
}

/** Expects that a process cannot start, and prints one line with the reason only. */
async function expectFailure(args: readonly string[], reason: RegExp): Promise<void> {
	const { code, stdout, stderr } = await runToEnd(args);
	expect(stderr).toMatch(reason);
	expect(stderr).toMatch(/^likewire: [^\n]+\n$/);
	expect([code, stdout]).toEqual([1, '']);
}

const free = ['--port', '0', '--internal-port', '0', '--static-dir', 'none'];

describe('likewire', () => {
	it('prints its help and its version, also with invalid settings', async () => {
		const help = await runToEnd(['--help', '--port', 'x'], { LIKEWIRE_NONSENSE: '1' });
		expect([help.code, help.stderr]).toEqual([0, '']);
		expect(help.stdout).toContain('--window-ms');
		expect(await runToEnd(['-v'])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
	});

	it('prints all mistakes in its settings at once, one line each', async () => {
		const { code, stdout, stderr } = await runToEnd(['--port', 'x', '--colour=red', 'stray'], {
			LIKEWIRE_WINDOW_MS: '-1',
			LIKEWIRE_WINDOWS_MS: '50',
			LIKEWIRE_HOST: '0.0.0.0',
		});
		expect([code, stdout]).toEqual([1, '']);
		const lines = stderr.trimEnd().split('\n');
		expect(lines).toHaveLength(6);
		for (const line of lines) expect(line).toMatch(/^likewire: /);
		for (const name of ['--port', '--colour', 'stray', 'WINDOW_MS', 'WINDOWS_MS', 'HOST'])
			expect(stderr).toContain(name);
	});

	it('prints that a port is taken', async () => {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		onTestFinished(() => {
			server.close();
		});
		const port = String((server.address() as { port: number }).port);
		const dataDir = ['--data-dir', testDirectory()];
		await expectFailure([...free, ...dataDir, '--port', port], new RegExp(`${port}: the port is taken`));
		await expectFailure([...free, ...dataDir, '--internal-port', port], new RegExp(`${port}: the port is taken`));
	});

	it('prints that the data directory does not work', async () => {
		const file = join(testDirectory(), 'file');
		writeFileSync(file, '');
		await expectFailure([...free, '--data-dir', file], /file/);
		await expectFailure([...free, '--data-dir', join(file, 'below')], /below|ENOTDIR/);
		await expectFailure([...free, '--data-dir', '/proc/likewire'], /ENOENT.*\/proc\/likewire/);
	});

	it('prints the file that SQLite cannot open, with the reason', async () => {
		const dataDir = testDirectory();
		mkdirSync(join(dataDir, 'likewire.db'));
		await expectFailure([...free, '--data-dir', dataDir], /likewire\.db cannot be opened: EISDIR/);
	});

	it('continues to serve when its standard output fails', async () => {
		const args = [...free, '--data-dir', testDirectory()];
		const gateway = new GatewayProcess({ args, before: 'exec >/dev/full' });
		await expect.poll(() => gateway.stderr).toContain('"msg":"ready"');
		gateway.kill('SIGTERM');
		expect(await gateway.ended()).toEqual({ code: 0, signal: null });
		expect(gateway.stderr).not.toContain('a bug');
	});

	it('logs that it started, with its addresses', async () => {
		const gateway = await GatewayProcess.serving(testDirectory());
		const lines = () => gateway.logLines.map((line) => JSON.parse(line));
		const where = { url: gateway.url, internalUrl: gateway.internalUrl };
		await expect.poll(lines).toContainEqual(expect.objectContaining({ msg: 'started', version: VERSION, ...where }));
	});

	it('prints that the database is damaged', async () => {
		const dataDir = testDirectory();
		writeFileSync(join(dataDir, 'likewire.db'), 'no database at all '.repeat(500));
		await expectFailure([...free, '--data-dir', dataDir], /database/);
	});

	it('prints that another gateway uses the directory, also on another port', async () => {
		const dataDir = testDirectory();
		const first = await GatewayProcess.serving(dataDir);
		await expectFailure([...free, '--data-dir', dataDir], /another gateway is using this directory/);
		await like(first, newVideo());
	});

	it('prints its addresses, warns of development mode, and logs lines of JSON only', async () => {
		const gateway = await GatewayProcess.serving(testDirectory(), { args: ['--window-ms', '1'] });
		await expect.poll(() => gateway.stderr).toContain('development mode');
		const video = newVideo();
		const streams = await Promise.all(Array.from({ length: 20 }, () => EventStream.open(gateway, video)));
		const load = new LikeLoad(gateway, video);
		await streams[0]?.until(() => load.idsWith(201).length > 300);
		await load.stop();
		const count = load.idsWith(201).length;
		await Promise.all(streams.map((stream) => stream.holds(video, count)));
		// uWebSockets.js warns on stderr of every write without a cork.
		for (const line of gateway.logLines) expect(() => JSON.parse(line)).not.toThrow();
		expect(gateway.logLines.length).toBeLessThan(7);
	});
});

describe('a host beyond loopback', () => {
	const beyond = [...free, '--host', '0.0.0.0'];

	it('is refused without a secret for tokens', async () => {
		await expectFailure([...beyond, '--data-dir', testDirectory()], /HOST.*JWT_SECRET/);
		await expectFailure([...beyond, '--data-dir', testDirectory(), '--jwt-secret', 'short'], /at least 32 characters/);
	});

	it('is served with a secret for tokens, without development mode and without the secret in the output', async () => {
		const env = { LIKEWIRE_JWT_SECRET: SECRET, LIKEWIRE_API_KEYS: 'shop:0123456789abcdef' };
		const gateway = await GatewayProcess.serving(testDirectory(), { args: ['--host', '0.0.0.0'], env });
		const video = newVideo();
		await expectProblem(await postLike(gateway, video), 401, 'unauthorized');
		const headers = { Authorization: `Bearer ${await signToken({ sub: 'ann' })}` };
		expect((await postJson(gateway.url + paths.likes(video), {}, headers)).status).toBe(201);
		gateway.kill('SIGTERM');
		expect(await gateway.ended()).toEqual({ code: 0, signal: null });
		const printed = gateway.stdout + gateway.stderr;
		expect(printed).toMatch(/token_missing/);
		expect(printed).not.toMatch(/development/i);
		for (const secret of [SECRET, '0123456789abcdef', headers.Authorization.slice(7)]) {
			expect(printed).not.toContain(secret);
		}
	});
});

describe.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)('%s under load', (signal) => {
	it('ends with 0, after viewers received every like and the time to reconnect', async () => {
		const dataDir = testDirectory();
		const gateway = await GatewayProcess.serving(dataDir);
		const video = newVideo();
		const streams = await Promise.all([1, 2, 3].map(() => EventStream.open(gateway, video)));
		const load = new LikeLoad(gateway, video);
		await streams[0]?.until(() => load.idsWith(201).length > 100);
		gateway.kill(signal);
		expect(await gateway.ended()).toEqual({ code: 0, signal: null });
		await load.stop();
		const stored = storedLikes(dataDir, video);
		expect(load.idsWith(201).filter((id) => !stored.has(id))).toEqual([]);
		expect(load.idsWith(503).filter((id) => stored.has(id))).toEqual([]);
		for (const stream of streams) {
			await stream.until(() => stream.closed);
			const last = stream.events.at(-1);
			expect(last).toMatchObject({ name: 'bye', data: { reason: 'shutdown' } });
			expect(last?.retryMs).toBe(last?.name === 'bye' ? last.data.retryMs : 'no bye');
			expect(stream.tally.of(video)).toEqual({ heart: stored.size });
		}
	});
});

describe('kill -9 under load', () => {
	it('loses no answered like, and counts repeated likes once', async () => {
		const dataDir = testDirectory();
		// A fixed port, as in operation: on a port of the system's choice, uWebSockets.js does not set SO_REUSEADDR.
		const args = ['--port', String(await freePort())];
		const first = await GatewayProcess.serving(dataDir, { args });
		const video = newVideo();
		const watcher = await EventStream.open(first, video);
		const load = new LikeLoad(first, video);
		await watcher.until(() => load.idsWith(201).length > 200);
		first.kill('SIGKILL');
		await first.ended();
		await load.stop();
		const second = await GatewayProcess.serving(dataDir, { args });
		const stored = storedLikes(dataDir, video);
		expect(load.idsWith(201).filter((id) => !stored.has(id))).toEqual([]);
		expect(await totalsOf(second, video)).toEqual({ heart: stored.size });
		const answered = new Set(load.idsWith(201));
		for (const id of load.outcomes.keys()) {
			const { status } = await postLike(second, video, { id });
			if (answered.has(id)) expect(status).toBe(200);
		}
		expect(await totalsOf(second, video)).toEqual({ heart: load.outcomes.size });
		const stream = await EventStream.open(second, video);
		await stream.holds(video, load.outcomes.size);
	});
});
