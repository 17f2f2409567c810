import type { ReceiptState } from '@likewire/protocol';
import { BoundedMap } from '../runtime/bounded-map.ts';
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
 * So many signals of servers are known again by their ids, on this node; an older one that comes again is told again. It
 * is meant for who got no answer and sends again, within seconds.
 */
const MAX_KNOWN_SIGNALS = 10_000;

export interface SignalsOptions {
	/** The region in which they are given. */
	readonly region: string;
	readonly store: Pick<Store, 'find' | 'read' | 'values' | 'keepValues'>;
	/** A transaction gathers what arrives in so many milliseconds. */
	readonly commitWindowMs: number;
	/** Hands news to a dispatcher. */
	readonly publish: (updates: Updates) => void;
	readonly health: StoreHealth;
	/** Gives the orders of signals. */
	readonly clock: Pick<SignalClock, 'next'>;
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

/** Signals: of each only the newest counts. */
export interface Signals {
	/** Somebody began to type, or stopped. Told at once, and kept nowhere. */
	typing(conversation: string, user: string, typing: boolean): void;
	/** An event of a server's own that is told at once, and kept nowhere but for its id: the same one again is not told. */
	custom(request: CustomSignalRequest): { readonly duplicate: boolean };
	/** Whether a signal of this id is among the last that were told here. */
	isKnown(topic: string, id: string): boolean;
	/**
	 * Somebody got a message, or has read it. Stored, then told. What tells nothing new is left out. Rejects with a
	 * {@link GatewayError}, `message_not_found` among them.
	 */
	receipt(request: ReceiptRequest): Promise<void>;
	/** Takes no more receipts, and settles when all that were taken are stored and told. May be called twice. */
	close(): Promise<void>;
}

/** One value that is to be kept. */
interface Keep {
	readonly topic: string;
	readonly values: Values;
	readonly at: number;
}

export function createSignals({ region, store, commitWindowMs, publish, health, clock }: SignalsOptions): Signals {
	const { submit, close } = createCommitter<Keep, undefined>({ windowMs: commitWindowMs, carryOut: keep, health });
	/** What was told, by topic and id. */
	const told = new BoundedMap<string, true>(MAX_KNOWN_SIGNALS);

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
	 * The order of a message among those of its conversation. Where none is known here, they are elsewhere: then it is
	 * taken for newer than all that the user has received.
	 */
	async function orderOf(topic: string, user: string, message: string): Promise<number> {
		const found = await store.find(topic, message);
		if (found.length > 0) return Math.max(...found.map(({ event }) => event.order));
		const rows = (await store.read([topic])).get(topic) ?? NO_LIKES;
		if (Object.values(rows).some((said) => logHeadOf(said) > 0)) {
			throw new GatewayError('message_not_found', 'There is no such message in this conversation.');
		}
		const known = (await store.values([topic])).get(topic)?.receipt;
		const orders = STATES.map((state) => registerOf(known, receiptKey(state, user))?.order ?? 0);
		return clock.next(Math.max(...orders));
	}

	/** Whether somebody who got a message has read it already, or a later one. */
	async function isRead(topic: string, user: string, message: string, place: number): Promise<boolean> {
		const known = (await store.values([topic])).get(topic)?.receipt?.[receiptKey('read', user)];
		return known !== undefined && (known.value === message || known.order >= place);
	}

	return {
		typing(conversation, user, typing) {
			const topic = topicOf('conversation', conversation);
			publish(typingUpdates({ topic, user, typing }, { region, order: clock.next(), at: Date.now() }));
		},

		custom({ topic, id, name, data }) {
			if (told.has(signalId(topic, id))) return { duplicate: true };
			told.set(signalId(topic, id), true);
			publish(customUpdates({ topic, name, data }, { region, order: clock.next(), at: Date.now() }));
			return { duplicate: false };
		},

		isKnown: (topic, id) => told.has(signalId(topic, id)),

		async receipt({ conversation, user, message, state }) {
			const at = Date.now();
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

/** A signal among those of all topics; neither part has a space in it. */
function signalId(topic: string, id: string): string {
	return `${topic} ${id}`;
}
