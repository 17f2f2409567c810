import type { CommentEvent } from '@likewire/protocol';
import type { EventKind } from '../topics/event-kind.ts';
import type { Topic } from '../topics/topic.ts';

/**
 * The number of comments that a video remembers; the oldest make room.
 * An answer and its event are never that far apart.
 */
const MAX_REMEMBERED = 1_000;

/** The comments of a video, each once: an own comment comes with its answer and on the stream. */
export interface Comments {
	/** Emits a comment that was not emitted before. */
	show(comment: CommentEvent): void;
	/** Records that a comment was deleted, so that it is not emitted if it arrives later. */
	gone(comment: CommentName): void;
}

/** What identifies a comment: another user may have written one with the same id in another region. */
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
