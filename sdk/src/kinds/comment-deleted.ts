import { createComments } from './comment.ts';
import type { EventKind } from './event-kind.ts';

export const COMMENT_DELETED: EventKind<'comment-deleted'> = (topic, event) => {
	topic.part(createComments).gone(event);
	topic.events.emit('comment-deleted', event);
};
