import type { ReceiptState } from '@likewire/protocol';
import type { Unbind } from './emitter.ts';
import { createTypists } from './kinds/typing.ts';
import type { UseParts } from './late-parts.ts';
import { createHandle } from './topics/handle.ts';
import type { Topic, TopicEvents } from './topics/topic.ts';

/** What happens in a conversation. */
export type ConversationEvents = Pick<TopicEvents, 'typing' | 'receipt' | 'custom' | 'gap' | 'error'>;

/** A conversation that is followed. Made by {@link Client.conversation}. */
export interface Conversation {
	/** The id that it was followed by. */
	readonly id: string;
	/** The users who type at the moment, this one included; the same array until one begins or stops. */
	readonly typingUsers: readonly string[];
	/**
	 * Listens; answers with a function that stops listening.
	 * - `typing`: somebody began to type, or stopped: {@link TypingEvent}.
	 * - `receipt`: how far somebody has got, or has read: {@link ReceiptEvent}. It never goes back.
	 * - `custom`: a server published something, a message say: {@link CustomEvent}.
	 * - `gap`: such events were missed: {@link GapEvent}.
	 * - `error`: the gateway does not let this client follow the conversation, while everything else goes on: a
	 *   {@link LikewireError}, mostly `forbidden`. It is asked for again with the next stream, or when all its handles
	 *   were closed and a new one is opened.
	 */
	on<Name extends keyof ConversationEvents>(event: Name, listener: (data: ConversationEvents[Name]) => void): Unbind;
	/**
	 * Tells the others that this user types, or stopped. Call it at each key: it is sent now and then while they go on, and
	 * six seconds after the last it is over by itself. A refusal is an `error` of the client.
	 *
	 * @throws {LikewireError} `closed`
	 */
	typing(on?: boolean): void;
	/**
	 * This user got the message, and what came before it. Sent until it is answered; of several that wait only the newest.
	 *
	 * @throws {LikewireError} `message_not_found` and other refusals of the gateway; `queue_full`; `closed`.
	 */
	delivered(message: string): Promise<void>;
	/** This user read the message, and what came before it. As {@link Conversation.delivered}. */
	read(message: string): Promise<void>;
	/** Stops following, listening and typing. May be called twice. */
	close(): void;
}

/** One handle of a conversation; `onClose` is called once. */
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
					// Closed meanwhile, it would type until it is over by itself.
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
