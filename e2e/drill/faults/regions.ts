import { paths, type Totals } from '@likewire/protocol';
import { until } from '../../../local-cluster/until.ts';
import { readPostgres, readReplicas } from '../audit/postgres-audit.ts';
import { addTotals, isAtLeast } from '../audit/store-audit.ts';
import type { DrillCluster } from '../environment/drill-cluster.ts';
import { REGIONS } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';
import { MANGLING, noteTraffic } from './network.ts';
import { postgresOf } from './servers.ts';

/** Both regions continue without each other, and agree after the link heals, without another like. */
const CUT = {
	topology: REGIONS,
	lastsMs: 20_000,
	lastLike: 'while it lasts',
	viewersAgree: 'after it',
	boundMs: 5_000,
} as const;

/** The shift of the clocks, in milliseconds. */
const SHIFT_MS = 10_000;

/** Reads the totals from the store of `eu`: its own likes and the replicated likes of `us`. */
async function totalsInEu(target: DrillCluster): Promise<ReadonlyMap<string, Totals>> {
	const postgres = postgresOf(target);
	const { totals } = await readPostgres(postgres, target.videos);
	const replicas = await readReplicas(postgres, 'us', target.videos);
	return new Map([...totals].map(([video, own]) => [video, addTotals(own, replicas.get(video) ?? {})]));
}

/** Partitions the regions after `eu` has all current likes of `us`. */
async function cutOff(target: DrillCluster): Promise<void> {
	const { totals } = await readPostgres(postgresOf(target, 'us'), target.videos);
	const hasAll = async () => {
		const replicas = await readReplicas(postgresOf(target), 'us', target.videos);
		return target.videos.every((video) => isAtLeast(replicas.get(video) ?? {}, totals.get(video) ?? {}));
	};
	await until(hasAll, { what: 'eu to have the likes of us' });
	target.links.partition('eu', 'us');
}

/** Reads all totals from the frontends of `eu`. Rejects when they differ from the totals in its store. */
async function checkTotals(target: DrillCluster): Promise<void> {
	const before = await totalsInEu(target);
	for (const { node, url } of target.region('eu').cluster.frontends) {
		for (const video of target.videos) {
			const response = await fetch(url + paths.video(video));
			if (!response.ok) throw new Error(`${node} answers ${response.status} although it is ready`);
			const { totals } = (await response.json()) as { totals: Totals };
			const after = await totalsInEu(target);
			if (isAtLeast(totals, before.get(video) ?? {}) && isAtLeast(after.get(video) ?? {}, totals)) continue;
			throw new Error(`${node} answers ${JSON.stringify(totals)} for ${video}, and its store has other totals`);
		}
	}
}

export const regions: readonly Fault[] = [
	{
		...CUT,
		name: 'region-cut',
		about: 'nothing passes between two regions for 20 s',
		short: true,
		inject: ({ links }) => links.partition('eu', 'us'),
	},
	{
		...CUT,
		name: 'region-cut-one-way',
		about: 'nothing of one region reaches the other for 20 s; the other way is open',
		inject: ({ links }) => links.cut('eu', 'us'),
	},
	{
		...CUT,
		name: 'region-restarted-alone',
		about: 'kill -9 of all nodes of a region while it is cut off; after their restart they answer complete totals',
		lastsMs: 0,
		// Its viewers connected to the other region, and return with cursors that their home region does not know yet.
		gaps: ['unknown_position'],
		async inject(target) {
			await cutOff(target);
			const { nodes } = target.region('eu').cluster;
			await Promise.all(nodes.map((node) => node.kill()));
			await Promise.all(nodes.map((node) => node.start()));
			await checkTotals(target);
			target.load.goHome();
			target.audience.goHome();
		},
	},
	{
		...CUT,
		name: 'region-clocks-apart',
		about: 'the clocks of all nodes of a region jump 10 s ahead, and back',
		lastsMs: 8_000,
		viewersAgree: 'while it lasts',
		async inject(target) {
			target.clocks.shift('us', SHIFT_MS);
			const { server, url } = postgresOf(target, 'us');
			const newest = async () =>
				Number((await server.query<{ at: string }>('SELECT max(at) AS at FROM likewire.likes', url))[0]?.at);
			await until(async () => (await newest()) > Date.now() + SHIFT_MS / 2, { what: 'likes of the shifted clock' });
		},
	},
	{
		...CUT,
		name: 'relays-mangled',
		about: 'between the regions: every message up to 200 ms late, every third twice, the copy up to 2 s late',
		lastsMs: 8_000,
		viewersAgree: 'while it lasts',
		inject({ links }) {
			links.conditions = MANGLING;
		},
		heal: noteTraffic,
	},
];
