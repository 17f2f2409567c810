import type { Browser, Page } from '@playwright/test';
import { type LocalCluster, type LocalClusterOptions, startCluster } from '../../local-cluster/nodes/local-cluster.ts';
import { hasPostgres, type LocalPostgres, startPostgres } from '../../local-cluster/nodes/local-postgres.ts';
import type { Balancer, BalancerOptions } from '../../local-cluster/proxies/balancer.ts';
import { findHaproxy, startHaproxy } from '../../local-cluster/proxies/haproxy.ts';
import { findNginx, startNginx } from '../../local-cluster/proxies/nginx.ts';
import { STILL } from './demo-page.ts';
import { test as base, Player } from './test.ts';

/** The tested load balancers. */
export const BALANCERS = {
	HAProxy: { find: findHaproxy, start: startHaproxy },
	nginx: { find: findNginx, start: startNginx },
} as const satisfies Record<string, { find(): string | undefined; start(options: BalancerOptions): Promise<Balancer> }>;

export type BalancerName = keyof typeof BALANCERS;

/** Returns whether tests of this balancer may be skipped: it is not installed, and this is not CI. */
function maySkip(name: BalancerName): boolean {
	return BALANCERS[name].find() === undefined && process.env.CI === undefined;
}

/** Starts clusters, balancers and databases that end with the test. */
export interface Starter {
	cluster(options?: LocalClusterOptions): Promise<LocalCluster>;
	/** Skips the test, visibly, on a machine without this balancer, unless that is CI. */
	balancer(name: BalancerName, cluster: LocalCluster): Promise<Balancer>;
	/** Skips the test, visibly, on a machine without PostgreSQL, unless that is CI. */
	postgres(): Promise<LocalPostgres>;
}

interface TestFixtures {
	readonly start: Starter;
}

interface WorkerFixtures {
	/** 1 Likes node, 2 dispatchers and 3 frontends, which many tests share. Each test restarts the nodes that it ended. */
	readonly cluster: LocalCluster;
}

/** Shorter reconnects and drains than the defaults, to keep tests fast. */
export const QUICK = ['--retry-ms', '200', '--drain-ms', '500', '--drain-min-ms', '0'];

export const test = base.extend<TestFixtures, WorkerFixtures>({
	cluster: [
		// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
		async ({}, use) => {
			const cluster = await startCluster({ flags: QUICK });
			await use(cluster);
			await cluster.stop();
		},
		{ scope: 'worker', timeout: 240_000 },
	],
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
	start: async ({}, use) => {
		const started: { stop(): Promise<void> }[] = [];
		async function noted<Started extends { stop(): Promise<void> }>(starting: Promise<Started>): Promise<Started> {
			const one = await starting;
			started.push(one);
			return one;
		}
		await use({
			cluster: (options) => noted(startCluster(options)),
			balancer(name, { frontends }) {
				test.skip(maySkip(name), `${name} is not installed`);
				return noted(BALANCERS[name].start({ frontends }));
			},
			postgres() {
				test.skip(!hasPostgres() && process.env.CI === undefined, 'PostgreSQL is not installed');
				return noted(startPostgres());
			},
		});
		for (const one of started.reverse()) await one.stop();
	},
});

/** Opens the demo in a new browser context with reduced motion, and resolves when it is live. */
export async function openDemo(browser: Browser, url: string, video: string): Promise<{ page: Page; player: Player }> {
	const page = await (await browser.newContext(STILL)).newPage();
	await page.goto(`${url}/?video=${video}`);
	const player = new Player(page);
	await base.expect(player.state).toHaveAttribute('data-state', 'live');
	return { page, player };
}

/** Starts the ended nodes of a cluster, and resolves when all nodes agree. */
export async function bringBack(cluster: LocalCluster): Promise<void> {
	await Promise.all(cluster.nodes.filter(({ running }) => !running).map((node) => node.start()));
	await cluster.converged();
}
