import { TYPING_MS } from '@likewire/protocol';
import { z } from 'zod';
import { nameInKey, type RegisterKind } from './register.ts';

/**
 * Whether a user types in a conversation: by region and user. It expires, so no user types for ever.
 * `order`: see `HybridClock`.
 */
export const TYPING: RegisterKind<boolean> = {
	name: 'typing',
	class: 'signal',
	schema: z.boolean(),
	kept: false,
	stored: false,
	maxKeys: 100,
	expires: { afterMs: TYPING_MS, value: false },
	events: (conversation, users, changed) =>
		[...new Set(changed.map(nameInKey))].map((user) => {
			const typing = Object.entries(users).some(([key, { value }]) => value && nameInKey(key) === user);
			return { event: 'typing', data: { conversation, user, typing } };
		}),
};
