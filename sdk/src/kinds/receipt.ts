import { paths, type ReceiptState } from '@likewire/protocol';
import type { Topic } from '../topics/topic.ts';

/** Tells how far this user is. Of several that wait only the newest goes out: who read the last has read those before. */
export async function sendReceipt({ id, name, gateway }: Topic, state: ReceiptState, message: string): Promise<void> {
	await gateway.write({
		path: paths.receipts(id),
		body: { message, state },
		key: `${state} ${name}`,
		onlyNewest: true,
		isAnswer: () => true,
	});
}
