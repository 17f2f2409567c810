import { type ErrorCode, isId, isTopicName } from '@likewire/protocol';
import type { ConnectionState } from './connection-options.ts';
import { type Conversation, createConversation } from './conversation.ts';
import { createEmitter, type Unbind } from './emitter.ts';
import { closedError, LikewireError } from './errors.ts';
import { createIdentity } from './identity.ts';
import { createLateParts, type UseParts } from './late-parts.ts';
import { type ClientOptions, parseOptions } from './options.ts';
import type { Platform } from './platform.ts';
import { createPresence, type Presence } from './presence.ts';
import { createPublishedTopic, type PublishedTopic } from './published-topic.ts';
import { publishedName, topicName } from './topics/names.ts';
import type { Topic } from './topics/topic.ts';
import { createTopics } from './topics/topics.ts';
import { createVideo, type Video } from './video.ts';

/** The events of a {@link Client} by name, with what its listeners receive. */
export interface ClientEvents {
	/** The new state of the connection. */
	readonly state: ConnectionState;
	/** Why the stream is down, or why the gateway refused a request whose result no caller awaits. */
	readonly error: LikewireError;
}

/**
 * A connection to a gateway, and what a client follows over it. `createClient` makes it.
 *
 * Handles of one thing share it: all of them receive its events until the last one closes. Ids have 1 to 128
 * characters of `A-Z a-z 0-9 _ - . ~ :`.
 */
export interface Client {
	/** See {@link ConnectionState}. */
	readonly state: ConnectionState;
	/**
	 * Adds a listener; returns a function that removes it.
	 * - `state`: the connection's state changed: {@link ConnectionState}.
	 * - `error`: why the stream is down, or why the gateway refused a request whose result no caller awaits: a
	 *   {@link LikewireError}, for logs. The client reconnects by itself, unless the gateway refused it and it has no
	 *   other token: then the state is `closed`.
	 */
	on<Name extends keyof ClientEvents>(event: Name, listener: (data: ClientEvents[Name]) => void): Unbind;
	/**
	 * Follows a video.
	 *
	 * @throws {LikewireError} `invalid_video_id`; `too_many_topics` when the client follows 100 topics already; `closed`.
	 */
	video(id: string): Video;
	/**
	 * Follows a conversation: which users type, and how far each user has read.
	 *
	 * @throws {LikewireError} `invalid_conversation_id`, `too_many_topics`, `closed`.
	 */
	conversation(id: string): Conversation;
	/**
	 * Follows the presence of users; each user counts as one topic.
	 *
	 * To change the list, open the next handle and then close this one: the client does not ask again for users that
	 * are in both.
	 *
	 * @throws {LikewireError} `invalid_user_id`, `too_many_topics`, `closed`.
	 */
	presence(users: readonly string[]): Presence;
	/**
	 * Follows what servers publish under a name.
	 * The name is a topic of the operator's own (`scores`), or that of a video or conversation (`video:v1`).
	 *
	 * @throws {LikewireError} `invalid_topic`, `too_many_topics`, `closed`.
	 */
	topic(name: string): PublishedTopic;
	/** Closes the stream and all handles; writes without an answer reject with `closed`. Idempotent. */
	close(): void;
}

/** Returns whether events arrive in this state. */
function isOpen(state: ConnectionState): boolean {
	return state === 'live' || state === 'polling';
}

function checkId(id: string, code: ErrorCode, isValid = isId): void {
	if (typeof id === 'string' && isValid(id)) return;
	throw new LikewireError(code, `${JSON.stringify(id)} must be 1 to 128 characters of A-Z a-z 0-9 _ - . ~ :`);
}

/** Creates a client that runs on a platform. Throws as {@link ClientOptions} say. */
export function openClient(options: ClientOptions, { chooseTransport, connect, watch }: Platform): Client {
	const { urls, token, user, storage, transport: transportName } = parseOptions(options);
	const transport = chooseTransport(transportName);
	const identity = createIdentity({ token, user });
	const events = createEmitter<ClientEvents>();
	const closing = new AbortController();
	const network = { urls, identity, closing: closing.signal };

	const { gateway, use } = createLateParts({
		...network,
		storage,
		current: () => connection.gateway,
		missing: transport.missing,
		onError: (error) => events.emit('error', error),
	});

	const topics = createTopics({
		gateway,
		isLive: () => isOpen(connection.state),
		follow: (name) => connection.follow(name),
		unfollow: (name) => connection.unfollow(name),
	});

	const connection = connect({
		...network,
		transport,
		onState(state) {
			if (isOpen(state)) gateway.resume();
			else if (state === 'closed') gateway.locate();
			events.emit('state', state);
		},
		onOpen(region, place, names) {
			gateway.locate(region, place);
			topics.opened(names);
		},
		onEvent: topics.receive,
		cursorOf: topics.cursorOf,
		onError(error) {
			// A caller that may like but not watch never learns its region from a stream.
			if (error.code === 'forbidden') gateway.locate();
			events.emit('error', error);
		},
		onRefused: topics.refuse,
		onSettle: topics.settle,
	});

	watch(
		{
			resume() {
				connection.resume();
				gateway.resume();
			},
			flush: gateway.flush,
			suspend() {
				gateway.flush();
				connection.suspend();
			},
		},
		closing.signal,
	);

	function checkOpen(): void {
		if (connection.state === 'closed') throw closedError();
	}

	function openOne<Handle extends { close(): void }>(
		name: string,
		create: (topic: Topic, onClose: () => void, use: UseParts) => Handle,
	): Handle {
		return topics.open([name], ([topic], onClose) => create(topic as Topic, onClose, use));
	}

	return {
		get state() {
			return connection.state;
		},
		on: events.on,
		video(id) {
			checkOpen();
			checkId(id, 'invalid_video_id');
			return openOne(topicName('video', id), createVideo);
		},
		conversation(id) {
			checkOpen();
			checkId(id, 'invalid_conversation_id');
			return openOne(topicName('conversation', id), createConversation);
		},
		presence(users) {
			checkOpen();
			for (const user of users) checkId(user, 'invalid_user_id');
			const names = [...new Set(users)].map((user) => topicName('presence', user));
			return topics.open(names, createPresence);
		},
		topic(name) {
			checkOpen();
			checkId(name, 'invalid_topic', isTopicName);
			return openOne(publishedName(name), (topic, onClose) => createPublishedTopic(name, topic, onClose));
		},
		close() {
			if (closing.signal.aborted) return;
			topics.close();
			closing.abort(closedError());
			connection.close();
		},
	};
}
