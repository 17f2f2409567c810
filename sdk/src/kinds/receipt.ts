import { paths, type ReceiptState } from '@likewire/protocol';
import { topicName } from '../topics/names.ts';
import type { Topic } from '../topics/topic.ts';
import type { EventKind } from './event-kind.ts';

export const RECEIPT: EventKind<'receipt'> = {
	topicOf: ({ conversation }) => topicName('conversation', conversation),
};

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
