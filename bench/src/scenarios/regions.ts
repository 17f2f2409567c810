import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROLES } from '../../../gateway/src/cluster/membership/peer.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../../local-cluster/cleanup.ts';
import { freePort } from '../../../local-cluster/free-ports.ts';
import { fetchClusterReport } from '../../../local-cluster/nodes/cluster-report.ts';
import { LocalNode } from '../../../local-cluster/nodes/local-node.ts';
import { after, until, VIDEO } from '../bench-environment.ts';
import { likesAtRate } from '../load/like-load.ts';
import { Histogram } from '../measure/histogram.ts';
import { coresUsed, cpuTime } from '../measure/process-usage.ts';
import { type DelayedLink, openDelayedLink } from '../processes/delayed-link.ts';
import { BUILD_DIR, type GatewayOptions } from '../processes/gateway-process.ts';
import { readVideo } from '../report/stored-likes.ts';
import type { Check, Figure, Plot, Scenario, ScenarioOptions } from '../scenario.ts';
import { sameTotals } from '../viewers/likes-stream.ts';
import { createViewers } from '../viewers/viewers.ts';

/** The delay between two regions in each direction, in milliseconds. */
const DELAY_MS = 80;

/** The viewers in each of two regions. */
const VIEWERS = 500;
const LIKES_PER_SECOND = 100;

/** The rate at which the cost of relays is measured, over BUSY_VIDEOS. */
const BUSY_LIKES_PER_SECOND = 1_000;
const BUSY_VIDEOS = Array.from({ length: 100 }, (_, index) => `bench-${index}`);
const OTHER_REGIONS = [0, 1, 2];

const SETTLE_TIMEOUT_MS = 15_000;

export const regions: Scenario = {
	name: 'regions',
	about: `one node a region, ${DELAY_MS} ms between regions: the delay of a like in another region, and the cost of a region`,
	seconds: 10,

	async run(options) {
		const delays = await measureDelay(options);
		const figures = [...delays.figures];
		const checks = [...delays.checks];
		const points: [number, number][] = [];
		for (const others of OTHER_REGIONS) {
			const cost = await measureCost(options, others);
			figures.push(...cost.figures);
			checks.push(cost.check);
			points.push([others, cost.figures[0]?.value ?? Number.NaN]);
		}
		const plot: Plot = {
			...{ name: 'regions', title: 'Event loop of a node for a like, by other regions' },
			...{ x: 'other regions', y: 'µs of CPU', logarithmic: 'none', lines: [{ name: 'main thread', points }] },
		};
		return { figures, checks, plots: [plot], details: {} };
	},
};

interface Regions {
	readonly nodes: readonly LocalNode[];
	/** The links from the first region to the others, in order. */
	readonly links: readonly DelayedLink[];
}

/** Runs `play` with one gateway for each region, connected over delayed links. */
async function withRegions<Result>(
	{ file, nodeFlags }: GatewayOptions,
	count: number,
	play: (regions: Regions) => Promise<Result>,
): Promise<Result> {
	mkdirSync(BUILD_DIR, { recursive: true });
	const dataDir = makeOwnedDirectory(BUILD_DIR);
	const names = Array.from({ length: count }, (_, index) => `region-${index + 1}`);
	const ports = await Promise.all(names.map(async () => ({ port: await freePort(), internalPort: await freePort() })));
	const secret = randomBytes(24).toString('base64url');
	const links: DelayedLink[] = [];
	const linksOfFirst: DelayedLink[] = [];
	const nodes: LocalNode[] = [];
	try {
		for (const [index, region] of names.entries()) {
			const known: string[] = [];
			for (const [other, name] of names.entries()) {
				if (other === index) continue;
				const link = await openDelayedLink(ports[other]?.internalPort ?? 0, DELAY_MS);
				links.push(link);
				if (index === 0) linksOfFirst.push(link);
				known.push(`${name}=127.0.0.1:${link.port}`);
			}
			const flags = ['--region', region, '--regions', known.join(), '--static-dir', 'none', '--log-level', 'error'];
			const own = ports[index] as (typeof ports)[number];
			nodes.push(
				new LocalNode({
					...{ node: `${region}-node`, roles: ROLES, ...own, dataDir: join(dataDir, region), flags },
					...{ env: { LIKEWIRE_CLUSTER_SECRET: secret }, file, nodeFlags, showLog: true },
				}),
			);
		}
		for (const node of nodes) await node.start();
		return await play({ nodes, links: linksOfFirst });
	} finally {
		await Promise.all(nodes.map((node) => node.stop()));
		for (const link of links) link.close();
		removeOwnedDirectory(dataDir);
	}
}

