import type { Unbind } from './emitter.ts';
import { createHandle } from './topics/handle.ts';
import type { Topic, TopicEvents } from './topics/topic.ts';

/** The events of a topic of an operator's own. */
export type PublishedTopicEvents = Pick<TopicEvents, 'custom' | 'gap' | 'error'>;

/** A topic on which servers publish. {@link Client.topic} makes it. */
export interface PublishedTopic {
	/** The name that the caller passed. */
	readonly name: string;
	/**
	 * Adds a listener; returns a function that removes it.
	 * - `custom`: a server published an event: {@link CustomEvent}. The publisher defines its `data`.
	 * - `gap`: the client missed such events: {@link GapEvent}.
	 * - `error`: the gateway does not let this client follow the topic; its other topics go on: a
	 *   {@link LikewireError}, mostly `forbidden`. The client asks again with the next stream, or when all handles of the
	 *   topic closed and a new one opens.
	 */
	on<Name extends keyof PublishedTopicEvents>(
		event: Name,
		listener: (data: PublishedTopicEvents[Name]) => void,
	): Unbind;
	/** Stops following and listening. Idempotent. */
	close(): void;
}

/** Creates one handle of a topic; it calls `onClose` once. */
export function createPublishedTopic(name: string, topic: Topic, onClose: () => void): PublishedTopic {
	const { on, close } = createHandle<keyof PublishedTopicEvents>([topic], onClose);
	return { name, on, close };
}
