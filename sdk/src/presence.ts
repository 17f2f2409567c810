import type { Unbind } from './emitter.ts';
import { createUserPresence, type UserPresence } from './kinds/presence.ts';
import { createHandle } from './topics/handle.ts';
import type { Topic, TopicEvents } from './topics/topic.ts';

/** The events of users whose presence the client follows. */
export type PresenceEvents = Pick<TopicEvents, 'presence' | 'error'>;

/** Users whose presence the client follows. {@link Client.presence} makes it. */
export interface Presence {
	/**
	 * By user: `{ online, lastSeen }`, without users whose state the gateway has not sent yet.
	 * The same object until one of them comes or goes.
	 */
	readonly users: Readonly<Record<string, UserPresence>>;
	/**
	 * Adds a listener; returns a function that removes it.
	 * - `presence`: a user came or went: {@link PresenceEvent}.
	 * - `error`: the gateway does not let this client follow one of them; the others go on: a {@link LikewireError},
	 *   mostly `forbidden`. The client asks again with the next stream, or when all handles of the user closed and a
	 *   new one opens.
	 */
	on<Name extends keyof PresenceEvents>(event: Name, listener: (data: PresenceEvents[Name]) => void): Unbind;
	/** Stops following and listening. Idempotent. */
	close(): void;
}

/** Creates one handle of some users; it calls `onClose` once. */
export function createPresence(topics: readonly Topic[], onClose: () => void): Presence {
	const { on, close } = createHandle<keyof PresenceEvents>(topics, onClose);
	let users: Readonly<Record<string, UserPresence>> = {};
	return {
		get users() {
			const known = topics.flatMap((topic): [string, UserPresence][] => {
				const { known } = topic.part(createUserPresence);
				return known === undefined ? [] : [[topic.id, known]];
			});
			if (known.some(([user, presence]) => users[user] !== presence)) users = Object.fromEntries(known);
			return users;
		},
		on,
		close,
	};
}
