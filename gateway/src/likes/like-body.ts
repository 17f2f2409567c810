import { DEFAULT_REACTION } from '@likewire/protocol';
import { z } from 'zod';

/** The body of a like. */
export const likeBody = z.object({
	id: z.string().optional(),
	type: z.string().default(DEFAULT_REACTION),
	/** The region of its first try. */
	region: z.string().optional(),
});

/** The body of a like of a comment. */
export const commentLikeBody = likeBody.extend({
	/** The author of the comment, where comments of several users have its id. */
	user: z.string().optional(),
});
