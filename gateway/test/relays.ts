import { type RelayBatch, RelayQueues } from '../src/regions/relay-queues.ts';
import type { Update, Updates } from '../src/state/update.ts';

/** The window of relays, in milliseconds. */
export const WINDOW_MS = 10;

/** Returns a row with hearts. */
export const row = (added: number) => ({ epoch: 1, counts: { heart: [added, 0] as const } });

/** Returns an update with hearts of the region `eu`. */
export const likes = (added: number, more: Partial<Update> = {}): Update => ({
	rows: { eu: row(added) },
	complete: false,
	sample: [],
	at: added,
	...more,
});

/** Returns an update of one topic. */
export const batch = (topic: string, added: number): Updates => new Map([[topic, likes(added)]]);

/** Returns the hearts of the region `eu` for a topic in a relay. */
export const hearts = (relay: RelayBatch | undefined, topic = 'a') =>
	relay?.updates.get(topic)?.rows.eu?.counts.heart?.[0];

/** Returns the queues of the region `eu`. */
export function queuesTo(others: readonly string[], greets = false): RelayQueues {
	return new RelayQueues({ region: 'eu', others, windowMs: WINDOW_MS, greets });
}
