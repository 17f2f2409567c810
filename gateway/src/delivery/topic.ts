import { isTopicName } from '@likewire/protocol';

/**
 * What a topic is about: what happens around a `video`, in a `conversation`, whether a `user` is there, or a `topic` of an
 * operator's own. Likes of a `comment` are counted under a topic that nobody follows.
 */
export type TopicKind = 'video' | 'conversation' | 'user' | 'topic' | 'comment';

/** The name of the topic of a thing: `video:v1`. */
export function topicOf(kind: TopicKind, id: string): string {
	return `${kind}:${id}`;
}

/** The topic that carries what happens around a video. */
export function videoTopic(video: string): string {
	return topicOf('video', video);
}

/** What a topic is about: the part of its name before the first colon. */
export function kindOf(topic: string): TopicKind {
	return topic.slice(0, topic.indexOf(':')) as TopicKind;
}

/** The id of the thing that a topic is about. */
export function idOf(topic: string): string {
	return topic.slice(topic.indexOf(':') + 1);
}

/** Names of topics of an operator's own that mean one of the others. */
const NAMED = /^(video|conversation):/;

/**
 * The topic by the name that an operator gives it: `scores` is one of their own, `video:v1` and `conversation:c1` are
 * those. Undefined when the name is none.
 */
export function namedTopic(name: string): string | undefined {
	if (!isTopicName(name)) return undefined;
	return NAMED.test(name) ? name : topicOf('topic', name);
}

/** The name of a topic as operators give it: the reverse of {@link namedTopic}. */
export function topicName(topic: string): string {
	return kindOf(topic) === 'topic' ? idOf(topic) : topic;
}

/** The topic under which the likes of a comment are counted. */
export function commentTopic(video: string, comment: string): string {
	return topicOf('comment', `${comment}.${video}`);
}

/** The comment whose likes are counted under a topic, and its video: the reverse of {@link commentTopic}. */
export function likedComment(topic: string): { readonly video: string; readonly comment: string } | undefined {
	if (kindOf(topic) !== 'comment') return undefined;
	const id = idOf(topic);
	// The id of a comment is a UUID, that of a video may have dots.
	const end = id.indexOf('.');
	return { video: id.slice(end + 1), comment: id.slice(0, end) };
}
