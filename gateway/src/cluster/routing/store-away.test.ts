import { paths } from '@likewire/protocol';
import { expect, it } from 'vitest';
import { CLUSTER_SECRET } from '../../../test/cluster.ts';
import { EventStream } from '../../../test/event-stream.ts';
import { freePort } from '../../../test/free-port.ts';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { deleteLike, expectProblem, like, newVideo, postJson, postLike, totalsOf } from '../../../test/http-client.ts';
import { describeWithPostgres, sharePostgres } from '../../../test/postgres.ts';
import { TcpGate } from '../../../test/tcp-gate.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';

const postgres = sharePostgres();

const ready = async ({ internalUrl }: GatewayProcess, query = '') =>
	(await fetch(`${internalUrl}/readyz${query}`)).status;

/** Nodes with all roles on one database, each by a link of its own, and a frontend. */
async function startNodes(): Promise<{ nodes: GatewayProcess[]; frontend: GatewayProcess; ways: TcpGate[] }> {
	const url = await postgres().createDatabase();
	const roles = ['likes+dispatcher+frontend', 'likes+dispatcher+frontend', 'frontend'];
	const ports = await Promise.all(roles.map(() => freePort()));
	const peers = roles.map((role, index) => `n${index}=${role}@127.0.0.1:${ports[index]}`).join();
	const ways = await Promise.all([0, 1].map(() => TcpGate.before(url.replace('postgres:', 'http:'))));
	const started = await Promise.all(
		roles.map((role, index) => {
			const way = new URL(ways[index]?.url ?? url);
			const env = {
				LIKEWIRE_CLUSTER_SECRET: CLUSTER_SECRET,
				LIKEWIRE_DATABASE_URL: url.replace(/@[^/]+/, `@127.0.0.1:${way.port}`),
			};
			const args = ['--node', `n${index}`, '--roles', role.replaceAll('+', ','), '--peers', peers];
			args.push('--internal-port', String(ports[index]), '--commit-window-ms', '1');
			return GatewayProcess.serving(testDirectory(), { args, env });
		}),
	);
	const [one, two, frontend] = started as [GatewayProcess, GatewayProcess, GatewayProcess];
	for (const node of started) await expect.poll(() => ready(node)).toBe(200);
	return { nodes: [one, two], frontend, ways };
}

describeWithPostgres('a node without its store', () => {
	it('continues to serve viewers, reports it by role, and forwards writes to a Likes node with the store', async () => {
		const { nodes, frontend, ways } = await startNodes();
		const [one, two] = nodes as [GatewayProcess, GatewayProcess];
		const video = newVideo();
		const stream = await EventStream.open(one, video);
		const { id } = await like(one, video);
		// The owner reads a topic from its own store, and keeps the topics that it has read before.
		await stream.holds(video, 1);
		ways[0]?.shut();
		await expect.poll(() => ready(one)).toBe(503);
		expect(await ready(one, '?role=likes')).toBe(503);
		for (const query of ['?role=frontend', '?role=dispatcher', '?role=frontend,dispatcher']) {
			expect([query, await ready(one, query)]).toEqual([query, 200]);
		}
		expect(await ready(one, '?role=frontend&role=likes')).toBe(503);
		expect(await ready(two)).toBe(200);

		await like(one, video);
		await like(frontend, video);
		expect((await deleteLike(one, video, id)).status).toBe(200);
		expect((await postJson(one.url + paths.comments(video), { text: 'hello' })).status).toBe(201);
		expect(await totalsOf(one, video)).toEqual({ heart: 2 });
		await stream.holds(video, 2);

		// Without any Likes node with the store, a write fails with a status to retry.
		ways[1]?.shut();
		await expect.poll(() => ready(two)).toBe(503);
		for (const node of [one, two, frontend]) {
			const refused = await postLike(node, video);
			expect(refused.headers.get('retry-after')).toBe('1');
			await expectProblem(refused, 503, 'store_unavailable');
		}
		expect(await ready(frontend, '?role=frontend')).toBe(200);
	});

	it('loses no like and counts none twice while it loses its store under load', async () => {
		const { nodes, ways } = await startNodes();
		const [one, two] = nodes as [GatewayProcess, GatewayProcess];
		const video = newVideo();
		const statuses: number[] = [];
		let going = true;
		const viewers = Array.from({ length: 8 }, async () => {
			// Without an id the node creates one, and forwards it with the failed request.
			while (going) statuses.push((await postLike(one, video)).status);
		});
		await expect.poll(() => statuses.length).toBeGreaterThan(50);
		ways[0]?.shut();
		const then = statuses.length;
		await expect.poll(() => statuses.length).toBeGreaterThan(then + 50);
		going = false;
		await Promise.all(viewers);
		expect(statuses.filter((status) => status !== 201 && status !== 200)).toEqual([]);
		expect(await totalsOf(two, video)).toEqual({ heart: statuses.length });
	});
});
