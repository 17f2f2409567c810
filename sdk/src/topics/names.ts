/** What a topic is about, as the stream's query calls it. */
export type TopicKind = 'video' | 'conversation' | 'presence' | 'topic';

/** What an event names: each names its topic in one of these ways. */
interface EventSubject {
	readonly video?: string;
	readonly conversation?: string;
	readonly topic?: string;
	readonly user?: string;
}

/** The name of a topic: `video:v1`. */
export function topicName(kind: TopicKind, id: string): string {
	return `${kind}:${id}`;
}

/** The name of the topic that servers publish on by this name: one of their own, or what happens around a video, say. */
export function publishedName(name: string): string {
	return /^(video|conversation):/.test(name) ? name : topicName('topic', name);
}

/** A topic as servers name it: the reverse of {@link publishedName}. */
export function publicName(name: string): string {
	const [kind, id] = splitName(name);
	return kind === 'topic' ? id : name;
}

/** The name of the topic that an event is about. A comment also has a user, and an event of a topic nothing else. */
export function eventTopic({ video, conversation, topic, user }: EventSubject): string {
	if (topic !== undefined) return publishedName(topic);
	if (video !== undefined) return topicName('video', video);
	return conversation !== undefined ? topicName('conversation', conversation) : topicName('presence', `${user}`);
}

/** Kind and id of a topic, as the stream's query has them. */
export function splitName(name: string): [kind: string, id: string] {
	const colon = name.indexOf(':');
	return [name.slice(0, colon), name.slice(colon + 1)];
}
