import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { deleteLike, expectProblem, like, newVideo, postJson, postLike, totalsOf } from '../../test/http-client.ts';
import { type LinkedRegions, linkRegions } from '../../test/linked-regions.ts';
import type { TcpGate } from '../../test/tcp-gate.ts';
import { homeRegionOfUser } from './home-region.ts';

/** The longest time from the repair of a link until both regions agree, in milliseconds. */
const HEALED_MS = 5_000;
const REGIONS = ['eu', 'us'] as const;

const CUTS: readonly (readonly [string, (link: TcpGate) => void])[] = [
	['refuses connections', (link) => link.shut()],
	['loses every byte', (link) => link.silence()],
];

/** Starts two regions, each with a viewer of a video that has a like of each region. */
async function watched() {
	const regions = await linkRegions(REGIONS, { reactions: 'heart,wow:once' });
	const video = newVideo();
	const streams = await Promise.all(REGIONS.map((name) => EventStream.open(regions.region(name), video)));
	for (const name of REGIONS) await like(regions.region(name), video);
	const hold = (hearts: number, ms?: number) =>
		Promise.all(streams.map((stream) => stream.holds(video, hearts, 'heart', ms)));
	await hold(2);
	const [eu, us] = streams as [EventStream, EventStream];
	return { regions, video, eu, us, hold };
}

async function expectStored(regions: LinkedRegions, video: string, hearts: number): Promise<void> {
	for (const name of REGIONS) await expect.poll(() => totalsOf(regions.region(name), video)).toEqual({ heart: hearts });
}

describe.each(CUTS)('while the link of two regions %s', (_, cut) => {
	it('both regions take likes, and have the sum within 5 s after its repair, without another like', async () => {
		const { regions, video, eu, us, hold } = await watched();
		const unwatched = newVideo();
		for (const link of regions.links) cut(link);
		for (let count = 0; count < 3; count++) await like(regions.region('eu'), video);
		for (let count = 0; count < 4; count++) await like(regions.region('us'), video);
		for (const name of REGIONS) await like(regions.region(name), unwatched);
		await eu.holds(video, 5);
		await us.holds(video, 6);
		for (const link of regions.links) link.open();
		await hold(9, HEALED_MS);
		await expectStored(regions, video, 9);
		await expectStored(regions, unwatched, 2);
	});

	it('in one direction, updates arrive in the other, and all arrive after its repair', async () => {
		const { regions, video, eu, us, hold } = await watched();
		cut(regions.link('eu', 'us'));
		await like(regions.region('eu'), video);
		await like(regions.region('us'), video);
		await eu.holds(video, 4);
		// It may have the other like as well: its own requests arrive, and it syncs again and again after a start.
		await us.until(() => (us.tally.of(video)?.heart ?? 0) >= 3);
		regions.link('eu', 'us').open();
		await hold(4, HEALED_MS);
		await expectStored(regions, video, 4);
	});

	it('a region refuses a like with its first try in the other region, which counts once later', async () => {
		const { regions, video, hold } = await watched();
		const body = { id: randomUUID(), region: 'us' };
		const send = () => postJson(regions.region('eu').url + paths.likes(video), body, { 'X-Likewire-User': 'ann' });
		for (const link of regions.links) cut(link);
		const refused = await send();
		expect(refused.headers.get('retry-after')).toBe('1');
		await expectProblem(refused, 503, 'node_unavailable');
		for (const link of regions.links) link.open();
		await expect.poll(async () => (await send()).status).toBeLessThan(300);
		await hold(3, HEALED_MS);
		expect((await send()).status).toBe(200);
		await expectStored(regions, video, 3);
	});
});

describe('while a region is unreachable', () => {
	it('the other refuses reactions that its users give once, and takes those of other users', async () => {
		const { regions, video } = await watched();
		for (const link of regions.links) link.shut();
		for (const user of ['ann', 'bob', 'cem', 'dee']) {
			const answer = await postLike(regions.region('eu'), video, { type: 'wow', user });
			if (homeRegionOfUser(REGIONS, user) === 'eu') expect(answer.status).toBe(201);
			else await expectProblem(answer, 503, 'node_unavailable');
		}
	});

	it('the other answers node_unavailable, not like_not_found, to a removal of a like that it may have', async () => {
		const { regions, video } = await watched();
		const { id } = await like(regions.region('us'), video);
		for (const link of regions.links) link.shut();
		await expectProblem(await deleteLike(regions.region('eu'), video, id), 503, 'node_unavailable');
		for (const link of regions.links) link.open();
		expect((await deleteLike(regions.region('eu'), video, id)).status).toBe(200);
		await expectStored(regions, video, 2);
	});

	it('the other repeats relays whose answers get lost, and their likes count once', async () => {
		const { regions, video, hold } = await watched();
		// Requests of eu arrive in us; the answers of us get lost.
		regions.link('eu', 'us').loseAnswers();
		for (let count = 0; count < 5; count++) await like(regions.region('eu'), video);
		await hold(7);
		await expect.poll(async () => (await regions.region('eu').report()).counters.relayRetries).toBeGreaterThan(0);
		regions.link('eu', 'us').open();
		await like(regions.region('us'), video);
		await hold(8, HEALED_MS);
		await expectStored(regions, video, 8);
	});
});
