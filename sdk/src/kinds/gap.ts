import { publishedName } from '../topics/names.ts';
import type { EventKind } from './event-kind.ts';

export const GAP: EventKind<'gap'> = { topicOf: ({ topic }) => publishedName(topic), isLog: true };
