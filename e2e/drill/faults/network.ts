import { setTimeout as after } from 'node:timers/promises';
import type { DrillCluster } from '../environment/drill-cluster.ts';
import type { NetworkConditions } from '../environment/link-proxy.ts';
import { LINKS } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';

/** A link that is cut in one direction. */
const CUT = { topology: LINKS, lastsMs: 12_000, lastLike: 'while it lasts' } as const;

/** Delays, reorders and repeats messages. */
export const MANGLING: NetworkConditions = { delayMs: 200, duplicates: 1 / 3, lateMs: 2_000 };

/** Restores the cluster, and reports the number of repeated messages. */
export async function noteTraffic(target: DrillCluster): Promise<void> {
	const { requests, duplicated } = target.links.traffic;
	target.note(`${duplicated} of ${requests} messages arrived twice`);
	await target.restore();
}

const MANGLED = {
	topology: LINKS,
	lastsMs: 12_000,
	lastLike: 'while it lasts',
	viewersAgree: 'while it lasts',
	boundMs: 5_000,
	// A ping and its answer may be 400 ms late, of a deadline of 750 ms. On an overloaded machine three pings in a row may miss
	// it. Then the frontend takes the running Likes node for dead (ADR 15).
	gaps: ['lost'],
	heal: noteTraffic,
} as const;

/** The time after which a killed dispatcher starts again, in milliseconds: the membership has removed it by then. */
const RESTART_AFTER_MS = 4_000;

export const network: readonly Fault[] = [
	{
		...CUT,
		name: 'cut-likes-to-owner',
		about: 'nothing of the Likes node reaches the owner of the hottest video for 12 s',
		viewersAgree: 'while it lasts',
		boundMs: 5_000,
		inject: async (target) => target.links.cut(target.likesNode.node, (await target.ownerOf(target.hot)).node),
	},
	{
		...CUT,
		name: 'cut-owner-to-frontend',
		about: 'nothing of the owner of the hottest video reaches a frontend for 12 s',
		viewersAgree: 'while it lasts',
		boundMs: 5_000,
		async inject(target) {
			target.links.cut((await target.ownerOf(target.hot)).node, target.random.pick(target.cluster.frontends).node);
		},
	},
	{
		...CUT,
		name: 'cut-frontend-to-owner',
		about: 'nothing of a frontend reaches the owner of the hottest video for 12 s',
		viewersAgree: 'while it lasts',
		boundMs: 5_000,
		async inject(target) {
			target.links.cut(target.random.pick(target.cluster.frontends).node, (await target.ownerOf(target.hot)).node);
		},
	},
	{
		...CUT,
		name: 'cut-between-dispatchers',
		about: 'nothing of the owner of the hottest video reaches another dispatcher for 12 s',
		viewersAgree: 'while it lasts',
		boundMs: 5_000,
		async inject(target) {
			const owner = await target.ownerOf(target.hot);
			const others = target.cluster.dispatchers.filter((node) => node !== owner);
			target.links.cut(owner.node, target.random.pick(others).node);
		},
	},
	{
		...CUT,
		name: 'cut-frontend-to-likes',
		about: 'nothing of a frontend reaches the Likes node for 12 s; clients retry at other frontends',
		viewersAgree: 'while it lasts',
		boundMs: 5_000,
		inject: ({ links, random, cluster, likesNode }) => links.cut(random.pick(cluster.frontends).node, likesNode.node),
	},
	{
		...MANGLED,
		name: 'messages-mangled',
		about: 'between all nodes: every message up to 200 ms late, every third twice, the copy up to 2 s late',
		inject({ links }) {
			links.conditions = MANGLING;
		},
	},
	{
		...MANGLED,
		name: 'messages-mangled-owner-killed',
		about:
			'messages late and repeated as before, and kill -9 of the owner of the hottest video, which restarts among them',
		async inject(target) {
			target.links.conditions = MANGLING;
			const owner = await target.ownerOf(target.hot);
			await owner.kill();
			await after(RESTART_AFTER_MS);
			await owner.start();
		},
	},
];
