import { paths } from '@likewire/protocol';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { startCluster } from '../../../test/cluster.ts';
import { comment } from '../../../test/comments.ts';
import { EventStream } from '../../../test/event-stream.ts';
import { startGateway, type TestGateway } from '../../../test/gateway.ts';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { expectProblem, like, newVideo, postLike, totalsOf } from '../../../test/http-client.ts';
import { LikeLoad } from '../../../test/like-load.ts';
import { describeWithPostgres, sharePostgres } from '../../../test/postgres.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';
import { videoTopic } from '../../state/topics/topic.ts';

const postgres = sharePostgres();
let url: string;
beforeEach(async () => {
	await postgres().start();
	url = await postgres().createDatabase();
});

const serving = () => GatewayProcess.serving(testDirectory(), { env: { LIKEWIRE_DATABASE_URL: url } });
const ready = async ({ internalUrl }: { readonly internalUrl: string }) =>
	(await fetch(`${internalUrl}/readyz`)).status;
const isReady = (gateway: GatewayProcess, status = 200) =>
	vi.waitUntil(async () => (await ready(gateway)) === status, { timeout: 60_000, interval: 20 });

/** Adds a comment, and resolves with the cursor after it. */
async function nextOf(gateway: TestGateway, video: string): Promise<string> {
	await comment(gateway, video, 'two');
	const response = await fetch(`${gateway.url + paths.comments(video)}?limit=1`);
	return ((await response.json()) as { next: string }).next;
}

/** Resolves with the ids of the likes of a video in the database. */
async function storedLikes(video: string): Promise<Set<string>> {
	const rows = await postgres().query<{ id: string }>('SELECT id FROM likewire.likes WHERE topic = $1', url, [
		videoTopic(video),
	]);
	return new Set(rows.map(({ id }) => id));
}

