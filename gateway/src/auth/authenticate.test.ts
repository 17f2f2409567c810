import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { startGateway } from '../../test/gateway.ts';
import { expectProblem, following, newVideo, postJson } from '../../test/http-client.ts';
import { RawConnection } from '../../test/raw-connection.ts';
import { as, bearer, expectRefusals, shareSecuredGateway } from '../../test/secured-gateway.ts';
import { testDirectory } from '../../test/temporary-directory.ts';
import { hostileTokens, inSeconds, SECRET, signToken } from '../../test/tokens.ts';

const { gateway, like, takeBack, read, openStream, change, stateOf, askForAll } = shareSecuredGateway();

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
