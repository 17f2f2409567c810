import type { PresenceEvent } from '@likewire/protocol';
import type { Unbind } from './emitter.ts';
import { createUserPresence, type UserPresence } from './kinds/presence.ts';
import { createHandle } from './topics/handle.ts';
import type { Topic } from './topics/topic.ts';

/** People of whom it is followed whether they are there. Made by {@link Client.presence}. */
export interface Presence {
	/** By user: `{ online, lastSeen }`. Who the gateway has said nothing of yet is absent. */
	readonly users: Readonly<Record<string, UserPresence>>;
	/** Listens; answers with a function that stops listening. `presence`: somebody came or went: {@link PresenceEvent}. */
	on(event: 'presence', listener: (data: PresenceEvent) => void): Unbind;
	/** Stops following and listening. May be called twice. */
	close(): void;
}

/** One handle of some people; `onClose` is called once. */
export function createPresence(topics: readonly Topic[], onClose: () => void): Presence {
	const { on, close } = createHandle<'presence'>(topics, onClose);
	return {
		get users() {
			const users: [string, UserPresence][] = [];
			for (const topic of topics) {
				const { known } = topic.part(createUserPresence);
				if (known !== undefined) users.push([topic.id, known]);
			}
			return Object.fromEntries(users);
		},
		on,
		close,
	};
}
