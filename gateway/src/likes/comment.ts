import type { Comment } from '@likewire/protocol';
import type { LogEvent } from '../delivery/log.ts';

/** A comment of a log as clients are shown it; the text of one that was deleted is empty. */
export function commentOf(video: string, { id, user, at, data }: LogEvent): Comment {
	const { text, parent } = data;
	return {
		video,
		id,
		user,
		text: typeof text === 'string' ? text : '',
		at,
		...(typeof parent === 'string' && { parent }),
	};
}
