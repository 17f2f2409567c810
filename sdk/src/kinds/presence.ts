import type { PresenceEvent } from '@likewire/protocol';
import type { EventKind } from '../topics/event-kind.ts';

/** Whether a user is online, and when the gateway last saw the user. */
export type UserPresence = Omit<PresenceEvent, 'user'>;

/** Creates the state of one user; undefined until the gateway sends it. */
export function createUserPresence(): { known: UserPresence | undefined } {
	return { known: undefined };
}

export const PRESENCE: EventKind<'presence'> = (topic, event) => {
	const { online, lastSeen } = event;
	topic.part(createUserPresence).known = { online, lastSeen };
	topic.events.emit('presence', event);
};
