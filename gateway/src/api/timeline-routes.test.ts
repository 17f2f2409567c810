import { randomUUID } from 'node:crypto';
import { addTotals, type HighlightsAnswer, paths, type TimelineAnswer, type Totals } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareCluster } from '../../test/cluster.ts';
import { shareGateway, startGateway } from '../../test/gateway.ts';
import { deleteLike, expectProblem, newVideo, postJson, totalsOf } from '../../test/http-client.ts';
import { describeWithPostgres, sharePostgres } from '../../test/postgres.ts';
import { SECRET, signToken } from '../../test/tokens.ts';

interface Place {
	readonly url: string;
}

const USER = { 'X-Likewire-User': 'ann' };

const get = (place: Place, video: string, query = '', headers: Record<string, string> = {}) =>
	fetch(`${place.url}${paths.timeline(video)}?${query}`, { headers });

async function timeline(place: Place, video: string, query = ''): Promise<TimelineAnswer> {
	const response = await get(place, video, query);
	expect(response.status).toBe(200);
	return (await response.json()) as TimelineAnswer;
}

async function highlights(place: Place, video: string, query = ''): Promise<HighlightsAnswer> {
	const response = await fetch(`${place.url}${paths.highlights(video)}?${query}`);
	expect(response.status).toBe(200);
	return (await response.json()) as HighlightsAnswer;
}

/** Likes a video at a position, and resolves with the id of the like. */
async function likeAt(place: Place, video: string, position: number, type = 'heart'): Promise<string> {
	const id = randomUUID();
	const response = await postJson(place.url + paths.likes(video), { id, type, position }, USER);
	expect(response.status).toBe(201);
	return id;
}

/** Likes a video many times at one position. */
async function likesAt(place: Place, video: string, position: number, count: number): Promise<void> {
	const likes = Array.from({ length: count }, () => ({ id: randomUUID(), position }));
	expect((await postJson(place.url + paths.likes(video), { likes }, USER)).status).toBe(200);
}

/** Returns the sum of all points, by type. */
const sumOf = ({ types, points }: TimelineAnswer) =>
	points.reduce<Totals>(
		(sum, [, ...counts]) => addTotals(sum, Object.fromEntries(types.map((type, index) => [type, counts[index] ?? 0]))),
		{},
	);

/** The start of the second some seconds ago, in Unix milliseconds. */
const secondsAgo = (seconds: number) => (Math.floor(Date.now() / 1_000) - seconds) * 1_000;

/** Tests for both stores. */
function servesTimelines(start: () => Promise<Place>): void {
	it('has the reactions by second of their positions, which add up to the totals', async () => {
		const [place, video] = [await start(), newVideo()];
		const [early, late] = [secondsAgo(40), secondsAgo(20)];
		const taken = await likeAt(place, video, early + 1);
		await likeAt(place, video, early + 999);
		await likeAt(place, video, late, 'clap');
		await likeAt(place, video, late);
		const answer = {
			video,
			step: '1s',
			types: ['clap', 'heart'],
			points: [
				[early, 0, 2],
				[late, 1, 1],
			],
			totals: { clap: 1, heart: 3 },
			missing: [],
			next: null,
		};
		expect(await timeline(place, video)).toEqual(answer);
		expect(sumOf(await timeline(place, video, 'step=1h'))).toEqual({ clap: 1, heart: 3 });
		expect((await deleteLike(place, video, taken)).status).toBe(200);
		const { points, totals } = await timeline(place, video, 'step=1s');
		expect([points, totals]).toEqual([
			[
				[early, 0, 1],
				[late, 1, 1],
			],
			{ clap: 1, heart: 2 },
		]);
	});

	it('sums whole steps, within the range of the query', async () => {
		const [place, video] = [await start(), newVideo()];
		const ten = 10_000;
		const first = Math.floor(secondsAgo(50) / ten) * ten;
		for (const offset of [0, 9_999, ten, 2 * ten]) await likeAt(place, video, first + offset);
		const all = [
			[first, 2],
			[first + ten, 1],
			[first + 2 * ten, 1],
		];
		for (const [query, points] of [
			['', all],
			[`&from=${first}&to=${first + 3 * ten}`, all],
			[`&from=${first + 1}&to=${first + ten}`, all.slice(0, 1)],
			[`&from=${first + ten}`, all.slice(1)],
			[`&from=${first + ten + 5_000}&to=${first + ten + 5_001}`, all.slice(1, 2)],
			[`&to=${first}`, []],
			[`&from=0&to=${first + 1}`, all.slice(0, 1)],
			['&from=0&to=999999999999999', all],
		] as const) {
			expect((await timeline(place, video, `step=10s${query}`)).points, query).toEqual(points);
		}
	});

	it('has no points of a video without likes, nor highlights', async () => {
		const [place, video] = [await start(), newVideo()];
		expect(await timeline(place, video, 'step=5m')).toEqual({
			video,
			step: '5m',
			types: [],
			points: [],
			totals: {},
			missing: [],
			next: null,
		});
		expect(await highlights(place, video)).toEqual({ video, highlights: [], missing: [] });
	});

	it('has the times with the most reactions as highlights, best first', async () => {
		const [place, video] = [await start(), newVideo()];
		const tenth = Math.floor(secondsAgo(55) / 10_000) * 10_000 + 10_000;
		await likesAt(place, video, tenth + 2_000, 10);
		await likesAt(place, video, tenth + 24_000, 2);
		await likesAt(place, video, tenth + 41_000, 20);
		const [best, second] = [
			{ from: tenth + 35_000, to: tenth + 45_000, counts: { heart: 20 } },
			{ from: tenth - 5_000, to: tenth + 5_000, counts: { heart: 10 } },
		];
		expect(await highlights(place, video)).toEqual({ video, highlights: [best, second], missing: [] });
		expect((await highlights(place, video, 'count=1')).highlights).toEqual([best]);
	});
}

