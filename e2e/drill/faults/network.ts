import type { Fault } from '../fault.ts';
import { LINKS } from '../topology.ts';

/** One direction between two nodes is dead; the other one, and all other links, are as they were. */
const CUT = { topology: LINKS, lastsMs: 12_000, lastLike: 'while it lasts' } as const;

/** A digest, every 10 s, finds what was missed. */
const DIGEST_MS = 15_000;

export const network: readonly Fault[] = [
	{
		...CUT,
		name: 'cut-likes-to-owner',
		about: 'nothing of the Likes node reaches the owner of the hottest video for 12 s',
		viewersAgree: 'while it lasts',
		boundMs: 5_000,
		inject: async (stage) => stage.links.cut(stage.likesNode, await stage.ownerOf(stage.hot)),
	},
	{
		...CUT,
		name: 'cut-owner-to-frontend',
		about: 'nothing of the owner of the hottest video reaches a frontend for 12 s',
		viewersAgree: 'after it',
		boundMs: DIGEST_MS,
		async inject(stage) {
			stage.links.cut(await stage.ownerOf(stage.hot), stage.random.pick(stage.cluster.frontends));
		},
	},
	{
		...CUT,
		name: 'cut-frontend-to-owner',
		about: 'nothing of a frontend reaches the owner of the hottest video for 12 s',
		viewersAgree: 'after it',
		boundMs: DIGEST_MS,
		async inject(stage) {
			stage.links.cut(stage.random.pick(stage.cluster.frontends), await stage.ownerOf(stage.hot));
		},
	},
	{
		topology: LINKS,
		name: 'messages-mangled',
		about: 'between all nodes: every message up to 200 ms late, every third twice, the copy up to 2 s late',
		lastsMs: 12_000,
		lastLike: 'while it lasts',
		viewersAgree: 'after it',
		boundMs: 5_000,
		inject({ links }) {
			links.weather = { delayMs: 200, duplicates: 1 / 3, lateMs: 2_000 };
		},
		async heal(stage) {
			const { requests, duplicated } = stage.links.traffic;
			stage.note(`${duplicated} of ${requests} messages arrived twice`);
			await stage.restore();
		},
	},
];
