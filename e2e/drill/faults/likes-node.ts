import { until } from '../../../local-cluster/until.ts';
import { NODES } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';

/** The only Likes node is down; clients retry until it is back. */
const LIKES_NODE = { topology: NODES, lastsMs: 2_000, viewersAgree: 'after it', lastLike: 'as it hits' } as const;

export const likesNode: readonly Fault[] = [
	{
		...LIKES_NODE,
		name: 'likes-killed',
		about: 'kill -9 of the Likes node',
		boundMs: 5_000,
		inject: async ({ likesNode }) => void (await likesNode.kill()),
	},
	{
		...LIKES_NODE,
		name: 'likes-killed-before-answer',
		about: 'the Likes node dies between commit and answer; clients send the same likes again',
		boundMs: 5_000,
		async inject(target) {
			target.set('before-answer');
			await target.likesNode.ended();
		},
	},
	{
		...LIKES_NODE,
		name: 'likes-killed-before-comment-answer',
		about: 'the Likes node dies between the commit of a comment and its answer',
		boundMs: 5_000,
		async inject(target) {
			target.set('before-comment-answer');
			await target.likesNode.ended();
		},
	},
	{
		...LIKES_NODE,
		name: 'likes-killed-before-publish',
		about: 'the Likes node dies after its answers and before it publishes; no later like or comment follows',
		short: true,
		// The owner reads its topics from the store again within this time.
		boundMs: 35_000,
		async inject(target) {
			const { load } = target;
			load.stop();
			await until(() => load.waiting === 0, { what: 'answers' });
			target.set('before-publish');
			await Promise.all([load.likes.sendOne(target.hot), load.comments.writeOne(target.hot)]);
			await target.likesNode.ended();
		},
	},
];
