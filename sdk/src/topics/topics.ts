import { type ErrorCode, MAX_TOPICS_PER_CONNECTION, type StreamEvents } from '@likewire/protocol';
import { LikewireError } from '../errors.ts';
import type { GatewayAccess } from '../gateway-access.ts';
import { KINDS } from '../kinds.ts';
import type { EventKind } from './event-kind.ts';
import { eventTopic, publicName } from './names.ts';
import { createTopic, type Topic, type TopicEventName } from './topic.ts';

interface Handle {
	close(): void;
}

interface Shared {
	readonly topic: Topic;
	readonly handles: Set<Handle>;
	/** Where to resume its log: after its newest event, or where it began. */
	cursor?: string;
	/** Whether a stream follows it, or did. */
	wasLive?: boolean;
}

export interface TopicsOptions {
	readonly gateway: GatewayAccess;
	readonly isLive: () => boolean;
	readonly follow: (name: string) => void;
	readonly unfollow: (name: string) => void;
}

/** The topics that a client follows, by name; all handles of one topic share it. */
export interface Topics {
	/** Returns a handle of topics, which must call `close` once. Throws `too_many_topics`. */
	open<H extends Handle>(names: readonly string[], create: (topics: readonly Topic[], close: () => void) => H): H;
	/** Handles an event of a topic. `cursor` is its own id, if it has one. */
	receive<Name extends TopicEventName>(event: Name, data: StreamEvents[Name], cursor: string | undefined): void;
	/** Returns where to resume a topic; undefined while the position of its log is unknown. */
	cursorOf(name: string): string | undefined;
	/** Records that the stream opened; `names`: it opened for these topics alone. */
	opened(names?: ReadonlySet<string>): void;
	/** Records that the gateway does not let the caller follow this topic. */
	refuse(name: string, code: ErrorCode): void;
	/** Drops topics that are not in `wanted`: the stream follows them no longer, or soon will not. */
	settle(wanted: ReadonlySet<string>): void;
	/** Closes all handles. */
	close(): void;
}

export function createTopics({ gateway, isLive, follow, unfollow }: TopicsOptions): Topics {
	const topics = new Map<string, Shared>();

	function share(name: string): Shared {
		const shared = topics.get(name) ?? { topic: createTopic(name, gateway), handles: new Set(), wasLive: isLive() };
		topics.set(name, shared);
		return shared;
	}

	const isFollowed = (name: string) => (topics.get(name)?.handles.size ?? 0) > 0;

	function checkRoom(more: number): void {
		if ([...topics.keys()].filter(isFollowed).length + more <= MAX_TOPICS_PER_CONNECTION) return;
		const message = `A client follows at most ${MAX_TOPICS_PER_CONNECTION} topics; close one first.`;
		throw new LikewireError('too_many_topics', message);
	}

	return {
		open(names, create) {
			const added = names.filter((name) => !isFollowed(name));
			checkRoom(added.length);
			const opened = names.map(share);
			const handle = create(
				opened.map(({ topic }) => topic),
				() => {
					for (const { topic, handles } of opened) {
						handles.delete(handle);
						if (handles.size > 0) continue;
						topic.life.emit('left', undefined);
						unfollow(topic.name);
					}
				},
			);
			for (const { handles } of opened) handles.add(handle);
			for (const name of added) follow(name);
			return handle;
		},
		receive(event, data, cursor) {
			const receive: EventKind<typeof event> = KINDS[event];
			const shared = topics.get(eventTopic(data));
			if (shared === undefined) return;
			if (cursor !== undefined) shared.cursor = cursor;
			if (receive) receive(shared.topic, data);
			else shared.topic.events.emit(event, data as never);
		},
		cursorOf: (name) => topics.get(name)?.cursor,
		opened(names) {
			for (const shared of topics.values()) {
				const { topic, cursor, wasLive } = shared;
				if (names?.has(topic.name) === false) continue;
				shared.wasLive = true;
				topic.life.emit('opened', undefined);
				// The stream broke before it sent where the log begins, so the client may have missed events.
				if (wasLive && cursor === undefined)
					topic.events.emit('gap', { topic: publicName(topic.name), reason: 'no_cursor' });
			}
		},
		refuse(name, code) {
			const shared = topics.get(name);
			if (shared === undefined) return;
			// The topic misses nothing until a stream follows it.
			shared.wasLive = false;
			shared.topic.events.emit(
				'error',
				new LikewireError(code, `The gateway does not let this client follow "${name}".`),
			);
		},
		settle(wanted) {
			// Not when the last handle closes: a handle that opens in the same turn receives no second snapshot, and needs
			// the totals.
			for (const name of topics.keys()) if (!wanted.has(name)) topics.delete(name);
		},
		close() {
			for (const { handles } of [...topics.values()]) for (const handle of [...handles]) handle.close();
		},
	};
}
