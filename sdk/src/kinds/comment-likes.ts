import { topicName } from '../topics/names.ts';
import type { EventKind } from './event-kind.ts';

export const COMMENT_LIKES: EventKind<'comment-likes'> = { topicOf: ({ video }) => topicName('video', video) };
