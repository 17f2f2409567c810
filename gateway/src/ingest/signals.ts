import type { ReceiptState } from '@likewire/protocol';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { type Clock, REAL_CLOCK } from '../runtime/clock.ts';
import { GatewayError } from '../runtime/errors.ts';
import { logHeadOf, NO_LIKES } from '../state/counters.ts';
import { receiptKey } from '../state/kinds/receipt.ts';
import { registerOf } from '../state/kinds/register.ts';
import { mergeValues, type Values } from '../state/registers.ts';
import { topicOf } from '../state/topics/topic.ts';
import type { Updates } from '../state/update.ts';
import type { Store } from '../store/store.ts';
import { createCommitter } from './committer.ts';
import type { SignalClock } from './signal-clock.ts';
import { customUpdates, typingUpdates, valueUpdates } from './signal-updates.ts';
import type { StoreHealth } from './store-health.ts';

const STATES: readonly ReceiptState[] = ['delivered', 'read'];

/**
 * The most ids of custom signals that a node remembers, for servers that retry a request without an
 * answer within seconds. A repeated older signal is published again.
 */
const MAX_KNOWN_SIGNALS = 10_000;

export interface SignalsOptions {
	/** The region of this node. */
	readonly region: string;
	readonly store: Pick<Store, 'find' | 'read' | 'values' | 'keepValues'>;
	/** The time in which commands gather for one transaction, in milliseconds. */
	readonly commitWindowMs: number;
	/** Hands updates to a dispatcher. */
	readonly publish: (updates: Updates) => void;
	readonly health: StoreHealth;
	/** Creates the orders of signals. */
	readonly orders: Pick<SignalClock, 'next'>;
	readonly clock?: Clock;
}

export interface ReceiptRequest {
	readonly conversation: string;
	readonly user: string;
	/** The id of the message. */
	readonly message: string;
	readonly state: ReceiptState;
}

export interface CustomSignalRequest {
	readonly topic: string;
	readonly id: string;
	readonly name: string;
	/** JSON. */
	readonly data: unknown;
}

/** Takes signals, of which only the newest counts. */
export interface Signals {
	/** Publishes that a user types, or stopped. Not stored. */
	typing(conversation: string, user: string, typing: boolean): void;
	/** Publishes a custom signal of a server, unless its id is known. Only the id is kept. */
	custom(request: CustomSignalRequest): { readonly duplicate: boolean };
	/** Returns whether this node published a signal with this id lately. */
	isKnown(topic: string, id: string): boolean;
	/**
	 * Stores and publishes that a user received a message, or has read it. Ignores a receipt without new
	 * content. Rejects with a {@link GatewayError}, such as `message_not_found`.
	 */
	receipt(request: ReceiptRequest): Promise<void>;
	/** Takes no more receipts. Settles when all accepted ones are published. Idempotent. */
	close(): Promise<void>;
}

/** A register to store. */
interface Keep {
	readonly topic: string;
	readonly values: Values;
	readonly at: number;
}

export function createSignals(options: SignalsOptions): Signals {
	const { region, store, commitWindowMs: windowMs, publish, health, orders, clock = REAL_CLOCK } = options;
	const { submit, close } = createCommitter<Keep, undefined>({ windowMs, carryOut: keep, health, clock });
	/** The published signals, by topic and id. */
	const published = new BoundedMap<string, true>(MAX_KNOWN_SIGNALS);

	async function keep(commands: readonly Keep[]): Promise<undefined[]> {
		const byTopic = new Map<string, Values>();
		let newest = 0;
		for (const { topic, values, at } of commands) {
			byTopic.set(topic, mergeValues(byTopic.get(topic), values) ?? values);
			newest = Math.max(newest, at);
		}
		await store.keepValues(byTopic);
		publish(valueUpdates(byTopic, newest));
		return commands.map(() => undefined);
	}

	/**
	 * Resolves with the order of a message in its conversation. When this store has no message of the
	 * conversation, an operator keeps them in another system: then the message counts as newer than all
	 * receipts of the user.
	 */
	async function orderOf(topic: string, user: string, message: string): Promise<number> {
		const found = await store.find(topic, message);
		if (found.length > 0) return Math.max(...found.map(({ event }) => event.order));
		const rows = (await store.read([topic])).get(topic) ?? NO_LIKES;
		if (Object.values(rows).some((row) => logHeadOf(row) > 0)) {
			throw new GatewayError('message_not_found', 'The message does not exist in this conversation.');
		}
		const known = (await store.values([topic])).get(topic)?.receipt;
		const before = STATES.map((state) => registerOf(known, receiptKey(state, user))?.order ?? 0);
		return orders.next(Math.max(...before));
	}

	/** Resolves with whether a user has already read a message or a later one. */
	async function isRead(topic: string, user: string, message: string, place: number): Promise<boolean> {
		const known = (await store.values([topic])).get(topic)?.receipt?.[receiptKey('read', user)];
		return known !== undefined && (known.value === message || known.order >= place);
	}

	return {
		typing(conversation, user, typing) {
			const topic = topicOf('conversation', conversation);
			publish(typingUpdates({ topic, user, typing }, { region, order: orders.next(), at: clock.wallTime() }));
		},

		custom({ topic, id, name, data }) {
			if (published.has(signalId(topic, id))) return { duplicate: true };
			published.set(signalId(topic, id), true);
			publish(customUpdates({ topic, name, data }, { region, order: orders.next(), at: clock.wallTime() }));
			return { duplicate: false };
		},

		isKnown: (topic, id) => published.has(signalId(topic, id)),

		async receipt({ conversation, user, message, state }) {
			const at = clock.wallTime();
			const topic = topicOf('conversation', conversation);
			try {
				const order = await orderOf(topic, user, message);
				if (state === 'delivered' && (await isRead(topic, user, message, order))) return;
				const register = { order, value: message, from: region };
				await submit({ topic, values: { receipt: { [receiptKey(state, user)]: register } }, at });
			} catch (cause) {
				throw health.failed(cause);
			}
		},

		close,
	};
}

/** Returns the key of a signal among those of all topics; neither part has a space. */
function signalId(topic: string, id: string): string {
	return `${topic} ${id}`;
}
