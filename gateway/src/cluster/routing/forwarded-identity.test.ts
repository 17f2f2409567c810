import { createServer, type IncomingMessage } from 'node:http';
import { paths } from '@likewire/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { shareCluster, startCluster } from '../../../test/cluster.ts';
import { EventStream } from '../../../test/event-stream.ts';
import { expectProblem, following, newVideo, postJson } from '../../../test/http-client.ts';
import { hostileTokens, inSeconds, SECRET, signToken } from '../../../test/tokens.ts';
import { decodeCaller, encodeCaller, makeCaller } from '../../auth/caller.ts';

const API_KEY = 'key-of-the-shop-0123';
const IDENTITY = { jwtSecret: SECRET, apiKeys: `shop:${API_KEY}`, windowMs: '5' };
const cluster = shareCluster(
	{ 'likes-1': 'likes', 'dispatcher-1': 'dispatcher', 'frontend-1': 'frontend', 'frontend-2': 'frontend' },
	IDENTITY,
);
const NODES = ['likes-1', 'dispatcher-1', 'frontend-1', 'frontend-2'];

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const likesOf = (node: string, video: string) => cluster().node(node).url + paths.likes(video);

async function likesStored(video: string): Promise<number> {
	const response = await fetch(cluster().node('likes-1').url + paths.video(video), {
		headers: bearer(await signToken({ sub: 'auditor' })),
	});
	return ((await response.json()) as { totals: Record<string, number> }).totals.heart ?? 0;
}

describe.each(NODES)('tokens at %s', (name) => {
	it('allow exactly what they name, whichever node serves the request', async () => {
		const [video, other] = [newVideo(), newVideo()];
		const token = await signToken({ sub: 'ann', videos: [video], exp: inSeconds(60) });
		expect((await postJson(likesOf(name, video), {}, bearer(token))).status).toBe(201);
		await expectProblem(await postJson(likesOf(name, other), {}, bearer(token)), 403, 'forbidden');
		const { url } = cluster().node(name);
		const reads = [video, other].map((one) => fetch(url + paths.video(one), { headers: bearer(token) }));
		expect((await Promise.all(reads)).map(({ status }) => status)).toEqual([200, 403]);
		const stream = await EventStream.open(cluster().node(name), video, { token });
		await stream.holds(video, 1);
		await expect(EventStream.open(cluster().node(name), other, { token })).rejects.toThrow(/403/);
		const { connection } = await stream.hello();
		const change = { add: { videos: [other] } };
		for (const node of NODES) {
			const subscriptions = cluster().node(node).url + paths.subscriptions(connection);
			const refused = [{ topic: `video:${other}`, code: 'forbidden' }];
			const answer = await postJson(subscriptions, change, bearer(token));
			expect(await answer.json()).toEqual({ ...following([video]), refused });
		}
		expect(await likesStored(other)).toBe(0);
	});

	it('allow no like when they allow only to watch', async () => {
		const video = newVideo();
		const token = await signToken({ sub: 'ann', can: ['watch'] });
		await (await EventStream.open(cluster().node(name), video, { token })).holds(video, 0);
		await expectProblem(await postJson(likesOf(name, video), {}, bearer(token)), 403, 'forbidden');
	});

	it('allow only the user of a like to delete it', async () => {
		const video = newVideo();
		const [ann, bob] = await Promise.all(['ann', 'bob'].map((sub) => signToken({ sub })));
		const { id } = (await (await postJson(likesOf(name, video), {}, bearer(ann as string))).json()) as { id: string };
		const remove = (token = '') =>
			fetch(cluster().node(name).url + paths.like(video, id), { method: 'DELETE', headers: bearer(token) });
		await expectProblem(await remove(bob), 403, 'forbidden');
		expect((await remove(ann)).status).toBe(200);
	});

	it('let a server act for the user that it names, and for no user otherwise', async () => {
		const video = newVideo();
		const key = bearer(API_KEY);
		await expectProblem(await postJson(likesOf(name, video), {}, key), 400, 'user_required');
		const answer = await postJson(likesOf(name, video), {}, { ...key, 'X-Likewire-User': 'carl' });
		expect(answer.status).toBe(201);
		expect(await likesStored(video)).toBe(1);
	});

	it('end a stream when they expire', async () => {
		// Clocks may differ by 5 s, so this token is valid for about 6 s.
		const token = await signToken({ sub: 'ann', exp: inSeconds(1) });
		const stream = await EventStream.open(cluster().node(name), newVideo(), { token });
		expect((await stream.hello()).maxLifetimeMs).toBeLessThanOrEqual(6_000);
		await stream.event('bye');
		await stream.until(() => stream.closed);
	});

	it('give no access when they are forged, and each is counted and logged', async () => {
		const node = cluster().node(name);
		const before = await node.report();
		const video = newVideo();
		const reasons = new Map<string, number>();
		for (const [, token, reason] of await hostileTokens()) {
			const response = await postJson(likesOf(name, video), {}, bearer(token));
			expect([token, response.status]).toEqual([token, 401]);
			await response.arrayBuffer();
			reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
		}
		const after = await node.report();
		for (const [reason, count] of reasons) {
			expect([reason, (after.refused[reason] ?? 0) - (before.refused[reason] ?? 0)]).toEqual([reason, count]);
			expect(node.log).toContainEqual(expect.objectContaining({ reason, msg: 'requests are refused' }));
		}
		expect(await likesStored(video)).toBe(0);
	});

	it('are not replaced by the headers of nodes in requests of clients', async () => {
		const video = newVideo();
		const caller = encodeCaller(makeCaller({ proof: 'key', server: 'shop', user: 'root' }));
		const smuggled = { 'X-Likewire-Caller': caller, 'X-Likewire-Node': 'frontend-1', 'X-Likewire-User': 'root' };
		await expectProblem(await postJson(likesOf(name, video), {}, smuggled), 401, 'unauthorized');
		const token = await signToken({ sub: 'ann', videos: ['another'] });
		await expectProblem(await postJson(likesOf(name, video), {}, { ...smuggled, ...bearer(token) }), 403, 'forbidden');
		const { internalUrl, url } = cluster().node(name);
		const path = `/internal/v1/forward${paths.likes(video)}`;
		await expectProblem(await postJson(url + path, {}, { ...smuggled, ...bearer(token) }), 404, 'not_found');
		const inside = await postJson(
			internalUrl + path,
			{},
			{ ...smuggled, 'X-Likewire-Secret': 'a guess at the secret' },
		);
		expect([401, 404]).toContain(inside.status);
		expect(await likesStored(video)).toBe(0);
	});
});

