import type { LocalNode } from '../../../local-cluster/nodes/local-node.ts';
import type { DrillCluster } from '../environment/drill-cluster.ts';
import { NODES } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';

/** Nodes that end without a shutdown, and start again later. */
const CRASH = { topology: NODES, lastsMs: 5_000, viewersAgree: 'while it lasts' } as const;

/** Publishers flood within 50 ms when a dispatcher does not answer, long before the membership removes it. */
const DISPATCHER = { ...CRASH, boundMs: 2_000 } as const;

/** Picks a dispatcher that does not own the hottest video. */
async function anotherDispatcher(target: DrillCluster): Promise<LocalNode> {
	const owner = await target.ownerOf(target.hot);
	return target.random.pick(target.cluster.dispatchers.filter((node) => node !== owner));
}

export const crashes: readonly Fault[] = [
	{
		...CRASH,
		name: 'frontend-killed',
		about: 'kill -9 of a frontend; its viewers connect to another one',
		short: true,
		lastLike: 'while it lasts',
		boundMs: 5_000,
		inject: async ({ random, cluster }) => void (await random.pick(cluster.frontends).kill()),
	},
	{
		...DISPATCHER,
		name: 'dispatcher-killed',
		about: 'kill -9 of a dispatcher',
		lastLike: 'while it lasts',
		inject: async (target) => void (await (await anotherDispatcher(target)).kill()),
	},
	{
		...DISPATCHER,
		name: 'owner-killed',
		about: 'kill -9 of the dispatcher that owns the hottest video, with likes in flight',
		short: true,
		lastLike: 'as it hits',
		inject: async (target) => void (await (await target.ownerOf(target.hot)).kill()),
	},
	{
		...DISPATCHER,
		name: 'owner-reborn',
		about: 'kill -9 of the owner of the hottest video, which restarts without state before its peers suspect it',
		lastsMs: 3_000,
		lastLike: 'as it hits',
		async inject(target) {
			const owner = await target.ownerOf(target.hot);
			await owner.kill();
			owner.launch();
		},
	},
	{
		...DISPATCHER,
		name: 'two-of-four-killed',
		about: 'kill -9 of two of four dispatchers at once, one of them the owner of the hottest video',
		lastsMs: 10_000,
		lastLike: 'while it lasts',
		async inject(target) {
			const lost = [await target.ownerOf(target.hot), await anotherDispatcher(target)];
			await Promise.all(lost.map((node) => node.kill()));
		},
	},
];
