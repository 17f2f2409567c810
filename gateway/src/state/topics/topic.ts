import { isTopicName } from '@likewire/protocol';

/**
 * What a topic is about: what happens around a `video`, in a `conversation`, whether a `user` is there, or a `topic` of an
 * operator's own. The likes of a `comment` have a topic of their own: the followers of its video receive it.
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

/** Before the first slash stands the video: the comments of a video are one range of names. */
const COMMENT = 'comment:';

/** A comment that is liked: two authors in two regions may have used the same id. */
export interface LikedComment {
	readonly video: string;
	readonly id: string;
	/** The author. */
	readonly user: string;
}

/** The topic of the likes of a comment. No id has a slash in it. */
export function commentTopic({ video, id, user }: LikedComment): string {
	return `${COMMENT}${video}/${id}/${user}`;
}

/** Between these two names stand the topics of the comments of a video, and no others. */
export function commentTopics(video: string): { readonly low: string; readonly high: string } {
	// '0' is the character behind the slash.
	return { low: `${COMMENT}${video}/`, high: `${COMMENT}${video}0` };
}

/** The comment whose likes a topic carries: the reverse of {@link commentTopic}; undefined for any other topic. */
export function likedComment(topic: string): LikedComment | undefined {
	if (!topic.startsWith(COMMENT)) return undefined;
	const [video = '', id = '', user = ''] = topic.slice(COMMENT.length).split('/');
	return { video, id, user };
}

/** The topic whose followers receive a topic: that of the video for likes of a comment, else the topic itself. */
export function followedTopic(topic: string): string {
	if (!topic.startsWith(COMMENT)) return topic;
	const end = topic.indexOf('/');
	return videoTopic(topic.slice(COMMENT.length, end < 0 ? undefined : end));
}
