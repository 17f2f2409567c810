import type { EventKind } from './event-kind.ts';

export const GAP: EventKind<'gap'> = { topicOf: ({ topic }) => topic, isLog: true };
