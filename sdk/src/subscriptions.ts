import type { ErrorCode, RefusedTopic } from '@likewire/protocol';
import { publishedName } from './topics/names.ts';

export interface SubscriptionsOptions {
	/** The gateway does not let the caller follow this topic. */
	onRefused(name: string, code: ErrorCode): void;
	/** Something else is wanted: called once for all changes of a turn. */
	onChange(): void;
}

/** What a client wants its streams to follow, by the names of topics. */
export interface Subscriptions {
	readonly wanted: ReadonlySet<string>;
	/** Not asked for again before the next stream: a connection has its rights from the token that opened it. */
	readonly refused: ReadonlySet<string>;
	/** The topics that a stream asks for when it opens: those that are wanted and were not refused by the attempt before. */
	toAsk(): string[];
	add(name: string): void;
	remove(name: string): void;
	/** The gateway refused these topics, by the names that it or this client gives them. */
	refuse(topics?: readonly RefusedTopic[]): void;
	/** The stream is gone; the next one asks for all that is wanted. */
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
			// Closed and opened in one turn, it is asked for once more.
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
