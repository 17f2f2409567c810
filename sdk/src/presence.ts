import type { PresenceEvent } from '@likewire/protocol';
import type { Unbind } from './emitter.ts';
import { createUserPresence, type UserPresence } from './kinds/presence.ts';
import { createHandle } from './topics/handle.ts';
import type { Topic } from './topics/topic.ts';

/** People of whom it is followed whether they are there. Made by {@link Client.presence}. */
export interface Presence {
	/**
	 * By user: `{ online, lastSeen }`, without users of which the gateway sent nothing yet. The same object until one of them
	 * comes or goes.
	 */
	readonly users: Readonly<Record<string, UserPresence>>;
	/** Listens; answers with a function that stops listening. `presence`: somebody came or went: {@link PresenceEvent}. */
	on(event: 'presence', listener: (data: PresenceEvent) => void): Unbind;
	/** Stops following and listening. May be called twice. */
	close(): void;
}

/** One handle of some people; `onClose` is called once. */
export function createPresence(topics: readonly Topic[], onClose: () => void): Presence {
	const { on, close } = createHandle<'presence'>(topics, onClose);
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
