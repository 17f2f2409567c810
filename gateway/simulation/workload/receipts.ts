import { receiptKey } from '../../src/state/kinds/receipt.ts';
import type { Register } from '../../src/state/kinds/register.ts';
import { topicOf } from '../../src/state/topics/topic.ts';
import type { Clock } from '../engine/clock.ts';
import type { Random } from '../engine/random.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import { RetryingClient, type Send } from './retrying-client.ts';

/** Conversations without viewers: a region learns of them by replication alone. */
const CONVERSATIONS = ['c1', 'c2', 'c3'].map((name) => topicOf('conversation', name));

/**
 * A request to write a message, or to store that a user has read one. One region takes all requests of
 * a conversation: another one may not have the messages yet, and then orders receipts by its clock.
 */
export interface ReceiptRequest {
	readonly conversation: string;
	readonly message: string;
	/** Undefined of a message. */
	readonly user: string | undefined;
}

export interface ReceiptsOptions {
	readonly clock: Clock;
	readonly random: Random;
	readonly send: Send<ReceiptRequest>;
}

/** Returns the receipts that a store has, by conversation and user. */
export function receiptsIn(store: SimulatedStore): [key: string, receipt: Register][] {
	return [...store.values(CONVERSATIONS)].flatMap(([conversation, { receipt = {} }]) =>
		Object.entries(receipt).map(([key, register]): [string, Register] => [`${conversation} ${key}`, register]),
	);
}

/** Users that read a conversation. The store of every region must have the newest receipt of each user. */
export class Receipts {
	readonly #options: ReceiptsOptions;
	readonly #client: RetryingClient<ReceiptRequest>;
	/** The requests of receipts, by conversation and user. */
	readonly #read = new Map<string, ReceiptRequest[]>();
	#messages = 0;

	constructor(options: ReceiptsOptions) {
		this.#options = options;
		this.#client = new RetryingClient(options.clock, options.send);
	}

	get allAnswered(): boolean {
		return this.#client.allAnswered;
	}

	/** A server writes a message at a time, and then a user reads it. */
	plan(time: number): void {
		const { clock, random } = this.#options;
		clock.at(time, () => {
			const conversation = random.pick(CONVERSATIONS);
			const user = `user-${random.integer(1, 3)}`;
			const message = `message-${++this.#messages}`;
			this.#client.send({ conversation, message, user: undefined }, () => {
				const receipt = { conversation, message, user };
				const key = `${conversation} ${receiptKey('read', user)}`;
				this.#read.set(key, [...(this.#read.get(key) ?? []), receipt]);
				this.#client.send(receipt, () => undefined);
			});
		});
	}

	/** Returns a receipt that is missing or old in the store of a region; undefined when it has all. */
	missingIn({ region, store }: ClusterEnvironment): string | undefined {
		const known = new Map(receiptsIn(store));
		for (const [key, receipts] of this.#read) {
			const orders = receipts.map(
				({ conversation, message }) => store.find(conversation, message)[0]?.event.order ?? 0,
			);
			const newest = Math.max(...orders);
			const has = known.get(key)?.order;
			if (has !== newest) return `${region} has receipt ${has ?? 'none'} of ${key}, and ${newest} is the newest`;
		}
		return undefined;
	}
}
