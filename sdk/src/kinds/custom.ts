import { publishedName } from '../topics/names.ts';
import type { EventKind } from './event-kind.ts';

export const CUSTOM: EventKind<'custom'> = { topicOf: ({ topic }) => publishedName(topic), isLog: true };