describe('a forwarded request', () => {
	it('has the caller with its limits, and neither the token nor other headers of the client', async () => {
		const video = newVideo();
		const asked: IncomingMessage[] = [];
		const small = await startCluster({ 'dispatcher-1': 'dispatcher' }, IDENTITY, { 'likes-1': 'likes' });
		const server = createServer((request, response) => {
			if (request.url?.startsWith('/internal/v1/forward')) asked.push(request);
			response.writeHead(201, { 'Content-Type': 'application/json', 'X-Likewire-Node': 'likes-1' }).end('{}');
		});
		await new Promise<void>((resolve) => {
			server.listen(Number(/likes-1=[^,]*:(\d+)/.exec(small.peers)?.[1]), '127.0.0.1', resolve);
		});
		onTestFinished(() => {
			server.closeAllConnections();
			server.close();
		});
		const exp = inSeconds(60);
		const token = await signToken({ sub: 'ann', videos: [video], can: ['like'], exp });
		const url = small.node('dispatcher-1').url + paths.likes(video);
		const sent = { Cookie: 'session=1', 'X-Likewire-Caller': '{"proof":"key"}', 'X-Likewire-Incarnation': '0' };
		const answer = await postJson(`${url}?x=%20y`, {}, { ...sent, ...bearer(token) });
		expect([answer.status, answer.headers.get('x-likewire-node')]).toEqual([201, null]);
		await postJson(`${url}?token=${token}&x=1`, {}, { ...sent, ...bearer(token) });
		expect(asked.map(({ url: path }) => path)).toEqual([
			`/internal/v1/forward${paths.likes(video)}?x=+y`,
			`/internal/v1/forward${paths.likes(video)}?x=1`,
		]);
		for (const { headers, rawHeaders } of asked) {
			expect(rawHeaders.join('\n')).not.toContain(token);
			expect([headers.cookie, headers.authorization]).toEqual([undefined, undefined]);
			expect(decodeCaller(String(headers['x-likewire-caller']))).toEqual(
				makeCaller({
					proof: 'token',
					user: 'ann',
					videos: [video],
					conversations: [],
					presence: [],
					can: ['like'],
					expiresAt: (exp + 5) * 1_000,
				}),
			);
			expect(Number(headers['x-likewire-incarnation'])).toBeGreaterThan(0);
			expect(headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
		}
	});
});
