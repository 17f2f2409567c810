import type { Unbind } from './emitter.ts';
import { createUserPresence, type UserPresence } from './kinds/presence.ts';
import { createHandle } from './topics/handle.ts';
import type { Topic, TopicEvents } from './topics/topic.ts';

/** What happens to people whose presence is followed. */
export type PresenceEvents = Pick<TopicEvents, 'presence' | 'error'>;

/** People of whom it is followed whether they are there. Made by {@link Client.presence}. */
export interface Presence {
	/**
	 * By user: `{ online, lastSeen }`, without users of which the gateway sent nothing yet. The same object until one of them
	 * comes or goes.
	 */
	readonly users: Readonly<Record<string, UserPresence>>;
	/**
	 * Listens; answers with a function that stops listening.
	 * - `presence`: a user came or went: {@link PresenceEvent}.
	 * - `error`: the gateway does not let this client follow one of them, while the others go on: a
	 *   {@link LikewireError}, mostly `forbidden`. They are asked for again with the next stream, or when all its handles
	 *   were closed and a new one is opened.
	 */
	on<Name extends keyof PresenceEvents>(event: Name, listener: (data: PresenceEvents[Name]) => void): Unbind;
	/** Stops following and listening. May be called twice. */
	close(): void;
}

/** One handle of some people; `onClose` is called once. */
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
