import { DEFAULT_REACTION, MAX_LIKES_PER_BATCH } from '@likewire/protocol';
import { z } from 'zod';

const likeBody = z.object({
	id: z.string().optional(),
	type: z.string().default(DEFAULT_REACTION),
	/** The region of its first try. */
	region: z.string().optional(),
});

/** A like as the client sent it. */
export type LikeBody = z.infer<typeof likeBody>;

/** What the user saw. `ingest/like-position.ts` checks it: one like of a batch fails alone, so the schema takes any value. */
const position = z.unknown().optional();

const batchEntry = z.object({ id: z.string(), type: z.string().default(DEFAULT_REACTION), position });

/** One like of a batch as the client sent it. */
export type BatchEntry = z.infer<typeof batchEntry>;

/** The body of a like, or of several. */
export const likesBody = likeBody.extend({
	position,
	likes: z.array(batchEntry).min(1).max(MAX_LIKES_PER_BATCH).optional(),
});

export const commentLikeBody = likeBody.extend({
	/** The author of the comment, where comments of several users have its id. */
	user: z.string().optional(),
	position: z.undefined('a like of a comment has no position').optional(),
});
