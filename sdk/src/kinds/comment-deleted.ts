import type { EventKind } from '../topics/event-kind.ts';
import { createComments } from './comment.ts';

export const COMMENT_DELETED: EventKind<'comment-deleted'> = (topic, event) => {
	topic.part(createComments).gone(event);
	topic.events.emit('comment-deleted', event);
};
