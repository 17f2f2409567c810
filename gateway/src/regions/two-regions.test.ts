import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareRegions } from '../../test/cluster.ts';
import { EventStream } from '../../test/event-stream.ts';
import { deleteLike, expectProblem, like, newVideo, postJson, postLike, readVideo } from '../../test/http-client.ts';
import { homeRegionOfUser } from './home-region.ts';

const ROLES = {
	'likes-1': 'likes',
	'dispatcher-1': 'dispatcher',
	'dispatcher-2': 'dispatcher',
	'frontend-1': 'frontend',
};

const regions = shareRegions(['eu', 'us'], ROLES, {
	windowMs: '5',
	commitWindowMs: '1',
	reactions: 'heart,wow:once',
});
const node = (region: string, name = 'frontend-1') => regions().region(region).node(name);
const totalsIn = async (region: string, video: string) => (await readVideo(node(region), video)).totals;

describe('two regions', () => {
	it('exchange their likes, and both have the sum', async () => {
		const video = newVideo();
		const streams = await Promise.all(['eu', 'us'].map((region) => EventStream.open(node(region), video)));
		for (let count = 1; count <= 10; count++) await like(node(count % 2 === 0 ? 'eu' : 'us'), video);
		await Promise.all(streams.map((stream) => stream.holds(video, 10)));
		for (const region of ['eu', 'us']) await expect.poll(() => totalsIn(region, video)).toEqual({ heart: 10 });
	});

	it('show a like of the other region once among the recent likes', async () => {
		const video = newVideo();
		const [eu, us] = await Promise.all([EventStream.open(node('eu'), video), EventStream.open(node('us'), video)]);
		const shownBy = (stream: EventStream) =>
			stream.likes(video).flatMap(({ recent }) => recent.map((shown) => shown.id));
		let total = 0;
		for (const [other, stream] of [
			['us', eu],
			['eu', us],
		] as const) {
			// A frontend under load may leave a like out of a frame.
			const isShown = async () => {
				const { id } = await like(node(other), video);
				total++;
				await Promise.all([eu, us].map((each) => each.holds(video, total)));
				return shownBy(stream).includes(id);
			};
			await expect.poll(isShown).toBe(true);
		}
		for (const shown of [eu, us].map(shownBy)) expect(shown).toEqual([...new Set(shown)]);
	});

	it('count a like in the region of its first try, whichever region gets the retry', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const body = { id, region: 'eu' };
		const send = (region: string, name: string) =>
			postJson(node(region, name).url + paths.likes(video), body, { 'X-Likewire-User': 'ann' });
		expect((await send('us', 'frontend-1')).status).toBe(201);
		expect((await send('us', 'likes-1')).status).toBe(200);
		expect((await send('eu', 'dispatcher-1')).status).toBe(200);
		for (const region of ['eu', 'us']) await expect.poll(() => totalsIn(region, video)).toEqual({ heart: 1 });
	});

	it('refuse a like that names an unknown region for its first try', async () => {
		const answer = await postJson(node('eu').url + paths.likes(newVideo()), { region: 'mars' });
		await expectProblem(answer, 400, 'unknown_region');
	});

	it('count a reaction that a user gives once in one region, though the user gives it in both', async () => {
		const video = newVideo();
		const users = ['ann', 'bob', 'cem', 'dee', 'eva', 'fay'];
		expect(new Set(users.map((user) => homeRegionOfUser(['eu', 'us'], user)))).toEqual(new Set(['eu', 'us']));
		for (const user of users) {
			const answers = await Promise.all(
				['eu', 'us'].map((region) => postLike(node(region), video, { id: randomUUID(), type: 'wow', user })),
			);
			expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
		}
		for (const region of ['eu', 'us']) await expect.poll(() => totalsIn(region, video)).toEqual({ wow: 6 });
	});

	it('take a like back in either region, for its user only', async () => {
		const video = newVideo();
		const { id } = await like(node('eu'), video, { user: 'ann' });
		await expectProblem(await deleteLike(node('us'), video, id, 'bob'), 403, 'forbidden');
		expect((await deleteLike(node('us'), video, id, 'ann')).status).toBe(200);
		for (const region of ['eu', 'us']) await expect.poll(() => totalsIn(region, video)).toEqual({ heart: 0 });
		await expectProblem(await deleteLike(node('us'), video, randomUUID()), 404, 'like_not_found');
	});
});

it('a node reports the status of the other region', async () => {
	const statuses = async () => (await node('eu', 'dispatcher-1').report()).regions;
	await expect.poll(statuses).toEqual([{ region: 'us', answers: true, waiting: 0 }]);
});
