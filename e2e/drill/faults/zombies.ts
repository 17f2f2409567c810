import { NODES } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';

/** Paused nodes that continue with an outdated state. */
const ZOMBIE = { topology: NODES, lastsMs: 10_000, lastLike: 'while it lasts', boundMs: 2_000 } as const;

export const zombies: readonly Fault[] = [
	{
		...ZOMBIE,
		name: 'owner-frozen',
		about: 'SIGSTOP of the dispatcher that owns the hottest video for 10 s',
		short: true,
		viewersAgree: 'while it lasts',
		inject: async (target) => (await target.ownerOf(target.hot)).pause(),
	},
	{
		...ZOMBIE,
		name: 'owner-frozen-long',
		about: 'SIGSTOP of the owner of the hottest video for 40 s, longer than the lease of its rows',
		lastsMs: 40_000,
		viewersAgree: 'while it lasts',
		inject: async (target) => (await target.ownerOf(target.hot)).pause(),
	},
	{
		...ZOMBIE,
		name: 'frontend-frozen',
		about: 'SIGSTOP of a frontend for 10 s, with its viewers',
		viewersAgree: 'after it',
		inject: ({ random, cluster }) => random.pick(cluster.frontends).pause(),
	},
	{
		...ZOMBIE,
		name: 'likes-frozen',
		about: 'SIGSTOP of the Likes node for 10 s; clients retry their likes',
		viewersAgree: 'after it',
		boundMs: 5_000,
		inject: ({ likesNode }) => likesNode.pause(),
	},
];
