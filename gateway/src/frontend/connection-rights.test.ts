import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareCluster } from '../../test/cluster.ts';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway } from '../../test/gateway.ts';
import { expectProblem, following, like, newVideo, postJson } from '../../test/http-client.ts';
import { inSeconds, SECRET, signToken } from '../../test/tokens.ts';

const KEY = 'a-key-of-the-shop';
const ROLES = { 'all-1': 'likes,dispatcher,frontend', 'frontend-2': 'frontend', 'dispatcher-3': 'dispatcher' };
const cluster = shareCluster(ROLES, { jwtSecret: SECRET, apiKeys: `shop:${KEY}`, windowMs: '1' });

type Headers = Record<string, string>;
const bearer = (credentials: string): Headers => ({ Authorization: `Bearer ${credentials}` });
const as = async (sub: string, more: object = {}) => bearer(await signToken({ sub, ...more }));

/** A request for a connection at a node. */
interface Asked {
	readonly url: string;
	readonly connection: string;
	readonly headers: Headers;
}
const change = ({ url, connection, headers }: Asked, body: object) =>
	postJson(url + paths.subscriptions(connection), body, headers);
const alive = ({ url, connection, headers }: Asked) =>
	fetch(url + paths.alive(connection), { method: 'POST', headers });
const end = ({ url, connection, headers }: Asked) =>
	fetch(url + paths.connection(connection), { method: 'DELETE', headers });

