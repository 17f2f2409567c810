import { DEFAULT_REACTION, MAX_LIKES_PER_BATCH } from '@likewire/protocol';
import { z } from 'zod';

export const likeBody = z.object({
	id: z.string().optional(),
	type: z.string().default(DEFAULT_REACTION),
	/** The region of its first try. */
	region: z.string().optional(),
});

const batchEntry = z.object({ id: z.string(), type: z.string().default(DEFAULT_REACTION) });

/** One like of a batch as the client sent it. */
export type BatchEntry = z.infer<typeof batchEntry>;

/** The body of a like, or of several. */
export const likesBody = likeBody.extend({ likes: z.array(batchEntry).min(1).max(MAX_LIKES_PER_BATCH).optional() });

export const commentLikeBody = likeBody.extend({
	/** The author of the comment, where comments of several users have its id. */
	user: z.string().optional(),
});