/** Measures the delay of likes of one region at viewers in both. */
function measureDelay({ gateway, client, seconds, progress }: ScenarioOptions) {
	return withRegions(gateway, 2, async ({ nodes }) => {
		const [near, far] = nodes as [LocalNode, LocalNode];
		const crowds = nodes.map(({ port }) => createViewers(client, port, VIDEO));
		try {
			progress(
				`${VIEWERS} viewers in each of two regions, ${LIKES_PER_SECOND} likes a second in one, for ${seconds} s`,
			);
			await Promise.all(crowds.map((crowd) => crowd.open('steady', VIEWERS)));
			for (const crowd of crowds) crowd.reset();
			const load = { port: near.port, video: VIDEO, seconds, connections: 32 };
			const ledger = await likesAtRate(LIKES_PER_SECOND, load);
			const { totals } = await readVideo(near.port, VIDEO);
			const groups = async () => (await Promise.all(crowds.map((crowd) => crowd.report()))).map(steady);
			const exact = async () =>
				(await groups()).every(({ lowest, highest }) => sameTotals(lowest, totals) && sameTotals(highest, totals));
			const ok = await until(exact, SETTLE_TIMEOUT_MS);
			const latencies = (await groups()).map(({ latency }) => {
				const histogram = new Histogram();
				histogram.merge(latency.buckets);
				return histogram;
			});
			const figures = ['the same region', 'the other region'].flatMap((label, index): Figure[] =>
				[0.5, 0.9, 0.99].map((share) => ({
					label: `accept → receive P${share * 100}, ${label}`,
					value: latencies[index]?.percentile(share) ?? Number.NaN,
					unit: 'ms',
				})),
			);
			const remote = await readVideo(far.port, VIDEO);
			const checks: Check[] = [
				{
					label: 'every viewer of both regions has every like',
					ok: ok && Object.values(totals).reduce((sum, count) => sum + count, 0) === ledger.accepted.size,
					detail: `${ledger.accepted.size} accepted, ${JSON.stringify(totals)}`,
				},
				{
					label: 'the store of the other region has every like',
					ok: sameTotals(remote.totals, totals),
					detail: JSON.stringify(remote.totals),
				},
			];
			return { figures, checks };
		} finally {
			await Promise.all(crowds.map((crowd) => crowd.close()));
		}
	});
}

type CrowdReport = Awaited<ReturnType<ReturnType<typeof createViewers>['report']>>;

function steady({ groups }: CrowdReport) {
	const group = groups.get('steady');
	if (group === undefined) throw new Error('the viewers reported no group');
	return group;
}

/** Measures the cost of likes for many videos in a region by the number of other regions, without viewers. */
function measureCost({ gateway, seconds, progress }: ScenarioOptions, others: number) {
	return withRegions(gateway, others + 1, async ({ nodes, links }) => {
		const near = nodes[0] as LocalNode;
		progress(`${BUSY_LIKES_PER_SECOND} likes a second for ${BUSY_VIDEOS.length} videos, ${others} other regions`);
		const load = { port: near.port, video: BUSY_VIDEOS, connections: 64 };
		await likesAtRate(BUSY_LIKES_PER_SECOND, { ...load, seconds: 1 });
		const relayed = async () => (await counters(near)).relayed ?? 0;
		const from = { cpu: cpuTime(near.pid), bytes: sumOf(links), relayed: await relayed() };
		const ledger = await likesAtRate(BUSY_LIKES_PER_SECOND, { ...load, seconds });
		await after(2 * DELAY_MS);
		const cores = coresUsed(from.cpu, cpuTime(near.pid))?.mainThread ?? Number.NaN;
		const perRegion = (sum: number) => sum / Math.max(1, others) / seconds;
		const label = others === 1 ? '1 other region' : `${others} other regions`;
		const figures: Figure[] = [
			{ label: `${label}: main thread for a like`, value: (cores * 1e6) / BUSY_LIKES_PER_SECOND, unit: 'µs' },
		];
		if (others > 0) {
			figures.push(
				{ label: '  updates relayed to each', value: perRegion((await relayed()) - from.relayed), unit: '/s' },
				{ label: '  bytes relayed to each', value: perRegion(sumOf(links) - from.bytes) / 1e3, unit: 'kB/s' },
			);
		}
		const [video = ''] = BUSY_VIDEOS;
		const { totals } = await readVideo(near.port, video);
		const everywhere = async () =>
			(await Promise.all(nodes.map(({ port }) => readVideo(port, video)))).every((remote) =>
				sameTotals(remote.totals, totals),
			);
		const check: Check = {
			label: `${label}: all of them have the same totals`,
			ok: await until(everywhere, SETTLE_TIMEOUT_MS),
			detail: `${ledger.accepted.size} likes, ${JSON.stringify(totals)} for one of the videos`,
		};
		return { figures, check };
	});
}

function sumOf(links: readonly DelayedLink[]): number {
	return links.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function counters(node: LocalNode): Promise<Readonly<Record<string, number>>> {
	const { members } = await fetchClusterReport(node);
	return members.find(({ state }) => state === 'self')?.counters ?? {};
}