describe.each(Object.keys(ROLES))('A connection of frontend-2, with requests to %s', (name) => {
	const url = () => cluster().node(name).url;
	const home = () => cluster().node('frontend-2');

	async function open(video: string, headers: Headers) {
		const stream = await EventStream.open(home(), video, { headers });
		const { connection } = await stream.hello();
		return { stream, ask: (other: Headers): Asked => ({ url: url(), connection, headers: other }) };
	}

	it('takes changes of its caller, with any token of that user, and of a server', async () => {
		const [first, second, third] = [newVideo(), newVideo(), newVideo()];
		const { ask } = await open(first, await as('ann'));
		const added = await change(ask(await as('ann', { can: ['watch'] })), { add: { videos: [second] } });
		expect([added.status, await added.json()]).toEqual([200, following([first, second])]);
		const byServer = await change(ask(bearer(KEY)), { add: { videos: [third] }, remove: { videos: [first] } });
		expect(await byServer.json()).toEqual(following([second, third]));
	});

	it('does not exist for another user, and requires a proof first', async () => {
		const [video, other] = [newVideo(), newVideo()];
		const { ask, stream } = await open(video, await as('ann'));
		const eve = ask(await as('eve'));
		await expectProblem(await change(eve, { add: { videos: [other] } }), 404, 'connection_not_found');
		await expectProblem(await change(eve, { remove: { videos: [video] } }), 404, 'connection_not_found');
		await expectProblem(await change(eve, { add: 7 }), 404, 'connection_not_found');
		await expectProblem(await end(eve), 404, 'connection_not_found');
		await expectProblem(await change(ask({}), {}), 401, 'unauthorized');
		await expectProblem(await end(ask({})), 401, 'unauthorized');
		expect(await (await change(ask(await as('ann')), {})).json()).toEqual(following([video]));
		expect(stream.closed).toBe(false);
	});

	it('of a server takes changes of servers alone', async () => {
		const { ask } = await open(newVideo(), { ...bearer(KEY), 'X-Likewire-User': 'ann' });
		await expectProblem(await change(ask(await as('ann')), {}), 404, 'connection_not_found');
		expect((await change(ask(bearer(KEY)), {})).status).toBe(200);
	});

	it('ends with a bye when a token that added a topic expires', async () => {
		const [video, added] = [newVideo(), newVideo()];
		const { ask, stream } = await open(video, await as('ann', { exp: inSeconds(600) }));
		// Clocks may differ by 5 s, so this token is valid for about 6 s.
		const short = await as('ann', { exp: inSeconds(1) });
		expect((await change(ask(short), { add: { videos: [added] } })).status).toBe(200);
		const bye = await stream.event('bye');
		expect(bye).toMatchObject({ reason: 'lifetime', retryMs: expect.any(Number) });
		await stream.until(() => stream.closed);
	});

	it('continues after a short token that added nothing', async () => {
		const video = newVideo();
		const { ask, stream } = await open(video, await as('ann', { exp: inSeconds(600) }));
		const short = await as('ann', { exp: inSeconds(1) });
		const body = { add: { videos: [video] }, remove: { videos: [newVideo()] } };
		expect((await change(ask(short), body)).status).toBe(200);
		// The short token is over when the gateway refuses it.
		await expect.poll(async () => (await change(ask(short), {})).status).toBe(401);
		expect(await (await change(ask(await as('ann')), {})).json()).toEqual(following([video]));
		expect(stream.closed).toBe(false);
	});

	it('takes a confirmation that it is alive of its caller alone', async () => {
		const headers = await as('ann');
		const stream = await EventStream.open(home(), newVideo(), { headers });
		const asked = { url: url(), connection: (await stream.hello()).connection, headers };
		const answer = await alive(asked);
		expect([answer.status, await answer.text()]).toEqual([204, '']);
		await expectProblem(await alive({ ...asked, headers: await as('bob') }), 404, 'connection_not_found');
		await expectProblem(await alive({ ...asked, connection: `${asked.connection}x` }), 404, 'connection_not_found');
		await expectProblem(await alive({ ...asked, headers: {} }), 401, 'unauthorized');
	});

	it('ends once, by its caller or by a server', async () => {
		for (const headers of [await as('ann'), bearer(KEY)]) {
			const { ask, stream } = await open(newVideo(), await as('ann'));
			const response = await end(ask(headers));
			expect([response.status, await response.text()]).toEqual([204, '']);
			expect(await stream.event('bye')).toMatchObject({ reason: 'closed', retryMs: expect.any(Number) });
			await stream.until(() => stream.closed);
			await expectProblem(await end(ask(headers)), 404, 'connection_not_found');
			await expectProblem(await change(ask(headers), {}), 404, 'connection_not_found');
		}
	});

	it('names a refused topic, and follows the others', async () => {
		const [first, second, other] = [newVideo(), newVideo(), newVideo()];
		const ann = await as('ann', { videos: [first, second], topics: [], conversations: ['c1'] });
		const { ask } = await open(first, ann);
		const add = { videos: [second, other], presence: ['bob'], topics: ['scores'], conversations: ['c1', 'c2'] };
		const mixed = await change(ask(ann), { add });
		expect(mixed.status).toBe(200);
		expect(await mixed.json()).toEqual({
			...following([first, second], { conversations: ['c1'] }),
			refused: [`video:${other}`, 'conversation:c2', 'presence:bob', 'scores'].map((topic) => {
				return { topic, code: 'forbidden' };
			}),
		});
		const alone = await change(ask(ann), { add: { videos: [other] }, remove: { videos: [first] } });
		expect(await alone.json()).toEqual({
			...following([second], { conversations: ['c1'] }),
			refused: [{ topic: `video:${other}`, code: 'forbidden' }],
		});
	});

	it('begins with a hello that names refused topics, and sends the others', async () => {
		const [mine, other] = [newVideo(), newVideo()];
		const ann = await as('ann', { videos: [mine] });
		const stream = await EventStream.open(cluster().node(name), [other, mine], { headers: ann });
		const hello = await stream.hello();
		expect(hello).toMatchObject({ videos: [mine], refused: [{ topic: `video:${other}`, code: 'forbidden' }] });
		await stream.holds(mine, 0);
		const all = await EventStream.open(cluster().node(name), mine, { headers: ann });
		expect(await all.hello()).not.toHaveProperty('refused');
	});

	it('does not begin when all of its topics are refused', async () => {
		const response = await fetch(`${url()}${paths.stream}?video=v1&presence=bob`, {
			headers: await as('ann', { videos: [] }),
		});
		await expectProblem(response, 403, 'forbidden');
	});
});

