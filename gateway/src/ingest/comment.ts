import type { Comment } from '@likewire/protocol';
import type { HistoryEvent } from '../store/log-store.ts';

/** Returns a comment as clients see it; a deleted comment has an empty text. */
export function commentOf(video: string, { id, user, at, region, data }: HistoryEvent): Comment {
	const { text, parent } = data;
	return {
		video,
		id,
		user,
		text: typeof text === 'string' ? text : '',
		at,
		region,
		...(typeof parent === 'string' && { parent }),
	};
}
