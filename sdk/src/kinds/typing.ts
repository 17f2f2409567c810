import { TYPING_MS } from '@likewire/protocol';
import type { EventKind } from '../topics/event-kind.ts';
import type { Topic } from '../topics/topic.ts';

/** The gateway says when somebody stopped; should that be lost, it is assumed after so long without news, in milliseconds. */
const FORGOTTEN_MS = 2 * TYPING_MS;

/** Who types in a conversation. */
export interface Typists {
	readonly users: readonly string[];
	set(user: string, typing: boolean): void;
}

export function createTypists({ id, events, life }: Topic): Typists {
	const timers = new Map<string, ReturnType<typeof setTimeout>>();
	let users: readonly string[] = [];

	function set(user: string, typing: boolean): void {
		const wasTyping = timers.has(user);
		clearTimeout(timers.get(user));
		timers.delete(user);
		if (typing) timers.set(user, setTimeout(set, FORGOTTEN_MS, user, false));
		if (typing === wasTyping) return;
		users = [...timers.keys()];
		events.emit('typing', { conversation: id, user, typing });
	}

	function clear(): void {
		for (const user of [...timers.keys()]) set(user, false);
	}

	// What was said meanwhile is not said again.
	life.on('opened', clear);
	life.on('left', clear);
	return {
		get users() {
			return users;
		},
		set,
	};
}

export const TYPING: EventKind<'typing'> = (topic, { user, typing }) => topic.part(createTypists).set(user, typing);
