import { type Followed, MAX_TOPICS_PER_CONNECTION, type RefusedTopic } from '@likewire/protocol';
import type { WatchRights } from '../../auth/caller.ts';
import { asConversationId, asUserId, asVideoId } from '../../http/ids.ts';
import { GatewayError } from '../../runtime/errors.ts';
import { quote } from '../../runtime/quote.ts';
import { idOf, kindOf, namedTopic, type TopicKind, topicName, topicOf } from '../../state/topics/topic.ts';

interface FollowedKind {
	/** Its name in the query of a stream. */
	readonly parameter: string;
	/** The list of {@link Followed} that names its topics. */
	readonly list: keyof Followed;
	readonly kind: TopicKind;
	/** Returns the topic for a name from a client. Throws a {@link GatewayError} for an invalid name. */
	readonly asTopic: (name: string) => string;
}

/** The kinds of topics that a stream may follow. */
const KINDS: readonly FollowedKind[] = [
	{ parameter: 'video', list: 'videos', kind: 'video', asTopic: (name) => topicOf('video', asVideoId(name)) },
	{
		parameter: 'conversation',
		list: 'conversations',
		kind: 'conversation',
		asTopic: (name) => topicOf('conversation', asConversationId(name)),
	},
	{ parameter: 'presence', list: 'presence', kind: 'user', asTopic: (name) => topicOf('user', asUserId(name)) },
	{ parameter: 'topic', list: 'topics', kind: 'topic', asTopic: asNamedTopic },
];

function asNamedTopic(name: string): string {
	const topic = namedTopic(name);
	if (topic !== undefined) return topic;
	throw new GatewayError('invalid_topic', 'A topic is named like an id, or video: or conversation: and an id.');
}

/** The other parameters of the query of a stream. */
const PARAMETERS = [...KINDS.map(({ parameter }) => parameter), 'cursor', 'token', 'user', 'lastEventId'];

/**
 * Returns the topics in the query of a stream, each once; `more` names further parameters. Throws a
 * {@link GatewayError}.
 */
export function topicsInQuery(query: URLSearchParams, more: readonly string[] = []): string[] {
	const known = [...PARAMETERS, ...more];
	for (const name of query.keys()) {
		if (known.includes(name)) continue;
		throw new GatewayError('invalid_query', `A stream has no parameter ${quote(name)}; it takes ${known.join(', ')}.`);
	}
	return unique(KINDS.flatMap(({ parameter, asTopic }) => query.getAll(parameter).map(asTopic)));
}

/** Returns the topics of the lists, each once. Throws a {@link GatewayError} for an invalid name. */
export function topicsOf(followed: Followed): string[] {
	return unique(KINDS.flatMap(({ list, asTopic }) => followed[list].map(asTopic)));
}

/** Throws `too_many_topics` when a client follows more topics than it may at a time. */
export function checkTopicCount(count: number): void {
	if (count <= MAX_TOPICS_PER_CONNECTION) return;
	throw new GatewayError(
		'too_many_topics',
		`A stream follows at most ${MAX_TOPICS_PER_CONNECTION} topics, not ${count}.`,
	);
}

/** Returns topics by kind, with the names that clients use. */
export function followedOf(topics: readonly string[]): Followed {
	const followed: Record<keyof Followed, string[]> = { videos: [], conversations: [], presence: [], topics: [] };
	for (const { list, kind } of KINDS) {
		for (const topic of topics) {
			if (kindOf(topic) === kind) followed[list].push(kind === 'topic' ? topicName(topic) : idOf(topic));
		}
	}
	return followed;
}

/** Returns refused topics with the names that clients use; undefined when none is refused. */
export function refusedOf(refused: WatchRights['refused']): readonly RefusedTopic[] | undefined {
	if (refused.length === 0) return undefined;
	return refused.map(({ topic, refusal: { code } }) => {
		return { topic: kindOf(topic) === 'user' ? `presence:${idOf(topic)}` : topicName(topic), code };
	});
}

function unique(topics: readonly string[]): string[] {
	return [...new Set(topics)];
}
