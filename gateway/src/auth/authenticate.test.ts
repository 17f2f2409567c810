import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway, startGateway } from '../../test/gateway.ts';
import { expectProblem, following, newVideo, postJson } from '../../test/http-client.ts';
import { RawConnection } from '../../test/raw-connection.ts';
import { testDirectory } from '../../test/temporary-directory.ts';
import { hostileTokens, inSeconds, SECRET, signToken } from '../../test/tokens.ts';

const KEY = 'a-key-of-the-shop';
const gateway = shareGateway({
	jwtSecret: SECRET,
	apiKeys: `shop:${KEY},studio:${KEY}-and-more`,
	windowMs: '1',
	commitWindowMs: '0',
});

type Headers = Record<string, string>;
const bearer = (credentials: string): Headers => ({ Authorization: `Bearer ${credentials}` });
const as = async (sub: string, more: object = {}) => bearer(await signToken({ sub, ...more }));

const like = (video: string, headers: Headers = {}, query = '', body: object = {}) =>
	postJson(gateway().url + paths.likes(video) + query, body, headers);
const takeBack = (video: string, id: string, headers: Headers = {}) =>
	fetch(gateway().url + paths.like(video, id), { method: 'DELETE', headers });
const read = (video: string, headers: Headers = {}, query = '') =>
	fetch(gateway().url + paths.video(video) + query, { headers });
const openStream = (video: string, headers: Headers = {}, query = '') =>
	fetch(`${gateway().url}${paths.stream}?video=${video}${query}`, { headers });
const change = (connection: string, body: object, headers: Headers = {}) =>
	postJson(gateway().url + paths.subscriptions(connection), body, headers);

/** What the gateway answers about a video to a caller with rights. */
async function stateOf(video: string) {
	const response = await read(video, bearer(KEY));
	expect(response.status).toBe(200);
	return (await response.json()) as { totals: Record<string, number>; viewers: number };
}

/** All requests of a viewer. */
async function askForAll(video: string, headers: Headers = {}, token?: string): Promise<Response[]> {
	const parameter = token === undefined ? '' : `token=${encodeURIComponent(token)}`;
	return [
		await like(video, headers, `?${parameter}`),
		await fetch(`${gateway().url}${paths.like(video, randomUUID())}?${parameter}`, { method: 'DELETE', headers }),
		await read(video, headers, `?${parameter}`),
		await openStream(video, headers, `&${parameter}`),
		await postJson(`${gateway().url}${paths.subscriptions('c')}?${parameter}`, {}, headers),
	];
}

async function expectRefusals(responses: readonly Response[], code: 'unauthorized' | 'token_expired'): Promise<void> {
	for (const response of responses) {
		expect(response.headers.get('www-authenticate')).toBe('Bearer');
		expect(response.headers.get('access-control-allow-origin')).toBe('*');
		expect(response.headers.get('cache-control')).toBe('no-store');
		await expectProblem(response, 401, code);
	}
}

describe('A request without a token', () => {
	it('reads and writes nothing, whatever user it names', async () => {
		const video = newVideo();
		await expectRefusals(await askForAll(video), 'unauthorized');
		await expectRefusals(await askForAll(video, { 'X-Likewire-User': 'ann' }), 'unauthorized');
		await expectRefusals(await askForAll(video, { Authorization: 'Basic YW5uOmFubg==' }), 'unauthorized');
		await expectRefusals(await askForAll(video, { Authorization: 'Bearer' }), 'unauthorized');
		await expectRefusals(await askForAll(video, { Authorization: 'Bearer ' }, ''), 'unauthorized');
		await expectRefusals([await like(video, {}, '?user=ann')], 'unauthorized');
		expect(await stateOf(video)).toMatchObject({ totals: {}, viewers: 0 });
	});

	it('does not show whether its id, body or connection is valid', async () => {
		await expectRefusals([await like('%20')], 'unauthorized');
		await expectRefusals([await like(newVideo(), {}, '', { id: 7 })], 'unauthorized');
		await expectRefusals([await openStream('%20')], 'unauthorized');
	});

	it('is refused with the header between nodes', async () => {
		const caller = JSON.stringify({ proof: 'token', user: 'ann', expiresAt: null });
		await expectRefusals(await askForAll(newVideo(), { 'X-Likewire-Caller': caller }), 'unauthorized');
	});

	it('may ask for the methods of a path, as browsers do', async () => {
		for (const path of [paths.likes('v'), paths.video('v'), paths.stream, paths.subscriptions('c')]) {
			const response = await fetch(gateway().url + path, {
				method: 'OPTIONS',
				headers: { Origin: 'https://a.example' },
			});
			expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
			expect(response.headers.get('access-control-allow-headers')).toContain('Authorization');
		}
	});

	it('is refused for HEAD as for GET, without a body', async () => {
		const response = await fetch(gateway().url + paths.video(newVideo()), { method: 'HEAD' });
		expect([response.status, await response.text()]).toEqual([401, '']);
	});

	it('gets pages and their assets', async () => {
		const directory = testDirectory();
		writeFileSync(join(directory, 'index.html'), '<h1>Live</h1>');
		const { url } = await startGateway({ jwtSecret: SECRET, staticDir: directory });
		for (const method of ['GET', 'HEAD']) expect((await fetch(url, { method })).status).toBe(200);
	});
});

