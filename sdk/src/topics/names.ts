import type { Followed } from '@likewire/protocol';

/** What a topic is about, as the stream's query calls it. */
type TopicKind = 'video' | 'conversation' | 'presence' | 'topic';

/** What an event names: each names its topic in one of these ways. */
interface EventSubject {
	readonly video?: string;
	readonly conversation?: string;
	readonly topic?: string;
	readonly user?: string;
}

const LISTS: Readonly<Record<TopicKind, keyof Followed>> = {
	video: 'videos',
	conversation: 'conversations',
	presence: 'presence',
	topic: 'topics',
};

const KINDS = Object.keys(LISTS) as TopicKind[];

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

/** Topics by kind; a kind of which there are none is absent. */
export function asFollowed(names: Iterable<string>): Partial<Followed> {
	const followed: Partial<Record<keyof Followed, string[]>> = {};
	for (const name of names) {
		const [kind, id] = splitName(name);
		const list = LISTS[kind as TopicKind];
		followed[list] = [...(followed[list] ?? []), id];
	}
	return followed;
}

/** The names of topics that come by kind. A gateway of an older version knows fewer kinds. */
export function namesOf(followed: Partial<Followed>): string[] {
	return KINDS.flatMap((kind) => (followed[LISTS[kind]] ?? []).map((id) => topicName(kind, id)));
}
