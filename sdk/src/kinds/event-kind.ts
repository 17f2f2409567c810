import type { StreamEvents } from '@likewire/protocol';
import type { Topic, TopicEventName } from '../topics/topic.ts';

/** What there is to know of a kind of events. */
export interface EventKind<Name extends TopicEventName> {
	/** The name of the topic that an event is about. */
	topicOf(event: StreamEvents[Name]): string;
	/** It comes in a log: its id says where to resume. */
	readonly isLog?: true;
	/** Default: listeners are told the event as it came. */
	receive?(topic: Topic, event: StreamEvents[Name]): void;
}
