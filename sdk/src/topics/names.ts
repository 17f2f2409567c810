/** The kind of a topic, as in the stream's query. */
export type TopicKind = 'video' | 'conversation' | 'presence' | 'topic';

/** The fields of an event that name its topic: each event has one of these forms. */
interface EventSubject {
	readonly video?: string;
	readonly conversation?: string;
	readonly topic?: string;
	readonly user?: string;
}

/** Returns the name of a topic: `video:v1`. */
export function topicName(kind: TopicKind, id: string): string {
	return `${kind}:${id}`;
}

/**
 * Returns the name of the topic on which servers publish under this name.
 * It is a topic of the operator's own, or that of a video or a conversation.
 */
export function publishedName(name: string): string {
	return /^(video|conversation):/.test(name) ? name : topicName('topic', name);
}

/** Returns a topic's name as servers write it: the reverse of {@link publishedName}. */
export function publicName(name: string): string {
	const [kind, id] = splitName(name);
	return kind === 'topic' ? id : name;
}

/**
 * Returns the name of an event's topic.
 * A comment also has a user; an event of a topic has only the topic.
 */
export function eventTopic({ video, conversation, topic, user }: EventSubject): string {
	if (topic !== undefined) return publishedName(topic);
	if (video !== undefined) return topicName('video', video);
	return conversation !== undefined ? topicName('conversation', conversation) : topicName('presence', `${user}`);
}

/** Returns the kind and the id of a topic, as in the stream's query. */
export function splitName(name: string): [kind: string, id: string] {
	const colon = name.indexOf(':');
	return [name.slice(0, colon), name.slice(colon + 1)];
}
