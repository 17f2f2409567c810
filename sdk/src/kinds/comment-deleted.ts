import { topicName } from '../topics/names.ts';
import { createComments } from './comment.ts';
import type { EventKind } from './event-kind.ts';

export const COMMENT_DELETED: EventKind<'comment-deleted'> = {
	topicOf: ({ video }) => topicName('video', video),
	isLog: true,
	receive(topic, event) {
		topic.part(createComments).gone(event);
		topic.events.emit('comment-deleted', event);
	},
};
