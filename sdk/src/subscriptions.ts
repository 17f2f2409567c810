import type { ErrorCode, RefusedTopic } from '@likewire/protocol';
import { publishedName } from './topics/names.ts';

export interface SubscriptionsOptions {
	/** Called when the gateway does not let the caller follow this topic. */
	onRefused(name: string, code: ErrorCode): void;
	/** Called once for all changes of a turn in what the client wants. */
	onChange(): void;
}

/** What a client wants its streams to follow, by the names of topics. */
export interface Subscriptions {
	readonly wanted: ReadonlySet<string>;
	/**
	 * The refused topics, for which the client asks again with the next stream.
	 * A connection has its rights from the token that opened it.
	 */
	readonly refused: ReadonlySet<string>;
	/**
	 * Returns the topics that a stream asks for when it opens.
	 * They are wanted, and the gateway did not refuse them to the attempt before.
	 */
	toAsk(): string[];
	add(name: string): void;
	remove(name: string): void;
	/** Records that the gateway refused these topics, by its names or by those of this client. */
	refuse(topics?: readonly RefusedTopic[]): void;
	/** Records that the stream is gone; the next one asks for all wanted topics. */
	left(): void;
}

export function createSubscriptions({ onRefused, onChange }: SubscriptionsOptions): Subscriptions {
	const wanted = new Set<string>();
	const refused = new Set<string>();
	let isScheduled = false;

	function changed(): void {
		if (isScheduled) return;
		isScheduled = true;
		queueMicrotask(() => {
			isScheduled = false;
			onChange();
		});
	}

	return {
		wanted,
		refused,
		toAsk: () => [...wanted].filter((name) => !refused.has(name)),
		add(name) {
			wanted.add(name);
			changed();
		},
		remove(name) {
			wanted.delete(name);
			// A topic that closes and opens in one turn is asked for once more.
			refused.delete(name);
			changed();
		},
		refuse(topics = []) {
			for (const { topic, code } of topics) {
				const name = wanted.has(topic) ? topic : publishedName(topic);
				if (!wanted.has(name)) continue;
				refused.add(name);
				onRefused(name, code);
			}
		},
		left: () => refused.clear(),
	};
}
