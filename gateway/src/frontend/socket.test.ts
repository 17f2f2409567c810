import { randomUUID } from 'node:crypto';
import { MAX_LIKES_PER_BATCH, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareCluster, startCluster } from '../../test/cluster.ts';
import { comment } from '../../test/comments.ts';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway, startGateway } from '../../test/gateway.ts';
import { expectProblem, following, like, newVideo, readVideo } from '../../test/http-client.ts';
import { SocketViewer } from '../../test/socket-viewer.ts';
import { SECRET, signToken } from '../../test/tokens.ts';

const gateway = shareGateway({ windowMs: '5', commitWindowMs: '1', reactions: 'heart,clap', node: 'node-7' });

describe('A socket', () => {
	it('carries the events of a stream: hello, snapshots, cursors, and updates', async () => {
		const video = newVideo();
		const socket = await SocketViewer.open(gateway(), `video=${video}&user=ann`);
		const stream = await EventStream.open(gateway(), video);
		expect(await socket.hello()).toMatchObject({
			connection: expect.stringMatching(/^node-7\.[\w-]{22}$/),
			node: 'node-7',
			heartbeatMs: 15_000,
			...following([video]),
		});
		await Promise.all([socket.holds(video, 0), stream.holds(video, 0)]);
		await like(gateway(), video);
		await comment(gateway(), video, 'hello "you" 💖');
		await Promise.all([socket.holds(video, 1), stream.holds(video, 1)]);
		const received = await socket.event('comment');
		expect(received).toEqual(await stream.event('comment'));
		expect(socket.events.find(({ event }) => event === 'comment')?.id).toEqual(
			stream.events.find(({ name }) => name === 'comment')?.id,
		);
		await socket.until(() => socket.events.some(({ event, data }) => event === 'viewers' && data.count === 2));
	});

	it('resumes logs by cursor', async () => {
		const video = newVideo();
		const first = await SocketViewer.open(gateway(), `video=${video}`);
		await first.event('cursor');
		const cursor = first.events.find(({ event }) => event === 'cursor')?.id ?? '';
		first.close();
		await comment(gateway(), video, 'missed');
		const second = await SocketViewer.open(gateway(), `video=${video}&cursor=${cursor}`);
		expect(await second.event('comment')).toMatchObject({ text: 'missed' });
	});

	it('accepts single likes and batches, with the answers of requests', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const socket = await SocketViewer.open(gateway(), `video=${video}&user=ann`);
		const answer = { id, video, type: 'clap', totals: { clap: 1 }, revision: 1, duplicate: false };
		expect(await socket.request({ op: 'like', video, id, type: 'clap' })).toEqual(answer);
		expect(await socket.request({ op: 'like', video, id, type: 'clap' })).toEqual({ ...answer, duplicate: true });
		const likes = Array.from({ length: MAX_LIKES_PER_BATCH }, () => ({ id: randomUUID() }));
		const many = await socket.request({ op: 'like', video, likes });
		expect(many).toMatchObject({ totals: { clap: 1, heart: 100 }, revision: 101 });
		expect(many.likes).toHaveLength(100);
		await socket.holds(video, 100);
		expect(await socket.request({ op: 'like', video, id })).toMatchObject({ code: 'id_conflict' });
		expect(await socket.request({ op: 'like', video: 'a b' })).toMatchObject({ code: 'invalid_video_id' });
		expect(await socket.request({ op: 'like', video, id: 7 })).toMatchObject({ code: 'invalid_body' });
		expect(await socket.request({ op: 'like', video, type: 'boo' })).toMatchObject({ code: 'unknown_reaction' });
	});

	it('changes what it follows, in the order of its messages, and its pace', async () => {
		const [first, second] = [newVideo(), newVideo()];
		const socket = await SocketViewer.open(gateway(), `video=${first}`);
		await socket.hello();
		const [added, removed] = await Promise.all([
			socket.request({ op: 'subscribe', add: { videos: [second] } }),
			socket.request({ op: 'unsubscribe', remove: { videos: [first] } }),
		]);
		expect([added, removed]).toEqual([following([first, second]), following([second])]);
		await socket.holds(second, 0);
		expect(await socket.request({ op: 'subscribe', pace: 'slow' })).toEqual({ ...following([second]), pace: 'slow' });
		const many = Array.from({ length: 101 }, newVideo);
		expect(await socket.request({ op: 'subscribe', add: { videos: many } })).toMatchObject({ code: 'too_many_topics' });
		expect(await socket.request({ op: 'subscribe', cursors: ['x'] })).toMatchObject({ code: 'invalid_cursor' });
		expect(await socket.request({ op: 'subscribe', add: [] })).toMatchObject({ code: 'invalid_body' });
	});

	it('answers a ping', async () => {
		const socket = await SocketViewer.open(gateway(), '');
		expect(await socket.request({ op: 'ping' })).toEqual({ at: expect.any(Number) });
	});

	it('leaves no viewer and no online user after either side closed it', async () => {
		const [video, user] = [newVideo(), `u-${randomUUID()}`];
		const viewers = async () => (await readVideo(gateway(), video)).viewers;
		const [a, b] = await Promise.all(
			['a', 'b'].map(() => SocketViewer.open(gateway(), `video=${video}&user=${user}`)) as [
				Promise<SocketViewer>,
				Promise<SocketViewer>,
			],
		);
		await expect.poll(viewers).toBe(2);
		a.close();
		await expect.poll(viewers).toBe(1);
		const { connection } = await b.hello();
		const headers = { 'X-Likewire-User': user };
		const ended = await fetch(gateway().url + paths.connection(connection), { method: 'DELETE', headers });
		expect(ended.status).toBe(204);
		await b.until(() => b.closed);
		expect(await b.event('bye')).toMatchObject({ reason: 'closed', retryMs: expect.any(Number) });
		expect(b.closeCode).toBe(1000);
		await expect.poll(viewers).toBe(0);
	});

	it('gets heartbeats in a silence', async () => {
		const quiet = await startGateway({ heartbeatMs: '1000' });
		const socket = await SocketViewer.open(quiet, '');
		await socket.event('heartbeat');
	});
});

