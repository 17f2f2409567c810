import { BALANCERS, type BalancerName, test } from '../support/cluster-test.ts';
import { EventSourceViewer } from '../support/event-source.ts';
import { newVideo } from '../support/new-video.ts';
import { PlainClient } from '../support/plain-client.ts';
import { expect } from '../support/test.ts';

/** The shipped HAProxy notices within the least drain that a node is not ready. */
const FLAGS = ['--retry-ms', '200', '--drain-ms', '500', '--drain-min-ms', '2200'];

const VIEWERS = 20;

/** The rounds of restarts; for a long run: `ROLLING_ROUNDS=5 npm run test:e2e -- rolling`. */
const ROUNDS = Number(process.env.ROLLING_ROUNDS ?? 1);

test('fails no request of a plain client while every node restarts in turn behind HAProxy and nginx', async ({
	start,
}) => {
	test.setTimeout(90_000 * ROUNDS);
	// PostgreSQL allows two Likes nodes, so one of them can restart.
	const postgres = await start.postgres();
	const env = { LIKEWIRE_DATABASE_URL: postgres.url };
	const cluster = await start.cluster({ likes: 2, dispatchers: 2, frontends: 2, flags: FLAGS, env });
	// Both balancers run in front of the same nodes, so each restart tests both.
	const clients: PlainClient[] = [];
	const viewers: EventSourceViewer[] = [];
	for (const name of Object.keys(BALANCERS) as BalancerName[]) {
		const { url } = await start.balancer(name, cluster);
		const client = new PlainClient(url, newVideo(), 2);
		clients.push(client);
		for (let opened = 0; opened < VIEWERS; opened++) viewers.push(new EventSourceViewer(url, client.video));
	}
	const faults = () => [...clients.flatMap(({ failures }) => failures), ...viewers.flatMap((viewer) => viewer.faults)];
	await expect.poll(() => viewers.filter(({ totals }) => totals === undefined).length).toBe(0);

	for (let round = 0; round < ROUNDS; round++) {
		for (const node of cluster.nodes) {
			const before = clients.map(({ likes, reads }) => likes + reads);
			await node.restart();
			await cluster.converged();
			expect([node.node, faults()]).toEqual([node.node, []]);
			for (const [index, client] of clients.entries()) {
				await expect.poll(() => client.likes + client.reads).toBeGreaterThan((before[index] ?? 0) + 20);
			}
		}
	}
	for (const [index, client] of clients.entries()) {
		await client.stop();
		const shown = viewers.slice(index * VIEWERS, (index + 1) * VIEWERS);
		await expect.poll(() => new Set(shown.map(({ totals }) => totals?.heart))).toEqual(new Set([client.likes]));
		const stored = 'SELECT count(*)::int AS likes FROM likewire.likes WHERE topic = $1';
		expect(await postgres.server.query(stored, postgres.url, [`video:${client.video}`])).toEqual([
			{ likes: client.likes },
		]);
		expect([client.url, faults()]).toEqual([client.url, []]);
	}
	for (const viewer of viewers) await viewer.close();
	// The restarts have tested the shutdown, so a kill is enough.
	await Promise.all(cluster.nodes.map((node) => node.kill()));
});
