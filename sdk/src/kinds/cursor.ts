import { publishedName } from '../topics/names.ts';
import type { EventKind } from './event-kind.ts';

/** Where a log begins: nothing to tell anybody, but where to come back to. */
export const CURSOR: EventKind<'cursor'> = { topicOf: ({ topic }) => publishedName(topic), isLog: true, receive() {} };
