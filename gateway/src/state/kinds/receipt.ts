import type { ReceiptState } from '@likewire/protocol';
import { z } from 'zod';
import type { RegisterKind } from './register.ts';

/** Returns the key of a receipt: each user has two, since a delivered message is not read yet. */
export function receiptKey(state: ReceiptState, user: string): string {
	return `${state}:${user}`;
}

/**
 * The last delivered and the last read message of each user of a conversation. `order` is that of the
 * message in its log, so neither moves back.
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
			// A read message was also delivered.
			if (state === 'delivered' && read !== undefined && read.order >= receipt.order) return [];
			return [{ event: 'receipt', data: { conversation, user, message: receipt.value, state } }];
		}),
};
