import { execFileSync } from 'node:child_process';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../../test/event-stream.ts';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { expectProblem, like, newVideo, postLike, totalsOf } from '../../../test/http-client.ts';
import { LikeLoad, storedLikes } from '../../../test/like-load.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';

/** Limits each file to 512 KiB, which SQLite takes as a full disk. */
const SMALL_DISK = "trap '' XFSZ; ulimit -S -f 1024";

const ready = async ({ internalUrl }: GatewayProcess) => (await fetch(`${internalUrl}/readyz`)).status;

describe('a gateway on a full disk', () => {
	it('refuses likes, loses none that it accepted, keeps its viewers, and takes likes once the disk has room', async () => {
		const dataDir = testDirectory();
		const gateway = await GatewayProcess.serving(dataDir, { before: SMALL_DISK });
		const [video, other] = [newVideo(), newVideo()];
		const first = await like(gateway, video);
		const viewer = await EventStream.open(gateway, video);
		await viewer.holds(video, 1);
		expect(await ready(gateway)).toBe(200);

		const load = new LikeLoad(gateway, video);
		await viewer.until(() => load.idsWith(503).length > 50);
		await load.stop();
		expect(load.idsWith(201).length).toBeGreaterThan(0);
		expect(load.idsWith(201, 503)).toHaveLength(load.outcomes.size);

		// A transaction of many likes needs more room than one of a single like, which may still fit.
		let refused = await postLike(gateway, other);
		for (; refused.status === 201; refused = await postLike(gateway, other));
		expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
		await expectProblem(refused, 503, 'store_unavailable');
		// Reads work, but the gateway is not ready for likes.
		expect((await fetch(gateway.url + paths.video(video))).status).toBe(200);
		expect(await ready(gateway)).toBe(503);
		expect((await fetch(`${gateway.internalUrl}/healthz`)).status).toBe(200);

		// Present and later viewers get the accepted likes.
		const counted = load.idsWith(201).length + 1;
		const late = await EventStream.open(gateway, video);
		await Promise.all([viewer.holds(video, counted), late.holds(video, counted)]);
		expect(await totalsOf(gateway, video)).toEqual({ heart: counted });
		expect((await fetch(gateway.url + paths.video(newVideo()))).status).toBe(200);

		execFileSync('prlimit', ['--pid', `${gateway.pid}`, '--fsize=unlimited']);
		const [retried = ''] = load.idsWith(503);
		await like(gateway, video, { id: retried });
		await Promise.all([viewer.holds(video, counted + 1), late.holds(video, counted + 1)]);
		expect(await ready(gateway)).toBe(200);

		gateway.kill('SIGTERM');
		expect(await gateway.ended()).toEqual({ code: 0, signal: null });
		expect(storedLikes(dataDir, video)).toEqual(new Set([first.id, retried, ...load.idsWith(201)]));
	});

	it('loses no accepted like when it stops before the disk has room', async () => {
		const dataDir = testDirectory();
		const video = newVideo();
		const full = await GatewayProcess.serving(dataDir, { before: SMALL_DISK });
		const load = new LikeLoad(full, video);
		const viewer = await EventStream.open(full, video);
		await viewer.until(() => load.idsWith(503).length > 50);
		await load.stop();
		full.kill('SIGTERM');
		await full.ended();
		const next = await GatewayProcess.serving(dataDir);
		expect(await totalsOf(next, video)).toEqual({ heart: load.idsWith(201).length });
		expect(storedLikes(dataDir, video)).toEqual(new Set(load.idsWith(201)));
	});
});
