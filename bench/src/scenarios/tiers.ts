import { mkdirSync } from 'node:fs';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../../local-cluster/cleanup.ts';
import { fetchClusterReport } from '../../../local-cluster/nodes/cluster-report.ts';
import { type LocalCluster, startCluster } from '../../../local-cluster/nodes/local-cluster.ts';
import { until, VIDEO } from '../bench-environment.ts';
import { likesAtRate } from '../load/like-load.ts';
import { Histogram } from '../measure/histogram.ts';
import { coresUsed, cpuTime } from '../measure/process-usage.ts';
import { BUILD_DIR } from '../processes/gateway-process.ts';
import { deliveryFigures } from '../report/delivery-figures.ts';
import { checkStore, checkViewers, readStoredLikes, readVideo } from '../report/stored-likes.ts';
import type { Figure, Scenario } from '../scenario.ts';
import { sameTotals } from '../viewers/likes-stream.ts';
import { createViewers, type ViewersReport } from '../viewers/viewers.ts';

const LIKES_PER_SECOND = 100;
const FRONTENDS = 2;

/** The time for the last like to reach all viewers, in milliseconds. */
const SETTLE_TIMEOUT_MS = 15_000;

export const tiers: Scenario = {
	name: 'tiers',
	about: 'each tier in its own process: 10,000 viewers on two frontends, 100 likes a second through one of them',
	seconds: 20,

	async run({ gateway, client, viewers: count, seconds, progress }) {
		mkdirSync(BUILD_DIR, { recursive: true });
		const dataDir = makeOwnedDirectory(BUILD_DIR);
		const cluster = await startCluster({
			likes: 1,
			dispatchers: 1,
			frontends: FRONTENDS,
			dataDir,
			flags: ['--static-dir', 'none', '--log-level', 'error'],
			fileOf: () => gateway.file,
			nodeFlags: gateway.nodeFlags,
		});
		const [first] = cluster.frontends;
		const [store] = cluster.likes;
		if (first === undefined || store === undefined) throw new Error('the cluster misses a tier');
		const crowds = cluster.frontends.map(({ port }) => createViewers(client, port, VIDEO));
		try {
			progress(`opening ${count} viewers on ${FRONTENDS} frontends`);
			await Promise.all(crowds.map((crowd) => crowd.open('steady', Math.round(count / FRONTENDS))));
			for (const crowd of crowds) crowd.reset();
			const before = cluster.nodes.map(({ pid }) => cpuTime(pid));
			progress(`${LIKES_PER_SECOND} likes a second for ${seconds} s`);
			const ledger = await likesAtRate(LIKES_PER_SECOND, { port: first.port, video: VIDEO, seconds, connections: 32 });
			const after = cluster.nodes.map(({ pid }) => cpuTime(pid));
			const stored = readStoredLikes(store.dataDir, VIDEO);
			const report = () => Promise.all(crowds.map((crowd) => crowd.report()));
			const isExact = ({ groups }: ViewersReport) =>
				[...groups.values()].every(
					({ lowest, highest }) => sameTotals(lowest, stored.counted) && sameTotals(highest, stored.counted),
				);
			await until(async () => (await report()).every(isExact), SETTLE_TIMEOUT_MS);
			const reports = await report();
			const groups = reports.flatMap((crowd) => [...crowd.groups.values()]);
			const latency = new Histogram();
			for (const group of groups) latency.merge(group.latency.buckets);
			const sum = (key: 'frames' | 'deliveries') => groups.reduce((all, group) => all + group[key], 0);
			return {
				figures: [
					...deliveryFigures({
						deliveries: sum('deliveries'),
						frames: sum('frames'),
						seconds,
						latency,
						answer: ledger.answerMs,
					}),
					...cluster.nodes.map(({ node }, index): Figure => {
						const cores = coresUsed(before[index], after[index]);
						return { label: node, value: cores?.process ?? Number.NaN, unit: 'cores' };
					}),
				],
				checks: [
					...reports.flatMap((crowd) => checkViewers(crowd, Math.round(count / FRONTENDS), stored)),
					...checkStore(ledger, stored, await readVideo(first.port, VIDEO)),
				],
				details: {
					likes: ledger.accepted.size,
					latency: latency.summary(),
					answer: ledger.answerMs.summary(),
					clientCpuSeconds: reports.reduce((all, { cpuSeconds }) => all + cpuSeconds, 0),
					counters: await counters(cluster),
				},
			};
		} finally {
			await Promise.all(crowds.map((crowd) => crowd.close()));
			await cluster.stop();
			removeOwnedDirectory(dataDir);
		}
	},
};

/** Reads the routing counters by node. */
async function counters({ nodes }: LocalCluster) {
	const reports = await Promise.all(nodes.map(fetchClusterReport));
	return Object.fromEntries(
		reports.map(({ node, members }) => [node, members.find(({ state }) => state === 'self')?.counters]),
	);
}