describe('An invalid token', () => {
	it('is refused, in the header and in the query', async () => {
		const video = newVideo();
		for (const [, token, reason] of await hostileTokens()) {
			const code = reason === 'token_expired' ? reason : 'unauthorized';
			await expectRefusals(await askForAll(video, bearer(token)), code);
			await expectRefusals([await openStream(video, {}, `&token=${encodeURIComponent(token)}`)], code);
		}
		expect(await stateOf(video)).toMatchObject({ totals: {}, viewers: 0 });
	});

	it('is refused next to a valid one in the query', async () => {
		const [good, bad] = [await signToken({ sub: 'ann' }), 'bad'];
		const video = newVideo();
		for (const pair of [
			[good, bad],
			[bad, good],
			[good, good],
		]) {
			const query = pair.map((token) => `token=${token}`).join('&');
			await expectRefusals([await openStream(video, {}, `&${query}`)], 'unauthorized');
		}
		await expectRefusals([await read(video, bearer(bad), `?token=${good}`)], 'unauthorized');
		expect((await read(video, bearer(good), `?token=${bad}`)).status).toBe(200);
	});

	it('may be bytes of any kind, or 100 kB of them', async () => {
		const video = newVideo();
		for (const token of ['\xff\xfe', 'é.é.é', '\t', '"', '%00', `${'a'.repeat(20_000)}.b.c`, 'x'.repeat(100_000)]) {
			const connection = await RawConnection.open(gateway().port);
			const header = `Authorization: Bearer ${token}`;
			connection.write(
				Buffer.from(`GET ${paths.video(video)} HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`, 'latin1'),
			);
			await expect.poll(() => connection.text).toMatch(/^HTTP\/1.1 4(01|31) /);
		}
		expect((await read(video, await as('ann'))).status).toBe(200);
	});
});

