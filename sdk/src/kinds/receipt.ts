import { paths, type ReceiptState } from '@likewire/protocol';
import type { Topic } from '../topics/topic.ts';

/**
 * Sends how far this user has received or read.
 * Of several that wait only the newest goes out: it implies the others.
 */
export async function sendReceipt({ id, name, gateway }: Topic, state: ReceiptState, message: string): Promise<void> {
	await gateway.write({
		path: paths.receipts(id),
		body: { message, state },
		key: `${state} ${name}`,
		onlyNewest: true,
		isAnswer: () => true,
	});
}
