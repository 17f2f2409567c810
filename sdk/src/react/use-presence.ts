import { useCallback, useMemo } from 'react';
import type { UserPresence } from '../index.ts';
import { useHandle } from './use-handle.ts';
import { openHandle } from './use-video.ts';

const NOBODY: Readonly<Record<string, UserPresence>> = {};

/**
 * Follows whether users are there: `{ ann: { online, lastSeen } }`, without users of which the gateway said nothing yet. The
 * same users in another array are the same question.
 */
export function usePresence(users: readonly string[]): Readonly<Record<string, UserPresence>> {
	const [known] = useHandle(
		users.join(' '),
		(client, changed) => {
			const handle = client.presence(users);
			handle.on('presence', changed);
			return handle;
		},
		(handle) => handle?.users ?? NOBODY,
	);
	return known;
}

/** The users who type in a conversation, and how this one says so. */
export interface Typing {
	/** This user included. */
	readonly users: readonly string[];
	/** As {@link Conversation.typing}: call it at each key; the same function at each render. */
	readonly typing: (on?: boolean) => void;
}

const NO_TYPISTS: readonly string[] = [];

/** Follows who types in a conversation. */
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
