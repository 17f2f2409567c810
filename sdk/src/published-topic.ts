import type { Unbind } from './emitter.ts';
import { createHandle } from './topics/handle.ts';
import type { Topic, TopicEvents } from './topics/topic.ts';

/** What happens on a topic of an operator's own. */
export type PublishedTopicEvents = Pick<TopicEvents, 'custom' | 'gap' | 'error'>;

/** A topic that servers publish on. Made by {@link Client.topic}. */
export interface PublishedTopic {
	/** As it was asked for. */
	readonly name: string;
	/**
	 * Listens; answers with a function that stops listening.
	 * - `custom`: a server published something: {@link CustomEvent}. What its `data` is the publisher knows.
	 * - `gap`: such events were missed: {@link GapEvent}.
	 * - `error`: the gateway does not let this client follow the topic, while everything else goes on: a
	 *   {@link LikewireError}, mostly `forbidden`. It is asked for again with the next stream, or when all its handles
	 *   were closed and a new one is opened.
	 */
	on<Name extends keyof PublishedTopicEvents>(
		event: Name,
		listener: (data: PublishedTopicEvents[Name]) => void,
	): Unbind;
	/** Stops following and listening. May be called twice. */
	close(): void;
}

/** One handle of a topic; `onClose` is called once. */
export function createPublishedTopic(name: string, topic: Topic, onClose: () => void): PublishedTopic {
	const { on, close } = createHandle<keyof PublishedTopicEvents>([topic], onClose);
	return { name, on, close };
}