describe('A connection in development mode', () => {
	const gateway = shareGateway({ windowMs: '1' });
	const of = async (user: string | undefined) => {
		const stream = await EventStream.open(gateway(), newVideo(), user === undefined ? {} : { user });
		const { connection } = await stream.hello();
		return (other: Headers): Asked => ({ url: gateway().url, connection, headers: other });
	};

	it('belongs to the user that its stream named', async () => {
		const ask = await of('ann');
		expect((await change(ask({ 'X-Likewire-User': 'ann' }), {})).status).toBe(200);
		for (const other of [{ 'X-Likewire-User': 'eve' }, {}] as Headers[]) {
			await expectProblem(await change(ask(other), {}), 404, 'connection_not_found');
			await expectProblem(await end(ask(other)), 404, 'connection_not_found');
		}
		expect((await end(ask({ 'X-Likewire-User': 'ann' }))).status).toBe(204);
	});

	it('of an anonymous viewer belongs to any client that knows its id', async () => {
		const ask = await of(undefined);
		expect((await change(ask({}), {})).status).toBe(200);
		expect((await change(ask({ 'X-Likewire-User': 'ann' }), {})).status).toBe(200);
		expect((await end(ask({}))).status).toBe(204);
	});

	it('has an id that ends in 128 random bits', async () => {
		const ids = await Promise.all([of(undefined), of(undefined)]);
		const parts = ids.map((ask) => ask({}).connection.split('.').at(-1) ?? '');
		expect(new Set(parts).size).toBe(2);
		for (const part of parts) expect(Buffer.from(part, 'base64url')).toHaveLength(16);
	});

	it('refuses an unknown parameter of its stream by name', async () => {
		for (const [query, name] of [
			['video[]=a', 'video[]'],
			['video=a&vidoe=b', 'vidoe'],
			['_=1', '_'],
			[`${'x'.repeat(500)}=1`, 'xxx'],
		] as const) {
			const response = await fetch(`${gateway().url}${paths.stream}?${query}`);
			const { detail } = await expectProblem(response, 400, 'invalid_query');
			expect(detail).toContain(name);
			expect(detail.length).toBeLessThan(250);
		}
		const all = `video=a&conversation=a&presence=a&topic=a&user=ann&token=x&lastEventId=x`;
		const stream = await EventStream.openQuery(gateway(), all);
		expect(await stream.hello()).toMatchObject(
			following(['a'], { conversations: ['a'], presence: ['a'], topics: ['a'] }),
		);
	});

	it.each(['x', '7', 'event:7', 'a b', '"', 'x\xe9x', 'x'.repeat(10_000)])(
		'begins with a gap when the last event id is no cursor: %j',
		async (id) => {
			const video = newVideo();
			const topic = `t-${video}`;
			const gap = { reason: 'unknown_position' };
			const query = `video=${video}&topic=${topic}&presence=ann`;
			const streams = [
				await EventStream.openQuery(gateway(), query, { 'Last-Event-ID': id }),
				await EventStream.openQuery(gateway(), `${query}&lastEventId=${encodeURIComponent(id)}`),
			];
			await like(gateway(), video);
			for (const stream of streams) {
				await stream.holds(video, 1);
				await stream.event('gap', (data) => data.topic === topic);
				await stream.event('gap', (data) => data.topic === `video:${video}`);
				const gaps = stream.events.flatMap(({ name, data }) => (name === 'gap' ? [data] : []));
				expect(gaps).toHaveLength(2);
				for (const one of gaps) expect(one).toMatchObject(gap);
			}
		},
	);
});
