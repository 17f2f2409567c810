import { z } from 'zod';
import type { Kind } from '../kind.ts';

/** The likes of a comment that stand, as one store has them, by type. */
type CommentLikes = Readonly<Record<string, number>>;

/** The key of what the store of a region says of a comment. */
export function commentLikesKey(comment: string, region: string): string {
	return `${comment}:${region}`;
}

/**
 * Likes of the comments of a video, by comment and region. `order` is how often one was given or taken back. Told as they
 * come, and not kept: whoever comes later reads the history, which has them all.
 */
export const COMMENT_LIKES: Kind<CommentLikes> = {
	name: 'comment-likes',
	class: 'counter',
	schema: z.record(z.string().max(32), z.int().min(0)),
	kept: false,
	stored: false,
	maxKeys: 1_000,
	events(video, likes, changed) {
		const comments = new Set(changed.map((key) => key.slice(0, key.indexOf(':'))));
		return [...comments].map((id) => {
			const totals: Record<string, number> = {};
			for (const [key, { value }] of Object.entries(likes)) {
				if (!key.startsWith(`${id}:`)) continue;
				for (const [type, count] of Object.entries(value)) totals[type] = (totals[type] ?? 0) + count;
			}
			return { event: 'comment-likes', data: { video, id, totals } };
		});
	},
};