describe('A token', () => {
	it('names the user that likes; the gateway ignores other names in the request', async () => {
		const video = newVideo();
		const ann = await as('ann');
		const response = await like(video, { ...ann, 'X-Likewire-User': 'bob' }, '?user=bob');
		expect(response.status).toBe(201);
		const { id } = (await response.json()) as { id: string };
		await expectProblem(
			await takeBack(video, id, { ...(await as('bob')), 'X-Likewire-User': 'ann' }),
			403,
			'forbidden',
		);
		expect((await takeBack(video, id, ann)).status).toBe(200);
	});

	it('opens a stream, in the header or in the query', async () => {
		const video = newVideo();
		const token = await signToken({ sub: 'ann', exp: inSeconds(60) });
		const streams = [
			await EventStream.open(gateway(), video, { token }),
			await EventStream.open(gateway(), video, { headers: bearer(token) }),
			// A browser adds this one by itself behind a proxy that asks for a password.
			await EventStream.open(gateway(), video, { token, headers: { Authorization: 'Basic YW5uOmFubg==' } }),
			await EventStream.open(gateway(), video, { headers: { Authorization: `bearer  ${token}` } }),
		];
		await like(video, bearer(token));
		for (const stream of streams) await stream.holds(video, 1);
	});

	it('ends its stream when it expires, with a bye that asks the viewer to come back', async () => {
		// Clocks may differ by 5 s, so this token is valid for about 6 s.
		const token = await signToken({ sub: 'ann', exp: inSeconds(1) });
		const stream = await EventStream.open(gateway(), newVideo(), { token });
		const { maxLifetimeMs } = await stream.hello();
		expect(maxLifetimeMs).toBeLessThanOrEqual(6_000);
		expect(await stream.event('bye')).toMatchObject({ reason: 'lifetime', retryMs: expect.any(Number) });
		await stream.until(() => stream.closed);
	});

	it('with a long life does not extend the lifetime of its stream', async () => {
		const token = await signToken({ sub: 'ann', exp: inSeconds(1e9) });
		const stream = await EventStream.open(gateway(), newVideo(), { token });
		expect((await stream.hello()).maxLifetimeMs).toBeLessThanOrEqual(1_800_000 * 1.2);
	});

	it('makes answers private to caches', async () => {
		const response = await read(newVideo(), await as('ann'));
		expect(response.headers.get('cache-control')).toBe('private, max-age=1');
	});

	it('opens only a stream when it is in the query', async () => {
		const video = newVideo();
		const token = await signToken({ sub: 'ann' });
		const refused = (await askForAll(video, {}, token)).filter((response) => {
			if (!response.url.includes(paths.stream)) return true;
			expect(response.status).toBe(200);
			void response.body?.cancel();
			return false;
		});
		refused.push(
			await fetch(`${gateway().url}${paths.presence}?user=ann&token=${token}`),
			await fetch(`${gateway().url}${paths.comments(video)}?token=${token}`),
			await fetch(`${gateway().url}${paths.connection('c')}?token=${token}`, { method: 'DELETE' }),
			await postJson(`${gateway().url}${paths.typing('c')}?token=${token}`, { typing: true }),
		);
		expect(refused).toHaveLength(8);
		for (const response of refused) {
			const { detail } = await expectProblem(response, 401, 'unauthorized');
			expect(detail).toContain('Authorization: Bearer');
		}
		expect(await stateOf(video)).toMatchObject({ totals: {} });
	});

	it('for watching does not allow to like, nor one for liking to watch', async () => {
		const video = newVideo();
		const [watcher, liker, powerless] = [
			await as('ann', { can: ['watch'] }),
			await as('ann', { can: ['like'] }),
			await as('ann', { can: [] }),
		];
		const liked = await like(video, liker);
		expect(liked.status).toBe(201);
		const { id } = (await liked.json()) as { id: string };
		expect((await read(video, watcher)).status).toBe(200);
		for (const refused of [
			await like(video, watcher),
			await takeBack(video, id, watcher),
			await read(video, liker),
			await openStream(video, liker),
			await like(video, powerless),
			await takeBack(video, id, powerless),
			await read(video, powerless),
			await openStream(video, powerless),
		]) {
			await expectProblem(refused, 403, 'forbidden');
		}
		expect(await stateOf(video)).toMatchObject({ totals: { heart: 1 }, viewers: 0 });
	});

	it('with a list of videos is valid for these alone', async () => {
		const [mine, other] = [newVideo(), newVideo()];
		const headers = await as('ann', { videos: [mine] });
		expect((await like(mine, headers)).status).toBe(201);
		for (const refused of [
			await like(other, headers),
			await takeBack(other, randomUUID(), headers),
			await read(other, headers),
			await openStream(other, headers),
		]) {
			await expectProblem(refused, 403, 'forbidden');
		}
		const stream = await EventStream.open(gateway(), mine, { headers });
		const { connection } = await stream.hello();
		await expectRefusals([await change(connection, { add: { videos: [mine] } })], 'unauthorized');
		const response = await change(connection, { remove: { videos: [other] } }, headers);
		expect([response.status, await response.json()]).toEqual([200, following([mine])]);
		expect(await stateOf(other)).toMatchObject({ totals: {}, viewers: 0 });
	});
});

describe('An API key', () => {
	it('lets a server act for users', async () => {
		const video = newVideo();
		const acting = { ...bearer(KEY), 'X-Likewire-User': 'ann' };
		const response = await like(video, acting);
		expect(response.status).toBe(201);
		const { id } = (await response.json()) as { id: string };
		await expectProblem(await takeBack(video, id, { ...acting, 'X-Likewire-User': 'bob' }), 403, 'forbidden');
		expect((await takeBack(video, id, await as('ann'))).status).toBe(200);
		expect((await like(video, { ...bearer(`${KEY}-and-more`), 'X-Likewire-User': 'ann' })).status).toBe(201);
	});

	it('requires a user for writes of users, and none to read and watch', async () => {
		const video = newVideo();
		await expectProblem(await like(video, bearer(KEY)), 400, 'user_required');
		await expectProblem(await like(video, bearer(KEY), '?user=ann'), 400, 'user_required');
		await expectProblem(await takeBack(video, randomUUID(), bearer(KEY)), 400, 'user_required');
		await expectProblem(await like(video, { ...bearer(KEY), 'X-Likewire-User': 'a b' }), 400, 'invalid_user_id');
		const stream = await EventStream.open(gateway(), video, { headers: bearer(KEY) });
		await stream.holds(video, 0);
	});

	it('is refused unless all of it is right and in the header', async () => {
		const video = newVideo();
		for (const wrong of [
			KEY.slice(0, -1),
			`${KEY}x`,
			KEY.toUpperCase(),
			`shop:${KEY}`,
			'shop',
			`${KEY} ${KEY}`,
			SECRET,
		]) {
			await expectRefusals(await askForAll(video, { ...bearer(wrong), 'X-Likewire-User': 'ann' }), 'unauthorized');
		}
		await expectRefusals(await askForAll(video, { 'X-Likewire-User': 'ann' }, KEY), 'unauthorized');
		expect(await stateOf(video)).toMatchObject({ totals: {}, viewers: 0 });
	});
});
