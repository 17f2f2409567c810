import type { CommentEvent } from '@likewire/protocol';
import type { EventKind } from '../topics/event-kind.ts';
import type { Topic } from '../topics/topic.ts';

/** So many comments are remembered; the oldest make room. An answer and the stream are never that far apart. */
const MAX_REMEMBERED = 1_000;

/** The comments of a video as they come, each once: one's own comes with its answer and on the stream. */
export interface Comments {
	/** Tells listeners of one that they were not told of. */
	show(comment: CommentEvent): void;
	/** It is gone, and not shown any more, should it come yet. */
	gone(comment: CommentName): void;
}

/** What names a comment: another user may have written one of the same id in another region. */
type CommentName = Pick<CommentEvent, 'id' | 'user' | 'region'>;

export function createComments({ events }: Topic): Comments {
	const seen = new Set<string>();

	function isNew({ id, user, region }: CommentName): boolean {
		const name = `${region} ${user} ${id}`;
		if (seen.has(name)) return false;
		seen.add(name);
		if (seen.size > MAX_REMEMBERED) {
			const [oldest = ''] = seen;
			seen.delete(oldest);
		}
		return true;
	}

	return {
		show(comment) {
			if (isNew(comment)) events.emit('comment', comment);
		},
		gone: isNew,
	};
}

export const COMMENT: EventKind<'comment'> = (topic, event) => topic.part(createComments).show(event);
