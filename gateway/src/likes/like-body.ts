import { DEFAULT_REACTION } from '@likewire/protocol';
import { z } from 'zod';

/** The body of a like, of a video or a comment. */
export const likeBody = z.object({
	id: z.string().optional(),
	type: z.string().default(DEFAULT_REACTION),
	/** Where the id was first tried. */
	region: z.string().optional(),
});
