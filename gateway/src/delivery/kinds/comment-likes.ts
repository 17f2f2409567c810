import type { Totals } from '@likewire/protocol';
import { z } from 'zod';
import type { Kind } from '../kind.ts';

/** The likes of a comment, as one store has them. */
interface CommentLikes {
	/** Those that stand, by type. */
	readonly totals: Totals;
	/** When the newest was given or taken back, in Unix milliseconds. */
	readonly at: number;
}

/** The key of what the store of a region says of a comment. */
export function commentLikesKey(comment: string, region: string): string {
	return `${comment}:${region}`;
}

/**
 * Likes of the comments of a video, by comment and region. `order` is how often one was given or taken back. Kept of those
 * that were liked last, for who comes back; the history has them all.
 */
export const COMMENT_LIKES: Kind<CommentLikes> = {
	name: 'comment-likes',
	class: 'counter',
	schema: z.object({ totals: z.record(z.string().max(32), z.int().min(0)), at: z.int().min(0) }),
	kept: true,
	inHistory: true,
	stored: false,
	maxKeys: 500,
	rank: ({ value }) => value.at,
	events(video, likes, changed) {
		const comments = new Set(changed.map((key) => key.slice(0, key.indexOf(':'))));
		return [...comments].map((id) => {
			const totals: Record<string, number> = {};
			for (const [key, { value }] of Object.entries(likes)) {
				if (!key.startsWith(`${id}:`)) continue;
				for (const [type, count] of Object.entries(value.totals)) totals[type] = (totals[type] ?? 0) + count;
			}
			return { event: 'comment-likes', data: { video, id, totals } };
		});
	},
};