describe('An upgrade', () => {
	it.each([
		['', { Upgrade: '', 'Sec-WebSocket-Key': '' }],
		['', { 'Sec-WebSocket-Version': '8' }],
	])('is required of a request without one: %j %j', async (query, headers) => {
		const asked = await SocketViewer.ask(gateway(), query, headers);
		expect(asked.status).toBe(426);
		expect(asked.head.toLowerCase()).toContain('sec-websocket-version: 13');
		await asked.until(() => asked.body.includes('upgrade_required'));
	});

	it('is refused as a stream is, before it happens', async () => {
		const many = Array.from({ length: 101 }, (_, index) => `video=v${index}`).join('&');
		for (const [query, code] of [
			['x=1', 'invalid_query'],
			['video=a%20b', 'invalid_video_id'],
			['cursor=x', 'invalid_cursor'],
			['poll=x', 'invalid_query'],
			[many, 'too_many_topics'],
		] as const) {
			const asked = await SocketViewer.ask(gateway(), query);
			expect([asked.status, query]).toEqual([400, query]);
			await asked.until(() => asked.body.includes(code));
		}
		await expectProblem(await fetch(gateway().url + paths.socket), 426, 'upgrade_required');
		await expectProblem(await fetch(gateway().url + paths.socket, { method: 'POST' }), 405, 'method_not_allowed');
	});

	it('is refused to pages of other origins, in development mode and with a list, and for other hosts', async () => {
		const own = `http://127.0.0.1:${gateway().port}`;
		const ask = async (place: { readonly url: string }, headers: Record<string, string>, query = '') =>
			(await SocketViewer.ask(place, query, headers)).status;
		expect(await ask(gateway(), { Origin: 'https://evil.example' })).toBe(403);
		expect(await ask(gateway(), { Host: 'evil.example' })).toBe(403);
		expect(await ask(gateway(), { Origin: own, Host: own.slice('http://'.length) })).toBe(101);
		const listed = await startGateway({ jwtSecret: SECRET, allowedOrigins: 'https://good.example' });
		const query = `token=${await signToken({ sub: 'ann' })}`;
		expect(await ask(listed, { Origin: 'https://evil.example' }, query)).toBe(403);
		expect(await ask(listed, { Origin: 'null' }, query)).toBe(403);
		expect(await ask(listed, { Origin: 'https://good.example' }, query)).toBe(101);
		expect(await ask(listed, { Origin: 'https://live.test', Host: 'live.test' }, query)).toBe(101);
		expect(await ask(listed, {}, query)).toBe(101);
	});

	it('requires a token, which limits the rights and the lifetime of the socket', async () => {
		const place = await startGateway({ jwtSecret: SECRET });
		const [allowed, other] = [newVideo(), newVideo()];
		expect((await SocketViewer.ask(place, '')).status).toBe(401);
		const exp = Math.floor(Date.now() / 1_000) + 4;
		const token = await signToken({ sub: 'ann', videos: [allowed], exp });
		expect((await SocketViewer.ask(place, `video=${other}&token=${token}`)).status).toBe(403);
		const headers = { Authorization: `Bearer ${token}` };
		const socket = await SocketViewer.open(place, `video=${allowed}&video=${other}`, headers);
		const refused = [{ topic: `video:${other}`, code: 'forbidden' }];
		expect((await socket.hello()).refused).toEqual(refused);
		expect(await socket.request({ op: 'like', video: allowed })).toMatchObject({ totals: { heart: 1 } });
		expect(await socket.request({ op: 'like', video: other })).toMatchObject({ code: 'forbidden' });
		expect(await socket.request({ op: 'subscribe', add: { videos: [other] } })).toMatchObject({ refused });
		expect(await socket.event('bye')).toMatchObject({ reason: 'lifetime' });
		await socket.until(() => socket.closed);
		expect(socket.closeCode).toBe(1000);
	});
});

