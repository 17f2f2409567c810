import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { GatewayProcess } from '../../test/gateway-process.ts';
import { newVideo } from '../../test/http-client.ts';
import { testDirectory } from '../../test/temporary-directory.ts';
import { ask, memberReport, openOnBoth, runs, workerIn, workerPids } from '../../test/worker-viewers.ts';

const serve = (...args: readonly string[]) =>
	GatewayProcess.serving(testDirectory(), { args: ['--workers', '2', '--window-ms', '5', ...args] });

const viewersOf = async (gateway: GatewayProcess, video: string) =>
	JSON.parse((await ask(gateway.url + paths.video(video))).text).viewers;

describe('the end of a process of a node with two workers', () => {
	it('costs a killed worker its own viewers alone, and starts it again', async () => {
		const gateway = await serve();
		const video = newVideo();
		const { at, all } = await openOnBoth(() => EventStream.open(gateway, video), 2);
		const killed = (await memberReport(gateway)).workers?.find(({ worker }) => worker === 1)?.pid ?? 0;
		process.kill(killed, 'SIGKILL');
		const [lost = [], kept = []] = [at.get(1), at.get(2)];
		for (const stream of lost) await stream.until(() => stream.closed);
		await expect.poll(() => viewersOf(gateway, video)).toBe(kept.length);
		for (const stream of kept) await stream.event('viewers', ({ count }) => count === kept.length);
		expect((await ask(`${gateway.internalUrl}/readyz`)).status).toBe(200);
		const pids = await workerPids(gateway);
		expect(pids).not.toContain(killed);
		const lines = gateway.logLines.map((line) => JSON.parse(line));
		expect(lines).toContainEqual(expect.objectContaining({ level: 50, worker: 1, signal: 'SIGKILL' }));
		const more = await openOnBoth(() => EventStream.open(gateway, video));
		expect((await ask(gateway.url + paths.likes(video), { method: 'POST', body: {} })).status).toBe(201);
		for (const stream of [...kept, ...more.all]) await stream.holds(video, 1);
		expect(kept.every((stream) => !stream.closed)).toBe(true);
		expect(all.length).toBe(lost.length + kept.length);
	});

	it('ends the workers with a killed main process, and lets another start on the port', async () => {
		const gateway = await serve();
		const pids = await workerPids(gateway);
		const port = new URL(gateway.url).port;
		const stream = await EventStream.open(gateway, newVideo());
		gateway.kill('SIGKILL');
		await gateway.ended();
		await expect.poll(() => pids.some(runs)).toBe(false);
		await stream.until(() => stream.closed);
		const next = await serve('--port', port);
		await EventStream.open(next, newVideo());
	});

	it('ends all streams with a close frame on SIGTERM, also when the workers get the signal', async () => {
		const gateway = await serve('--drain-ms', '0');
		const pids = await workerPids(gateway);
		const video = newVideo();
		const { all } = await openOnBoth(() => EventStream.open(gateway, video));
		const like = () => ask(gateway.url + paths.likes(video), { method: 'POST', body: {} }).catch(() => undefined);
		const liked = Array.from({ length: 20 }, like);
		// Others are on the way when the stop begins.
		await Promise.any(liked);
		for (const pid of pids) process.kill(pid, 'SIGTERM');
		gateway.kill('SIGTERM');
		for (const stream of all) await stream.event('bye', ({ reason }) => reason === 'shutdown');
		const counted = (await Promise.all(liked)).filter((answer) => answer?.status === 201).length;
		for (const stream of all) await stream.holds(video, counted);
		expect(await gateway.ended()).toEqual({ code: 0, signal: null });
		expect(pids.some(runs)).toBe(false);
	});

	it('prints that the port is taken, and leaves no process', async () => {
		const first = await serve();
		const port = new URL(first.url).port;
		const args = ['--workers', '2', '--port', port, '--internal-port', '0', '--static-dir', 'none'];
		const second = new GatewayProcess({ args: [...args, '--data-dir', testDirectory()] });
		expect(await second.ended()).toEqual({ code: 1, signal: null });
		expect(second.stderr).toMatch(/^likewire: [^\n]*the port is taken[^\n]*\n$/);
		expect(workerIn(await (await EventStream.open(first, newVideo())).hello())).toBeGreaterThan(0);
	});
});
