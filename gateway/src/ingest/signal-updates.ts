import { NO_LIKES } from '../state/counters.ts';
import { regionKey } from '../state/kinds/register.ts';
import type { Values } from '../state/registers.ts';
import { topicName } from '../state/topics/topic.ts';
import type { Update, Updates } from '../state/update.ts';

/** A user that types in a conversation, or stopped. */
export interface TypingSignal {
	/** The conversation. */
	readonly topic: string;
	readonly user: string;
	readonly typing: boolean;
}

/** A custom signal of a server. */
export interface CustomSignal {
	readonly topic: string;
	readonly name: string;
	/** JSON. */
	readonly data: unknown;
}

/** The region and the time at which a node received a signal. */
export interface SignalOrigin {
	readonly region: string;
	/** Of the signals with one key, the highest order counts. */
	readonly order: number;
	/** The wall time, in Unix milliseconds. */
	readonly at: number;
}

/** Returns the updates for a user that types, or stopped. */
export function typingUpdates({ topic, user, typing }: TypingSignal, { region, order, at }: SignalOrigin): Updates {
	const register = { order, value: typing, from: region };
	return valueUpdates(new Map([[topic, { typing: { [regionKey(region, user)]: register } }]]), at);
}

/** Returns the updates for a custom signal of a server. */
export function customUpdates({ topic, name, data }: CustomSignal, { region, order, at }: SignalOrigin): Updates {
	const register = { order, value: { topic: topicName(topic), data, at }, from: region };
	return valueUpdates(new Map([[topic, { custom: { [regionKey(region, name)]: register } }]]), at);
}

/** Returns the updates for registers, by topic. */
export function valueUpdates(byTopic: ReadonlyMap<string, Values>, at: number): Updates {
	return new Map(
		[...byTopic].map(([topic, values]): [string, Update] => [
			topic,
			{ rows: NO_LIKES, complete: false, sample: [], at, values },
		]),
	);
}
