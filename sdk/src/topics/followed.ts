import type { Followed } from '@likewire/protocol';
import { splitName, type TopicKind, topicName } from './names.ts';

const LISTS: Readonly<Record<TopicKind, keyof Followed>> = {
	video: 'videos',
	conversation: 'conversations',
	presence: 'presence',
	topic: 'topics',
};

const KINDS = Object.keys(LISTS) as TopicKind[];

/** Returns topics by kind; a kind without topics is absent. */
export function asFollowed(names: Iterable<string>): Partial<Followed> {
	const followed: Partial<Record<keyof Followed, string[]>> = {};
	for (const name of names) {
		const [kind, id] = splitName(name);
		const list = LISTS[kind as TopicKind];
		followed[list] = [...(followed[list] ?? []), id];
	}
	return followed;
}

/** Returns the names of topics that come by kind. A gateway of an older version knows fewer kinds. */
export function namesOf(followed: Partial<Followed>): string[] {
	return KINDS.flatMap((kind) => [followed[LISTS[kind]] ?? []].flat().map((id) => topicName(kind, id)));
}