describe('Timelines on SQLite', () => {
	const gateway = shareGateway();
	servesTimelines(async () => gateway());

	it('refuse steps, ranges and counts that are none', async () => {
		const video = newVideo();
		for (const step of [
			'',
			'0s',
			'1',
			's',
			'1d',
			'-1s',
			'1.5s',
			'3601s',
			'61m',
			'2h',
			'1S',
			'1s ',
			'99999s',
			'1e1s',
			'NaNs',
		]) {
			await expectProblem(await get(gateway(), video, `step=${encodeURIComponent(step)}`), 400, 'invalid_step');
		}
		for (const range of [
			'from=2&to=1',
			'from=1&to=1',
			'to=0',
			'from=x',
			'to=',
			'from=-1',
			'from=1.5',
			'to=1e9',
			'to=9999999999999999',
			'from=%00',
		]) {
			await expectProblem(await get(gateway(), video, range), 400, 'invalid_range');
		}
		for (const count of ['', '0', '21', '-1', '1.5', 'x', '999', '1e1']) {
			const response = await fetch(`${gateway().url}${paths.highlights(video)}?count=${count}`);
			await expectProblem(response, 400, 'invalid_count');
		}
		for (const path of [paths.timeline('a b'), paths.highlights('a b')]) {
			await expectProblem(await fetch(gateway().url + path), 400, 'invalid_video_id');
		}
		const posted = await postJson(gateway().url + paths.timeline(video), {});
		expect(posted.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
		await expectProblem(posted, 405, 'method_not_allowed');
	});

	it('name a step in its shortest form', async () => {
		for (const [asked, step] of [
			['60s', '1m'],
			['90s', '90s'],
			['60m', '1h'],
			['3600s', '1h'],
			['1h', '1h'],
			['15m', '15m'],
		]) {
			expect((await timeline(gateway(), newVideo(), `step=${asked}`)).step).toBe(step);
		}
	});

	it('are cached for a second', async () => {
		const response = await get(gateway(), newVideo());
		expect(response.headers.get('cache-control')).toBe('public, max-age=1');
	});

	it('require a right to watch the video', async () => {
		const secured = await startGateway({ jwtSecret: SECRET });
		const as = async (claims: object) => ({ Authorization: `Bearer ${await signToken({ sub: 'ann', ...claims })}` });
		const answer = await get(secured, 'v1', '', await as({ videos: ['v1'], can: ['watch'] }));
		expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, max-age=1']);
		await expectProblem(await get(secured, 'v2', '', await as({ videos: ['v1'] })), 403, 'forbidden');
		await expectProblem(await get(secured, 'v1', '', await as({ can: ['like'] })), 403, 'forbidden');
		await expectProblem(await fetch(secured.url + paths.highlights('v1')), 401, 'unauthorized');
	});
});

const postgres = sharePostgres();
describeWithPostgres('timelines on PostgreSQL', () => {
	servesTimelines(async () => startGateway({ databaseUrl: await postgres().createDatabase() }));

	it('add up over two Likes nodes', async () => {
		const databaseUrl = await postgres().createDatabase();
		const [one, other] = [await startGateway({ databaseUrl }), await startGateway({ databaseUrl })];
		const [video, at] = [newVideo(), secondsAgo(30)];
		await Promise.all([one, other].map((place) => likesAt(place, video, at, 30)));
		for (const place of [one, other]) {
			expect(await timeline(place, video)).toMatchObject({ points: [[at, 60]], totals: { heart: 60 } });
		}
	});
});

describe('Timelines in a cluster', () => {
	const cluster = shareCluster({ 'likes-1': 'likes', 'dispatcher-1': 'dispatcher', 'frontend-1': 'frontend' });

	it('are forwarded by nodes without the store', async () => {
		const video = newVideo();
		const at = secondsAgo(10);
		await likesAt(cluster().node('frontend-1'), video, at, 7);
		for (const name of ['likes-1', 'dispatcher-1', 'frontend-1']) {
			const node = cluster().node(name);
			const answer = await timeline(node, video);
			expect(answer.points).toEqual([[at, 7]]);
			expect(answer.totals).toEqual(await totalsOf(node, video));
			expect((await highlights(node, video)).highlights).toMatchObject([{ counts: { heart: 7 } }]);
			await expectProblem(await get(node, video, 'step=2h'), 400, 'invalid_step');
		}
	});
});
