import { describe, expect, it } from 'vitest';
import { startCluster } from '../../../test/cluster.ts';
import { EventStream } from '../../../test/event-stream.ts';
import { expectProblem, newVideo, postLike, totalsOf } from '../../../test/http-client.ts';
import { LikeLoad } from '../../../test/like-load.ts';
import { RawConnection } from '../../../test/raw-connection.ts';

const ROLES = {
	'likes-1': 'likes',
	'dispatcher-1': 'dispatcher',
	'dispatcher-2': 'dispatcher',
	'frontend-1': 'frontend',
	'frontend-2': 'frontend',
};

async function rows(cluster: Awaited<ReturnType<typeof startCluster>>): Promise<number> {
	const reports = await Promise.all(['dispatcher-1', 'dispatcher-2'].map((name) => cluster.node(name).report()));
	return reports.reduce((sum, report) => sum + report.rows, 0);
}

describe('the drain of a node', () => {
	it('ends the streams of a frontend over the drain time, and drops its rows', async () => {
		const drainMs = 1_000;
		const cluster = await startCluster(ROLES, { drainMs: `${drainMs}`, retryMs: '4000' });
		const [going, staying] = [cluster.node('frontend-1'), cluster.node('frontend-2')];
		const videos = Array.from({ length: 20 }, () => newVideo());
		const streams = await Promise.all(
			Array.from({ length: 200 }, (_, index) => EventStream.open(going, videos[index % 20] as string)),
		);
		const other = await EventStream.open(staying, videos[0] as string);
		await Promise.all(streams.map((stream, index) => stream.holds(videos[index % 20] as string, 0)));
		await expect.poll(() => rows(cluster)).toBe(21);
		const endedAt: number[] = [];
		const startedAt = performance.now();
		const ends = streams.map(async (stream) => {
			const { reason, retryMs } = await stream.event('bye');
			endedAt.push(performance.now() - startedAt);
			return { reason, retryMs };
		});
		const stopped = going.stop();
		const refused = await fetch(`${going.internalUrl}/readyz`);
		await expectProblem(refused, 503, 'shutting_down');
		for (const { reason, retryMs } of await Promise.all(ends)) {
			expect(reason).toBe('shutdown');
			expect(retryMs).toBeGreaterThanOrEqual(4_000 * 0.25 * 0.5);
			expect(retryMs).toBeLessThanOrEqual(4_000 * 0.25 * 1.5);
		}
		await stopped;
		expect(endedAt.filter((ms) => ms < 150).length).toBeLessThan(150);
		expect(Math.max(...endedAt)).toBeGreaterThan(200);
		expect(await rows(cluster)).toBe(1);
		await postLike(staying, videos[0] as string);
		await other.holds(videos[0] as string, 1);
	});

	it.each(['frontend-1', 'dispatcher-1'])(
		'refuses new connections of %s, and answers on open ones as its last step',
		async (name) => {
			const cluster = await startCluster(ROLES);
			const node = cluster.node(name);
			const [watching, reading] = await Promise.all([RawConnection.open(node.port), RawConnection.open(node.port)]);
			const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
			for (const connection of [watching, reading]) {
				connection.write(get('/v1/videos/a'));
				await connection.answers(1);
			}
			const stopped = node.stop();
			await expect(RawConnection.open(node.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
			watching.write(get('/v1/stream?video=a'));
			reading.write(get('/v1/videos/a'));
			const [[, turnedAway], [, answered]] = await Promise.all([watching.answers(2), reading.answers(2)]);
			expect([turnedAway?.status, answered?.status]).toEqual([200, 200]);
			for (const answer of [turnedAway, answered]) expect(answer?.headers.get('connection')).toBe('close');
			expect(turnedAway?.headers.get('content-type')).toBe('text/event-stream');
			expect(turnedAway?.body).toMatch(/^retry: (\d+)\nevent: bye\ndata: {"reason":"shutdown","retryMs":\1}\n\n$/);
			await stopped;
		},
	);

	it.each(['frontend-1', 'dispatcher-1', 'likes-1'])(
		'keeps %s serving at first, not ready, and closes each connection after its answer',
		async (name) => {
			const cluster = await startCluster(ROLES, { drainMinMs: '1500' });
			const node = cluster.node(name);
			const video = newVideo();
			const kept = await RawConnection.open(node.port);
			const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
			kept.write(get(`/v1/videos/${video}`));
			const [open] = await kept.answers(1);
			expect([open?.status, open?.headers.get('connection')]).toEqual([200, undefined]);
			const stopped = node.stop();
			await expectProblem(await fetch(`${node.internalUrl}/readyz?role=frontend`), 503, 'shutting_down');
			kept.write(get(`/v1/videos/${video}`));
			const fresh = await RawConnection.open(node.port);
			fresh.write(get('/v1/nowhere'));
			const [[, onKept], [onFresh]] = await Promise.all([kept.answers(2), fresh.answers(1)]);
			expect([onKept?.status, onFresh?.status]).toEqual([200, 404]);
			for (const answer of [onKept, onFresh]) expect(answer?.headers.get('connection')).toBe('close');
			const liked = await postLike(node, video);
			expect([liked.status, liked.headers.get('connection')]).toEqual([201, 'close']);
			const stream = await EventStream.open(node, video);
			await stream.holds(video, 1);
			await stopped;
			expect((await stream.event('bye')).reason).toBe('shutdown');
			await expect(RawConnection.open(node.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
		},
	);

	it('ends relayed streams with a close frame', async () => {
		const cluster = await startCluster(ROLES, { retryMs: '4000' });
		for (const name of ['dispatcher-1', 'likes-1']) {
			const video = newVideo();
			const streams = await Promise.all([1, 2, 3].map(() => EventStream.open(cluster.node(name), video)));
			await Promise.all(streams.map((stream) => stream.holds(video, 0)));
			await cluster.node(name).stop();
			for (const stream of streams) {
				const { reason, retryMs } = await stream.event('bye');
				expect([reason, stream.events.at(-1)?.name]).toEqual(['shutdown', 'bye']);
				expect(retryMs).toBeLessThanOrEqual(4_000 * 0.25 * 1.5);
			}
		}
	});

	it('removes a dispatcher from the ring, and viewers miss no update', async () => {
		const cluster = await startCluster(ROLES, { windowMs: '5' });
		const videos = Array.from({ length: 8 }, () => newVideo());
		const streams = await Promise.all(
			['frontend-1', 'frontend-2'].map((name) => EventStream.open(cluster.node(name), videos)),
		);
		const loads = videos.map((video) => new LikeLoad(cluster.node('frontend-1'), video, 1));
		await Promise.all(
			streams.map((stream) => stream.until(() => (stream.tally.of(videos[0] as string)?.heart ?? 0) > 3)),
		);
		await cluster.node('dispatcher-1').stop();
		const after = videos.map((video) => streams[0]?.tally.of(video)?.heart ?? 0);
		await Promise.all(
			streams.map((stream) =>
				stream.until(() =>
					videos.every((video, index) => (stream.tally.of(video)?.heart ?? 0) > (after[index] ?? 0) + 3),
				),
			),
		);
		await Promise.all(loads.map((load) => load.stop()));
		for (const [index, video] of videos.entries()) {
			expect([...(loads[index]?.outcomes.values() ?? [])].filter((status) => status !== 201)).toEqual([]);
			const { heart = 0 } = await totalsOf(cluster.node('frontend-2'), video);
			expect(heart).toBe(loads[index]?.outcomes.size);
			for (const stream of streams) await stream.holds(video, heart);
		}
		for (const name of ['likes-1', 'dispatcher-2', 'frontend-1', 'frontend-2']) {
			const { members } = await cluster.node(name).cluster();
			expect(members.filter(({ share }) => share !== undefined).map(({ node }) => node)).toEqual(['dispatcher-2']);
			const { refused } = await cluster.node(name).report();
			expect([name, refused]).toEqual([name, {}]);
		}
	});

	it('shows viewers every like that the Likes node answered', async () => {
		const cluster = await startCluster(ROLES, { windowMs: '5' });
		const video = newVideo();
		const streams = await Promise.all(
			['frontend-1', 'frontend-2'].map((name) => EventStream.open(cluster.node(name), video)),
		);
		const load = new LikeLoad(cluster.node('likes-1'), video);
		await Promise.all(streams.map((stream) => stream.until(() => (stream.tally.of(video)?.heart ?? 0) > 50)));
		await cluster.node('likes-1').stop();
		await load.stop();
		const answered = load.idsWith(200, 201).length;
		expect(answered).toBeGreaterThan(50);
		for (const stream of streams) await stream.until(() => (stream.tally.of(video)?.heart ?? 0) >= answered);
		const late = await EventStream.open(cluster.node('frontend-1'), video);
		await late.until(() => (late.tally.of(video)?.heart ?? 0) >= answered);
		await expectProblem(await postLike(cluster.node('frontend-1'), video), 503, 'node_unavailable');
	});
});
