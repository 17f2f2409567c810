import { randomUUID } from 'node:crypto';
import { type PollAnswer, type PollEvent, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareCluster } from '../../test/cluster.ts';
import { comment } from '../../test/comments.ts';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway } from '../../test/gateway.ts';
import { expectProblem, like, newVideo, postJson, readVideo } from '../../test/http-client.ts';
import { SECRET, signToken } from '../../test/tokens.ts';

const POLL_MS = 500;

interface Place {
	readonly url: string;
}

const ask = (gateway: Place, query: string, init: RequestInit = {}) =>
	fetch(`${gateway.url}${paths.poll}?${query}`, init);

async function poll(gateway: Place, query: string, init: RequestInit = {}): Promise<PollAnswer> {
	const response = await ask(gateway, query, init);
	expect(response.status).toBe(200);
	return (await response.json()) as PollAnswer;
}

type Named<Name extends PollEvent['event']> = Extract<PollEvent, { readonly event: Name }>;

const eventsOf = <Name extends PollEvent['event']>({ events }: PollAnswer, name: Name) =>
	events.filter((event): event is Named<Name> => event.event === name);
const heartsIn = (answer: PollAnswer) => eventsOf(answer, 'likes')[0]?.data.totals.heart;
const textsIn = (answer: PollAnswer) => eventsOf(answer, 'comment').map(({ data }) => data.text);

/** Returns the query of the next poll: the same, with the cursors of the last answer. */
const after = (query: string, { cursors }: PollAnswer) =>
	`${query}&${cursors.map((cursor) => `cursor=${cursor}`).join('&')}`;

