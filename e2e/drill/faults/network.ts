import { setTimeout as after } from 'node:timers/promises';
import type { DrillCluster } from '../environment/drill-cluster.ts';
import type { Weather } from '../environment/link-proxy.ts';
import { LINKS } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';

/** One direction between two nodes is dead; the other one, and all other links, are as they were. */
const CUT = { topology: LINKS, lastsMs: 12_000, lastLike: 'while it lasts' } as const;

/** What happens to messages that a network or a retry mangles. */
export const MANGLING: Weather = { delayMs: 200, duplicates: 1 / 3, lateMs: 2_000 };

/** Restores all, and tells how much was mangled. */
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
	// A ping and its answer may come 400 ms late, of the 750 ms that it has: on a machine with more to do than it can, three in
	// a row go unanswered. Then the Likes node counts as dead (ADR 15), though it lives.
	gaps: ['lost'],
	heal: noteTraffic,
} as const;

/** A dispatcher that is killed is missed by then, in milliseconds. */
const REBIRTH_MS = 4_000;

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
		about: 'nothing of a frontend reaches the Likes node for 12 s; likes given there are given elsewhere in the end',
		viewersAgree: 'while it lasts',
		boundMs: 5_000,
		inject: ({ links, random, cluster, likesNode }) => links.cut(random.pick(cluster.frontends).node, likesNode.node),
	},
	{
		...MANGLED,
		name: 'messages-mangled',
		about: 'between all nodes: every message up to 200 ms late, every third twice, the copy up to 2 s late',
		inject({ links }) {
			links.weather = MANGLING;
		},
	},
	{
		...MANGLED,
		name: 'messages-mangled-owner-killed',
		about:
			'messages late and repeated as before, and kill -9 of the owner of the hottest video, which comes back amid them',
		async inject(target) {
			target.links.weather = MANGLING;
			const owner = await target.ownerOf(target.hot);
			await owner.kill();
			await after(REBIRTH_MS);
			await owner.start();
		},
	},
];
