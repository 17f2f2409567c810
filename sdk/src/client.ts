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

/** The events of a {@link Client} by name, with what its listeners get. */
export interface ClientEvents {
	/** The new state of the connection. */
	readonly state: ConnectionState;
	/** Why the stream is down, or a request that nothing waits for was refused. */
	readonly error: LikewireError;
}

/**
 * A connection to a gateway, and what is followed over it. Made by `createClient`. One that is followed twice is
 * shared: all handles get what arrives, until the last one is closed. Ids have 1 to 128 characters of
 * `A-Z a-z 0-9 _ - . ~ :`.
 */
export interface Client {
	/** See {@link ConnectionState}. */
	readonly state: ConnectionState;
	/**
	 * Listens; answers with a function that stops listening.
	 * - `state`: the connection's state changed: {@link ConnectionState}.
	 * - `error`: why the stream is down, or what the gateway refused that nobody waits for: a {@link LikewireError}. For logs:
	 *   the client comes back by itself. Only when the gateway refused a client that has no other token to show is the state
	 *   `closed` then.
	 */
	on<Name extends keyof ClientEvents>(event: Name, listener: (data: ClientEvents[Name]) => void): Unbind;
	/**
	 * Follows a video.
	 *
	 * @throws {LikewireError} `invalid_video_id`; `too_many_topics` beyond 100 things that are followed; `closed`.
	 */
	video(id: string): Video;
	/**
	 * Follows a conversation: who types, and how far everybody has read.
	 *
	 * @throws {LikewireError} `invalid_conversation_id`, `too_many_topics`, `closed`.
	 */
	conversation(id: string): Conversation;
	/**
	 * Follows whether people are there; each counts as one thing that is followed. To follow others, open the next handle
	 * and then close this one: who is in both is not asked for again.
	 *
	 * @throws {LikewireError} `invalid_user_id`, `too_many_topics`, `closed`.
	 */
	presence(users: readonly string[]): Presence;
	/**
	 * Follows what servers publish under a name: a topic of their own (`scores`), or a video or conversation by its name
	 * (`video:v1`).
	 *
	 * @throws {LikewireError} `invalid_topic`, `too_many_topics`, `closed`.
	 */
	topic(name: string): PublishedTopic;
	/** Closes the stream and all handles; writes without an answer reject with `closed`. May be called twice. */
	close(): void;
}

/** Events arrive. */
function isOpen(state: ConnectionState): boolean {
	return state === 'live' || state === 'polling';
}

function checkId(id: string, code: ErrorCode, isValid = isId): void {
	if (typeof id === 'string' && isValid(id)) return;
	throw new LikewireError(code, `${JSON.stringify(id)} has to be 1 to 128 characters of A-Z a-z 0-9 _ - . ~ :`);
}

/** A client that runs on a platform. Throws as {@link ClientOptions} say. */
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
			// Who may like and not watch never hears which region it is in.
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
