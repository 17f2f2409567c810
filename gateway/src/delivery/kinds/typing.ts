import { TYPING_MS } from '@likewire/protocol';
import { z } from 'zod';
import { type Kind, registerOf } from '../kind.ts';

/**
 * Whether somebody types in a conversation: by user. It ends by itself, so nobody types for ever, and where
 * there is no more room. `order` is a time.
 */
export const TYPING: Kind<boolean> = {
	name: 'typing',
	class: 'signal',
	schema: z.boolean(),
	kept: false,
	stored: false,
	maxKeys: 100,
	expires: { afterMs: TYPING_MS, value: false },
	events: (conversation, users, changed) =>
		changed.map((user) => {
			const typing = registerOf(users, user)?.value ?? false;
			return { event: 'typing', data: { conversation, user, typing } };
		}),
};
