import type { ReceiptState } from '@likewire/protocol';
import { z } from 'zod';
import type { RegisterKind } from './register.ts';

/** The key of how far a user is: two for each user, since what is delivered is not read yet. */
export function receiptKey(state: ReceiptState, user: string): string {
	return `${state}:${user}`;
}

/**
 * How far each user of a conversation got what was said, and has read it: the id of the message. `order` is that of the
 * message in its log, so neither ever goes back.
 */
export const RECEIPT: RegisterKind<string> = {
	name: 'receipt',
	class: 'signal',
	schema: z.string().min(1).max(128),
	kept: true,
	stored: true,
	maxKeys: 2_000,
	events: (conversation, receipts, changed) =>
		changed.flatMap((key) => {
			const receipt = receipts[key];
			const user = key.slice(key.indexOf(':') + 1);
			const state = key.startsWith('read:') ? 'read' : 'delivered';
			if (receipt === undefined) return [];
			const read = receipts[receiptKey('read', user)];
			// What was read was delivered.
			if (state === 'delivered' && read !== undefined && read.order >= receipt.order) return [];
			return [{ event: 'receipt', data: { conversation, user, message: receipt.value, state } }];
		}),
};