describeWithPostgres('a gateway on PostgreSQL', () => {
	it('stays ready when a client sends a history cursor with any number', async () => {
		const gateway = await startGateway({ databaseUrl: url });
		const video = newVideo();
		await comment(gateway, video, 'one');
		const numbers = [0, 1, -1, 2 ** 31, 2 ** 31 - 1, 2 ** 40, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
		const last: unknown[] = JSON.parse(Buffer.from(await nextOf(gateway, video), 'base64url').toString());
		// Replaces each number of the cursor by each of these.
		const cursors = last.flatMap((part, at) =>
			typeof part === 'number' ? numbers.map((number) => last.with(at, number)) : [],
		);
		expect(cursors.length).toBeGreaterThanOrEqual(2 * numbers.length);
		for (const cursor of cursors) {
			const before = Buffer.from(JSON.stringify(cursor)).toString('base64url');
			const response = await fetch(`${gateway.url + paths.comments(video)}?before=${before}`);
			expect([response.status, cursor]).toEqual([200, cursor]);
		}
		expect(await ready(gateway)).toBe(200);
	});

	it('refuses likes while the server is down, loses none, keeps its viewers, and recovers with the server', async () => {
		const gateway = await serving();
		const video = newVideo();
		await like(gateway, video);
		const viewer = await EventStream.open(gateway, video);
		await viewer.holds(video, 1);
		expect(await ready(gateway)).toBe(200);

		const load = new LikeLoad(gateway, video);
		await viewer.until(() => load.idsWith(201).length > 100);
		await postgres().kill();
		await viewer.until(() => load.idsWith(503).length > 50);
		const refused = await postLike(gateway, video);
		expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
		await expectProblem(refused, 503, 'store_unavailable');
		expect((await fetch(gateway.url + paths.video(video))).status).toBe(503);
		await isReady(gateway, 503);
		expect((await fetch(`${gateway.internalUrl}/healthz`)).status).toBe(200);

		const answered = load.idsWith(201).length;
		await postgres().start();
		await viewer.until(() => load.idsWith(201).length > answered + 100);
		await load.stop();
		await isReady(gateway);

		// Each like got an answer, and the client retries each refused like with its id, as the SDK does.
		expect(load.idsWith(201, 503)).toHaveLength(load.outcomes.size);
		for (const id of load.idsWith(201)) expect(await storedLikes(video)).toContain(id);
		for (const id of load.idsWith(503)) {
			const again = await postLike(gateway, video, { id });
			expect([200, 201]).toContain(again.status);
		}
		const stored = await storedLikes(video);
		expect(stored.size).toBe(load.outcomes.size + 1);
		expect(await totalsOf(gateway, video)).toEqual({ heart: stored.size });
		const late = await EventStream.open(gateway, video);
		await Promise.all([viewer.holds(video, stored.size), late.holds(video, stored.size)]);
		expect(gateway.stderr).not.toContain('secret-of-the-tests');
		gateway.kill('SIGTERM');
		expect(await gateway.ended()).toEqual({ code: 0, signal: null });
	});

	it('answers a refused like without an id with the id that it may be stored under, also by another node', async () => {
		const both = await startCluster({ 'core-1': 'likes,dispatcher', 'front-1': 'frontend' }, { databaseUrl: url });
		const video = newVideo();
		const give = (name: string, key = '') =>
			fetch(both.node(name).url + paths.likes(video), {
				method: 'POST',
				headers: { 'X-Likewire-User': 'ann', ...(key !== '' && { 'Idempotency-Key': key }) },
			});
		const locked = await postgres().hold('LOCK TABLE likewire.topics IN EXCLUSIVE MODE', url);
		const refused = await Promise.all(['core-1', 'front-1'].map((name) => give(name)));
		await locked();
		for (const answer of refused) {
			expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
			const key = answer.headers.get('idempotency-key') ?? '';
			await vi.waitUntil(async () => (await give('core-1', key)).status === 200, { timeout: 60_000, interval: 20 });
			expect(await storedLikes(video)).toContain(key);
		}
		expect(await totalsOf(both.node('core-1'), video)).toEqual({ heart: 2 });
	});

	it('starts while the server is down, and gets ready with the server', async () => {
		await postgres().stop('fast');
		const gateway = await serving();
		expect(await ready(gateway)).toBe(503);
		await expectProblem(await postLike(gateway, 'v'), 503, 'store_unavailable');
		expect(gateway.stderr).toMatch(/database unusable.*ECONNREFUSED|ECONNREFUSED.*database unusable/);
		await postgres().start();
		await isReady(gateway);
		await like(gateway, 'v');
		expect(await totalsOf(gateway, 'v')).toEqual({ heart: 1 });
	});

	it('stops while the server hangs', async () => {
		const gateway = await serving();
		await like(gateway, 'v');
		postgres().signal('SIGSTOP');
		onTestFinished(() => postgres().signal('SIGCONT'));
		gateway.kill('SIGTERM');
		expect(await gateway.ended(15_000)).toEqual({ code: 0, signal: null });
	});

	it('exits with a wrong password or for another region, with a reason without the password', async () => {
		await like(await serving(), 'v');
		const wrong = url.replace(/:[^:@]+@/, ':hush-hush@');
		for (const [env, reason] of [
			[{ LIKEWIRE_DATABASE_URL: wrong }, /refuses the user or the password.*--database-url/],
			[{ LIKEWIRE_DATABASE_URL: url, LIKEWIRE_REGION: 'south' }, /belongs to region local, not to south/],
		] as const) {
			const gateway = new GatewayProcess({ args: ['--port', '0', '--internal-port', '0'], env });
			expect(await gateway.ended()).toEqual({ code: 1, signal: null });
			expect(gateway.stderr).toMatch(reason);
			expect(gateway.stdout + gateway.stderr).not.toMatch(/hush-hush|secret-of-the-tests/);
		}
	});

	it('shares its database with other Likes nodes: a like on both counts once, and viewers get all likes', async () => {
		const roles = { 'likes-1': 'likes', 'likes-2': 'likes', 'dispatcher-1': 'dispatcher', 'frontend-1': 'frontend' };
		const cluster = await startCluster(roles, { databaseUrl: url });
		const [one, two, frontend] = [cluster.node('likes-1'), cluster.node('likes-2'), cluster.node('frontend-1')];
		const video = newVideo();
		const viewer = await EventStream.open(frontend, video);
		const loads = [new LikeLoad(one, video, 4), new LikeLoad(two, video, 4)];
		await viewer.until(() => loads.every((load) => load.idsWith(201).length > 100));
		await Promise.all(loads.map((load) => load.stop()));
		const [id = ''] = loads[0]?.idsWith(201) ?? [];
		expect((await postLike(two, video, { id })).status).toBe(200);
		const total = loads.reduce((sum, load) => sum + load.idsWith(201).length, 0);
		expect(loads.reduce((sum, load) => sum + load.outcomes.size, 0)).toBe(total);
		expect((await storedLikes(video)).size).toBe(total);
		await viewer.holds(video, total);
		for (const node of [one, two]) expect(await totalsOf(node, video)).toEqual({ heart: total });
	});
});
