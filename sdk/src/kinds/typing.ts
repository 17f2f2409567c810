import { TYPING_MS } from '@likewire/protocol';
import type { EventKind } from '../topics/event-kind.ts';
import type { Topic } from '../topics/topic.ts';

/**
 * The longest time without an update before a user counts as stopped, in milliseconds.
 * The gateway sends the end of typing, but that signal may be lost.
 */
const FORGOTTEN_MS = 2 * TYPING_MS;

/** The users that type in a conversation. */
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

	// The gateway does not repeat signals that a closed stream missed.
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
