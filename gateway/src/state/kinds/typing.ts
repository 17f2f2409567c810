import { TYPING_MS } from '@likewire/protocol';
import { z } from 'zod';
import { nameInKey, type RegisterKind } from './register.ts';

/**
 * Whether somebody types in a conversation: by region and user. It ends by itself, so no user types for ever, and where
 * there is no more room. `order`: see `HybridClock`.
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