describe('A socket in a cluster', () => {
	const ROLES = {
		'likes-1': 'likes',
		'dispatcher-1': 'dispatcher',
		'frontend-1': 'frontend',
		'frontend-2': 'frontend',
	};
	const cluster = shareCluster(ROLES, { windowMs: '5', commitWindowMs: '1' });

	it.each(Object.keys(ROLES))('may be opened at %s, with all operations', async (name) => {
		const [video, later] = [newVideo(), newVideo()];
		const node = cluster().node(name);
		const socket = await SocketViewer.open(node, `video=${video}&user=ann`);
		await socket.holds(video, 0);
		for (let count = 1; count <= 5; count++) {
			expect(await socket.request({ op: 'like', video })).toMatchObject({ totals: { heart: count } });
			await socket.holds(video, count);
		}
		const followed = await socket.request({ op: 'subscribe', add: { videos: [later] }, remove: { videos: [video] } });
		expect(followed).toEqual(following([later]));
		await socket.holds(later, 0);
		await comment(cluster().node('likes-1'), later, 'hello');
		expect(await socket.event('comment')).toMatchObject({ video: later, text: 'hello' });
		const viewers = async () => (await readVideo(node, later)).viewers;
		await expect.poll(viewers).toBe(1);
		socket.close();
		await expect.poll(viewers).toBe(0);
	});

	it.each(Object.keys(ROLES))('is refused at %s with the same codes', async (name) => {
		for (const [query, code] of [
			['x=1', 'invalid_query'],
			['video=a%20b', 'invalid_video_id'],
		] as const) {
			const asked = await SocketViewer.ask(cluster().node(name), query);
			expect(asked.status).toBe(400);
			await asked.until(() => asked.body.includes(code));
		}
	});

	it('gets 503 in a cluster without a frontend', async () => {
		const alone = await startCluster({ 'likes-1': 'likes' }, {}, { 'frontend-1': 'frontend' });
		expect((await SocketViewer.ask(alone.node('likes-1'), '')).status).toBe(503);
	});

	it.each(['frontend-1', 'likes-1'])('ends with bye and 1001 when %s stops, after what was pending', async (name) => {
		const stopping = await startCluster(ROLES, { drainMs: '0', windowMs: '1000' });
		const [node, video] = [stopping.node(name), newVideo()];
		const sockets = await Promise.all(Array.from({ length: 3 }, () => SocketViewer.open(node, `video=${video}`)));
		await Promise.all(sockets.map((socket) => socket.holds(video, 0)));
		await node.stop();
		for (const socket of sockets) {
			expect(await socket.event('bye')).toMatchObject({ reason: 'shutdown' });
			await socket.until(() => socket.closed);
			expect(socket.closeCode).toBe(1001);
		}
	});
});