describe('A poll', () => {
	const gateway = shareGateway({ commitWindowMs: '1', windowMs: '5', pollMs: `${POLL_MS}` });
	const viewersOf = async (video: string) => (await readVideo(gateway(), video)).viewers;

	it('gets the state of a video without viewers, without a delta', async () => {
		const video = newVideo();
		await like(gateway(), video);
		const answer = await poll(gateway(), `video=${video}`);
		expect(eventsOf(answer, 'likes')).toEqual([
			{
				event: 'likes',
				data: { video, totals: { heart: 1 }, recent: [], shown: 0, of: 0, revision: 1, at: expect.any(Number) },
			},
		]);
		// The gateway counts viewers once a second.
		const counts = async () => eventsOf(await poll(gateway(), `video=${video}`), 'viewers').map(({ data }) => data);
		await expect.poll(counts).toEqual([{ video, count: 0 }]);
		expect(eventsOf(answer, 'cursor')).toEqual([
			{ event: 'cursor', id: answer.cursors[0], data: { topic: `video:${video}` } },
		]);
		expect(answer.cursors).toHaveLength(1);
		expect(answer.nextMs).toBe(POLL_MS);
	});

	it('gets changes with the next poll, and resumes logs, each event once', async () => {
		const video = newVideo();
		const both = `video=${newVideo()}&video=${video}`;
		let answer = await poll(gateway(), both);
		expect(answer.cursors).toHaveLength(2);
		for (const text of ['one', 'two']) await comment(gateway(), video, text);
		await like(gateway(), video);
		await expect
			.poll(async () => {
				answer = await poll(gateway(), after(both, answer));
				return textsIn(answer);
			})
			.toContain('two');
		const empty = await poll(gateway(), after(both, answer));
		expect(textsIn(empty)).toEqual([]);
		expect(empty.cursors).toEqual(answer.cursors);
		await comment(gateway(), video, 'three');
		await expect.poll(async () => textsIn(await poll(gateway(), after(both, empty)))).toEqual(['three']);
	});

	it('gets a gap for a cursor that cannot be resumed, and continues after it', async () => {
		const video = newVideo();
		const unknown = Buffer.from(JSON.stringify([`video:${video}`, 'mars', 7, 7])).toString('base64url');
		const answer = await poll(gateway(), `video=${video}&cursor=${unknown}`);
		expect(eventsOf(answer, 'gap')).toEqual([
			{
				event: 'gap',
				id: answer.cursors[0],
				data: { topic: `video:${video}`, reason: expect.stringMatching(/^(lost|unknown_position)$/) },
			},
		]);
		const broken = await poll(gateway(), `video=${video}&lastEventId=x`);
		expect(eventsOf(broken, 'gap').map(({ data }) => data.reason)).toEqual(['unknown_position']);
		await expectProblem(await ask(gateway(), `video=${video}&cursor=x`), 400, 'invalid_cursor');
	});

	it('without an id counts for no viewer, and may be cached for 1 s', async () => {
		const video = newVideo();
		const response = await ask(gateway(), `video=${video}`);
		expect(response.headers.get('cache-control')).toBe('public, max-age=1');
		expect(await viewersOf(video)).toBe(0);
	});

	it('with an id counts as one viewer, whose user is online, for two intervals', async () => {
		const [video, id, user] = [newVideo(), randomUUID(), `u-${randomUUID()}`];
		const query = `video=${video}&poll=${id}&user=${user}`;
		const watcher = await EventStream.openQuery(gateway(), `presence=${user}`);
		const response = await ask(gateway(), query);
		expect(response.headers.get('cache-control')).toBe('no-store');
		await poll(gateway(), query.replace(id, id.toUpperCase()));
		await expect.poll(() => viewersOf(video)).toBe(1);
		await watcher.until(() => watcher.events.some((event) => event.name === 'presence' && event.data.online));
		await expect.poll(() => viewersOf(video)).toBe(0);
	});

	it('moves its viewer to another video when it names that', async () => {
		const [first, second, id] = [newVideo(), newVideo(), randomUUID()];
		await poll(gateway(), `video=${first}&poll=${id}`);
		await poll(gateway(), `video=${second}&poll=${id}`);
		await expect.poll(() => Promise.all([first, second].map(viewersOf))).toEqual([0, 1]);
	});

	it('may name 100 topics, and none', async () => {
		const videos = Array.from({ length: 100 }, newVideo);
		const query = new URLSearchParams(videos.map((video) => ['video', video]));
		expect(eventsOf(await poll(gateway(), `${query}`), 'likes')).toHaveLength(100);
		expect(await poll(gateway(), '')).toEqual({ events: [], cursors: [], region: 'local', nextMs: POLL_MS });
		await expectProblem(await ask(gateway(), `${query}&video=${newVideo()}`), 400, 'too_many_topics');
	});

	it.each(['poll=', 'poll=x', 'poll=1&poll=2', `poll=${randomUUID()}&poll=${randomUUID()}`, 'x=1'])(
		'is refused with the query %j',
		async (query) => {
			await expectProblem(await ask(gateway(), query), 400, 'invalid_query');
		},
	);

	it('accepts HEAD and OPTIONS, sends CORS headers, and answers 405 to other methods', async () => {
		const page = { Origin: 'http://localhost:3000' };
		const head = await ask(gateway(), `video=${newVideo()}`, { method: 'HEAD', headers: page });
		expect([head.status, await head.text()]).toEqual([200, '']);
		expect(head.headers.get('access-control-allow-origin')).toBe(page.Origin);
		const options = await ask(gateway(), '', { method: 'OPTIONS', headers: page });
		expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
		const post = await postJson(gateway().url + paths.poll, {});
		expect(post.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
		await expectProblem(post, 405, 'method_not_allowed');
	});
});

describe('A poll with a token', () => {
	const gateway = shareGateway({ jwtSecret: SECRET });

	it('accepts the token in the header or the query, and forbids shared caches', async () => {
		const [place, video, token] = [gateway(), newVideo(), await signToken({ sub: 'ann' })];
		await expectProblem(await ask(place, `video=${video}`), 401, 'unauthorized');
		const bearer = await ask(place, `video=${video}`, { headers: { Authorization: `Bearer ${token}` } });
		expect([bearer.status, bearer.headers.get('cache-control')]).toEqual([200, 'private, max-age=1']);
		expect((await ask(place, `video=${video}&token=${token}`)).status).toBe(200);
	});

	it('names refused topics, and fails when all of them are refused', async () => {
		const [place, allowed, other] = [gateway(), newVideo(), newVideo()];
		const token = await signToken({ sub: 'ann', videos: [allowed] });
		const answer = await poll(place, `video=${allowed}&video=${other}&token=${token}`);
		expect(answer.refused).toEqual([{ topic: `video:${other}`, code: 'forbidden' }]);
		expect(eventsOf(answer, 'likes').map(({ data }) => data.video)).toEqual([allowed]);
		await expectProblem(await ask(place, `video=${other}&token=${token}`), 403, 'forbidden');
	});

	it('counts another viewer for the same id of another user', async () => {
		const [place, video, id] = [gateway(), newVideo(), randomUUID()];
		for (const sub of ['ann', 'bob', 'ann'])
			await poll(place, `video=${video}&poll=${id}&token=${await signToken({ sub })}`);
		const token = { headers: { Authorization: `Bearer ${await signToken({ sub: 'eva' })}` } };
		const viewers = async () => {
			const answer = await fetch(place.url + paths.video(video), token);
			return ((await answer.json()) as { viewers?: number }).viewers;
		};
		await expect.poll(viewers).toBe(2);
	});
});

describe('A poll in a cluster', () => {
	const cluster = shareCluster({
		'likes-1': 'likes',
		'dispatcher-1': 'dispatcher',
		'frontend-1': 'frontend',
		'frontend-2': 'frontend',
	});
	const NODES = ['likes-1', 'dispatcher-1', 'frontend-1', 'frontend-2'];

	it('may go to any node, and counts its viewer once', async () => {
		const video = newVideo();
		await like(cluster().node('likes-1'), video);
		for (const id of Array.from({ length: 4 }, () => randomUUID())) {
			for (const name of NODES) {
				expect(heartsIn(await poll(cluster().node(name), `video=${video}&poll=${id}`))).toBe(1);
			}
		}
		await expect.poll(async () => (await readVideo(cluster().node('likes-1'), video)).viewers).toBe(4);
	});

	it('resumes a log at another node', async () => {
		const [video, query] = [newVideo(), (name: string) => `video=${name}`];
		const first = await poll(cluster().node('frontend-1'), query(video));
		await comment(cluster().node('likes-1'), video, 'hello');
		for (const name of NODES) {
			await expect
				.poll(async () => textsIn(await poll(cluster().node(name), after(query(video), first))))
				.toEqual(['hello']);
		}
	});

	it('is refused by every node alike', async () => {
		for (const name of NODES) await expectProblem(await ask(cluster().node(name), 'poll=x'), 400, 'invalid_query');
	});
});

describe('A poll of a topic that no node can read', () => {
	const cluster = shareCluster({ 'dispatcher-1': 'dispatcher', 'frontend-1': 'frontend' }, {}, { 'likes-1': 'likes' });

	it('gets an answer without events, with the cursor of its client', async () => {
		const video = newVideo();
		const cursor = Buffer.from(JSON.stringify([`video:${video}`, 'local', 7, 7])).toString('base64url');
		const answer = await poll(cluster().node('frontend-1'), `video=${video}&cursor=${cursor}`);
		expect(answer).toMatchObject({ events: [], cursors: [cursor] });
	});
});
