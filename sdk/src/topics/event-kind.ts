import type { StreamEvents } from '@likewire/protocol';
import type { Topic, TopicEventName } from './topic.ts';

/** What a topic does with an event; undefined: its listeners receive the event as it came. */
export type EventKind<Name extends TopicEventName> = ((topic: Topic, event: StreamEvents[Name]) => void) | undefined;
