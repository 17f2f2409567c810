import { until } from '../../../local-cluster/until.ts';
import { NODES } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';

/** The one node that stores likes is gone for a while: until it is back, likes are insisted on. */
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
		about: 'the Likes node dies between commit and answer; the same likes are sent again',
		boundMs: 5_000,
		async inject(target) {
			target.set('before-answer');
			await target.likesNode.ended();
		},
	},
	{
		...LIKES_NODE,
		name: 'likes-killed-before-comment-answer',
		about: 'the same between the commit of a comment and its answer',
		boundMs: 5_000,
		async inject(target) {
			target.set('before-comment-answer');
			await target.likesNode.ended();
		},
	},
	{
		...LIKES_NODE,
		name: 'likes-killed-before-publish',
		about: 'the Likes node dies after its answers and before it told anybody; no further like or comment tells it',
		short: true,
		// The next time that the owner reads its topics from the store.
		boundMs: 35_000,
		async inject(target) {
			const { load } = target;
			load.stop();
			await until(() => load.waiting === 0, { what: 'answers' });
			target.set('before-publish');
			await Promise.all([load.likes.give(target.hot), load.comments.say(target.hot)]);
			await target.likesNode.ended();
		},
	},
];
