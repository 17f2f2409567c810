import type { ReceiptState } from '@likewire/protocol';
import type { Unbind } from './emitter.ts';
import { createTypists } from './kinds/typing.ts';
import type { UseParts } from './late-parts.ts';
import { createHandle } from './topics/handle.ts';
import type { Topic, TopicEvents } from './topics/topic.ts';

/** The events of a conversation. */
export type ConversationEvents = Pick<TopicEvents, 'typing' | 'receipt' | 'custom' | 'gap' | 'error'>;

/** A conversation that the client follows. {@link Client.conversation} makes it. */
export interface Conversation {
	/** The id that the caller passed. */
	readonly id: string;
	/** The users that type now, this user included; the same array until one begins or stops. */
	readonly typingUsers: readonly string[];
	/**
	 * Adds a listener; returns a function that removes it.
	 * - `typing`: a user began to type, or stopped: {@link TypingEvent}.
	 * - `receipt`: how far a user has received or read: {@link ReceiptEvent}. It never goes back.
	 * - `custom`: a server published an event, such as a message: {@link CustomEvent}.
	 * - `gap`: the client missed custom events: {@link GapEvent}.
	 * - `error`: the gateway does not let this client follow the conversation; its other topics go on: a
	 *   {@link LikewireError}, mostly `forbidden`. The client asks again with the next stream, or when all handles of the
	 *   conversation closed and a new one opens.
	 */
	on<Name extends keyof ConversationEvents>(event: Name, listener: (data: ConversationEvents[Name]) => void): Unbind;
	/**
	 * Sends to the other viewers that this user types, or stopped.
	 * Call it at each key: the client sends it every 3 seconds while the user types, and it ends 6 seconds after the
	 * last call. A refusal is an `error` of the client.
	 *
	 * @throws {LikewireError} `closed`
	 */
	typing(on?: boolean): void;
	/**
	 * Records that this user received the message, and all before it.
	 * Retries until the gateway answers; of several receipts that wait, only the newest is sent.
	 *
	 * @throws {LikewireError} `message_not_found` and other refusals of the gateway; `queue_full`; `closed`.
	 */
	delivered(message: string): Promise<void>;
	/** Records that this user read the message, and all before it, as {@link Conversation.delivered} does. */
	read(message: string): Promise<void>;
	/** Stops following, listening and typing. Idempotent. */
	close(): void;
}

/** Creates one handle of a conversation; it calls `onClose` once. */
export function createConversation(topic: Topic, onClose: () => void, use: UseParts): Conversation {
	const { on, close, checkOpen, write } = createHandle<keyof ConversationEvents>([topic], onClose);
	const typists = topic.part(createTypists);
	const receipt = (state: ReceiptState, message: string) =>
		write(() => use(({ sendReceipt }) => sendReceipt(topic, state, message)));
	return {
		id: topic.id,
		get typingUsers() {
			return typists.users;
		},
		on,
		typing(on = true) {
			checkOpen();
			void write(() =>
				use(async ({ createOwnTyping }, gateway) => {
					// If the handle closed during the load, typing would go on until it times out.
					checkOpen();
					topic.part(createOwnTyping, gateway)(on);
				}),
			);
		},
		delivered: (message) => receipt('delivered', message),
		read: (message) => receipt('read', message),
		close,
	};
}
