import { useCallback, useMemo } from 'react';
import type { UserPresence } from '../index.ts';
import { useHandle } from './use-handle.ts';
import { openHandle } from './use-video.ts';

const NO_USERS: Readonly<Record<string, UserPresence>> = {};

/**
 * Follows the presence of users: `{ ann: { online, lastSeen } }`.
 * Users whose state the gateway has not sent yet are absent. Another array of the same users changes nothing.
 */
export function usePresence(users: readonly string[]): Readonly<Record<string, UserPresence>> {
	const [known] = useHandle(
		users.join(' '),
		(client, changed) => {
			const handle = client.presence(users);
			handle.on('presence', changed);
			return handle;
		},
		(handle) => handle?.users ?? NO_USERS,
	);
	return known;
}

/** The users that type in a conversation, and the function by which this user does. */
export interface Typing {
	/** Includes this user. */
	readonly users: readonly string[];
	/** As `Conversation.typing`: call it at each key; the same function at each render. */
	readonly typing: (on?: boolean) => void;
}

const NO_TYPISTS: readonly string[] = [];

/** Follows the users that type in a conversation. */
export function useTyping(conversation: string): Typing {
	const [users, followed] = useHandle(
		conversation,
		(client, changed) => {
			const handle = client.conversation(conversation);
			handle.on('typing', changed);
			return handle;
		},
		(handle) => handle?.typingUsers ?? NO_TYPISTS,
	);
	const typing = useCallback((on?: boolean) => openHandle(followed).typing(on), [followed]);
	return useMemo(() => ({ users, typing }), [users, typing]);
}
