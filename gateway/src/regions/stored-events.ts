import type { TopicStore } from '../cluster/rpc/topic-store.ts';
import { MAX_UPDATE_EVENTS, type StoreEvents } from '../state/log.ts';
import type { Update, Updates } from '../state/update.ts';
import type { LogPage } from '../store/log-store.ts';

/** A part of a log that was stored, which this node reads again before viewers get it. */
export interface StoredEvents {
	readonly topic: string;
	readonly region: string;
	readonly after: number;
	readonly limit: number;
}

/** Returns the parts of logs with comments: a region may have deleted a comment before it arrived here. */
export function storedEventsOf(updates: Updates): StoredEvents[] {
	return [...updates].flatMap(([topic, { log = {} }]) =>
		Object.entries(log).flatMap(([region, { events }]) => {
			const first = events[0];
			const last = events.at(-1);
			if (first === undefined || last === undefined || !events.some(({ kind }) => kind === 'comment')) return [];
			return {
				topic,
				region,
				after: first.offset - 1,
				limit: Math.min(last.offset - first.offset + 1, MAX_UPDATE_EVENTS),
			};
		}),
	);
}

/**
 * Returns the updates with these events as the store has them.
 *
 * @param part the page from the store. Without one, frontends get only the head of the log, and read the store themselves.
 */
export function asStored(updates: Updates, { topic, region }: StoredEvents, part: LogPage | undefined): Updates {
	const update = updates.get(topic);
	if (update === undefined) return updates;
	const log: Record<string, StoreEvents> = { ...update.log };
	if (part === undefined) delete log[region];
	else log[region] = { epoch: part.epoch, events: part.events };
	const stored: Update = { ...update, log };
	return new Map([...updates, [topic, stored]]);
}

/** Resolves with the updates, with the events that were just stored as the store has them now. */
export async function readStored(store: Pick<TopicStore, 'events'>, updates: Updates): Promise<Updates> {
	const wanted = storedEventsOf(updates);
	const parts = await Promise.all(
		wanted.map(({ topic, region, after, limit }) => store.events(topic, region, after, limit).catch(() => undefined)),
	);
	return wanted.reduce((shown, events, index) => asStored(shown, events, parts[index]), updates);
}
