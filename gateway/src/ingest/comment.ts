import type { Comment } from '@likewire/protocol';
import type { HistoryEvent } from '../store/log-store.ts';

/** A comment as clients see it; the text of one that was deleted is empty. */
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
