import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareGateway } from '../../test/gateway.ts';
import { expectProblem, newVideo, postJson } from '../../test/http-client.ts';
import { SECRET, signToken } from '../../test/tokens.ts';

const KEY = 'a-key-of-the-shop';
const gateway = shareGateway({ jwtSecret: SECRET, apiKeys: `shop:${KEY}` });

type Headers = Record<string, string>;
const as = async (sub: string, more: object = {}): Promise<Headers> => ({
	Authorization: `Bearer ${await signToken({ sub, ...more })}`,
});
const shop = (user?: string): Headers => ({ Authorization: `Bearer ${KEY}`, ...(user && { 'X-Likewire-User': user }) });

const post = (path: string, body: object, headers: Headers) => postJson(gateway().url + path, body, headers);
const write = (video: string, headers: Headers) => post(paths.comments(video), { text: 'hello' }, headers);
const remove = (video: string, id: string, headers: Headers) =>
	fetch(gateway().url + paths.comment(video, id), { method: 'DELETE', headers });
const idOf = async (response: Response) => ((await response.json()) as { id: string }).id;
const reasonCount = async (reason: string) => {
	const report = (await (await fetch(`${gateway().internalUrl}/v1/cluster`)).json()) as {
		members: [{ refused: Record<string, number> }];
	};
	return report.members[0].refused[reason] ?? 0;
};

describe('Comments', () => {
	it('are written with a token for commenting, about the videos that it names', async () => {
		const video = newVideo();
		for (const more of [{}, { can: ['comment'] }, { videos: [video], can: ['watch', 'comment'] }]) {
			expect((await write(video, await as('ann', more))).status).toBe(201);
		}
		for (const more of [{ can: ['watch', 'like'] }, { can: ['moderate'] }, { can: [] }, { videos: ['other'] }]) {
			await expectProblem(await write(video, await as('ann', more)), 403, 'forbidden');
		}
		expect((await write(video, shop('ann'))).status).toBe(201);
		await expectProblem(await write(video, shop()), 400, 'user_required');
		await expectProblem(await write(video, {}), 401, 'unauthorized');
		expect(await reasonCount('action_forbidden')).toBeGreaterThanOrEqual(3);
		expect(await reasonCount('video_forbidden')).toBeGreaterThanOrEqual(1);
	});

	it('are read with a token for watching, and cached for its user alone', async () => {
		const video = newVideo();
		const read = (headers: Headers) => fetch(gateway().url + paths.comments(video), { headers });
		const answer = await read(await as('ann', { can: ['watch'] }));
		expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, max-age=1']);
		await expectProblem(await read(await as('ann', { can: ['comment'] })), 403, 'forbidden');
		await expectProblem(await read(await as('ann', { videos: [] })), 403, 'forbidden');
		await expectProblem(await read({}), 401, 'unauthorized');
	});

	it('are deleted by their author, by a moderator of the video, and by a server', async () => {
		const video = newVideo();
		const ids = await Promise.all(Array.from({ length: 4 }, async () => idOf(await write(video, await as('ann')))));
		const [one = '', two = '', three = '', four = ''] = ids;
		for (const more of [{}, { can: ['comment'] }, { can: ['comment', 'watch', 'like', 'signal'] }]) {
			await expectProblem(await remove(video, one, await as('bob', more)), 403, 'forbidden');
		}
		await expectProblem(await remove(video, one, await as('mod', { can: ['moderate'], videos: [] })), 403, 'forbidden');
		await expectProblem(await remove(video, one, await as('ann', { can: ['watch'] })), 403, 'forbidden');
		expect((await remove(video, one, await as('ann'))).status).toBe(200);
		expect((await remove(video, two, await as('mod', { can: ['moderate'] }))).status).toBe(200);
		expect((await remove(video, three, shop())).status).toBe(200);
		expect((await remove(video, four, shop('eva'))).status).toBe(200);
	});
});

describe('Signals', () => {
	const type = (conversation: string, headers: Headers) => post(paths.typing(conversation), { typing: true }, headers);
	const receive = (conversation: string, headers: Headers) =>
		post(paths.receipts(conversation), { message: 'm1', state: 'read' }, headers);

	it('are accepted in conversations that a token names', async () => {
		for (const send of [type, receive]) {
			expect((await send('c1', await as('ann', { conversations: ['c1'] }))).status).toBe(202);
			expect((await send('c1', await as('ann', { conversations: ['c1'], can: ['signal'] }))).status).toBe(202);
			expect((await send('c1', shop('ann'))).status).toBe(202);
			await expectProblem(await send('c1', shop()), 400, 'user_required');
			for (const more of [{}, { conversations: [] }, { conversations: ['c2'] }]) {
				await expectProblem(await send('c1', await as('ann', more)), 403, 'forbidden');
			}
			const mute = await as('ann', { conversations: ['c1'], can: ['watch', 'like', 'comment'] });
			await expectProblem(await send('c1', mute), 403, 'forbidden');
		}
		expect(await reasonCount('conversation_forbidden')).toBeGreaterThanOrEqual(6);
	});
});

describe('Routes for servers', () => {
	it('require an API key, and refuse every token', async () => {
		const video = newVideo();
		const calls = [
			(headers: Headers) => post(paths.topicEvents('scores'), { name: 'goal' }, headers),
			(headers: Headers) => post(paths.topicEvents(`video:${video}`), { name: 'goal' }, headers),
			(headers: Headers) => post(paths.end(video), {}, headers),
		];
		for (const call of calls) {
			const all = { can: ['watch', 'like', 'comment', 'signal', 'moderate', 'publish', 'end'] };
			for (const more of [{}, all]) await expectProblem(await call(await as('shop', more)), 403, 'forbidden');
			await expectProblem(await call({}), 401, 'unauthorized');
			await expectProblem(await call({ Authorization: `Bearer ${KEY}x` }), 401, 'unauthorized');
			expect((await call(shop())).status).toBe(202);
		}
		await expectProblem(await write(video, await as('ann')), 409, 'video_ended');
	});
});

it('likes of a comment require a token for liking', async () => {
	const video = newVideo();
	const id = await idOf(await write(video, await as('ann')));
	const like = (headers: Headers) => post(paths.commentLikes(video, id), {}, headers);
	const given = await like(await as('bob', { can: ['like'] }));
	expect(given.status).toBe(201);
	await expectProblem(await like(await as('bob', { can: ['comment'] })), 403, 'forbidden');
	await expectProblem(await like(await as('bob', { videos: [randomUUID()] })), 403, 'forbidden');
	const path = gateway().url + paths.commentLike(video, id, await idOf(given));
	const take = async (sub: string) => fetch(path, { method: 'DELETE', headers: await as(sub) });
	await expectProblem(await take('ann'), 403, 'forbidden');
	expect((await take('bob')).status).toBe(200);
});
