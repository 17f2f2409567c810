import type { PresenceEvent } from '@likewire/protocol';
import type { EventKind } from '../topics/event-kind.ts';

/** Whether somebody is there. */
export type UserPresence = Omit<PresenceEvent, 'user'>;

/** What is known of one; undefined until the gateway told. */
export function createUserPresence(): { known: UserPresence | undefined } {
	return { known: undefined };
}

export const PRESENCE: EventKind<'presence'> = (topic, event) => {
	const { online, lastSeen } = event;
	topic.part(createUserPresence).known = { online, lastSeen };
	topic.events.emit('presence', event);
};
