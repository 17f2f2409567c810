import { isTopicName } from '@likewire/protocol';

/**
 * The kind of a topic: a `video`, a `conversation`, the presence of a `user`, or a `topic` with a name
 * of an operator. The likes of a `comment` have a topic of their own, which the followers of its video
 * receive.
 */
export type TopicKind = 'video' | 'conversation' | 'user' | 'topic' | 'comment';

/** Returns the topic of a kind and an id: `video:v1`. */
export function topicOf(kind: TopicKind, id: string): string {
	return `${kind}:${id}`;
}

export function videoTopic(video: string): string {
	return topicOf('video', video);
}

/** Returns the kind of a topic: the part of its name before the first colon. */
export function kindOf(topic: string): TopicKind {
	return topic.slice(0, topic.indexOf(':')) as TopicKind;
}

export function idOf(topic: string): string {
	return topic.slice(topic.indexOf(':') + 1);
}

/** Names of operators that mean a topic of another kind. */
const NAMED = /^(video|conversation):/;

/**
 * Returns the topic of a name that an operator uses: `scores` is a topic of its own, and `video:v1`
 * and `conversation:c1` are those of a video and a conversation. Undefined for an invalid name.
 */
export function namedTopic(name: string): string | undefined {
	if (!isTopicName(name)) return undefined;
	return NAMED.test(name) ? name : topicOf('topic', name);
}

/** Returns the name of a topic as operators use it: the reverse of {@link namedTopic}. */
export function topicName(topic: string): string {
	return kindOf(topic) === 'topic' ? idOf(topic) : topic;
}

/** The prefix of topics of comments. The id of the video follows, so they are one range of names. */
const COMMENT = 'comment:';

/** A liked comment: two authors in two regions may have used the same id. */
export interface LikedComment {
	readonly video: string;
	readonly id: string;
	/** The author. */
	readonly user: string;
}

/** Returns the topic of the likes of a comment. No id has a slash. */
export function commentTopic({ video, id, user }: LikedComment): string {
	return `${COMMENT}${video}/${id}/${user}`;
}

/** Returns the bounds of the topics of the comments of a video; no other topic is between them. */
export function commentTopics(video: string): { readonly low: string; readonly high: string } {
	// '0' is the character after the slash.
	return { low: `${COMMENT}${video}/`, high: `${COMMENT}${video}0` };
}

/** Returns the comment of a topic: the reverse of {@link commentTopic}; undefined for any other topic. */
export function likedComment(topic: string): LikedComment | undefined {
	if (!topic.startsWith(COMMENT)) return undefined;
	const [video = '', id = '', user = ''] = topic.slice(COMMENT.length).split('/');
	return { video, id, user };
}

/** Returns the topic whose followers receive a topic: for comment likes, that of the video. */
export function followedTopic(topic: string): string {
	if (!topic.startsWith(COMMENT)) return topic;
	const end = topic.indexOf('/');
	return videoTopic(topic.slice(COMMENT.length, end < 0 ? undefined : end));
}
