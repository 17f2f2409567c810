import { MAX_ID_LENGTH } from '@likewire/protocol';
import { z } from 'zod';
import type { StoreEvents } from '../delivery/log.ts';
import type { Values } from '../delivery/values.ts';
import type { LogPart } from '../store/log-store.ts';
import { count, key, logEvent, storeEvents, topic, values } from './messages.ts';

/** Most events that may be asked for at once. */
export const MAX_EVENTS = 1_000;

/** Most topics of one question. */
export const MAX_TOPICS = 1_000;

/** A question for events of a region's log. */
export const eventsMessage = z.object({
	topic,
	region: key,
	after: count,
	limit: z.int().min(1).max(MAX_EVENTS),
});

/** They: fewer than there are when they would be too long for a page. */
export const eventsAnswer: z.ZodType<LogPart> = z.object({
	epoch: count,
	events: z.array(logEvent).max(MAX_EVENTS),
	head: count,
});

/** A question for the event of a client's id. */
export const findMessage = z.object({ topic, id: z.string().max(MAX_ID_LENGTH) });
export const findAnswer = z.object({ event: logEvent.optional().transform((event) => event) });

/** What another region's store said of its logs, to be kept. */
export const keepEventsMessage = z.object({
	region: key,
	logs: z
		.record(topic, storeEvents)
		.transform((logs): ReadonlyMap<string, StoreEvents> => new Map(Object.entries(logs))),
});

/** A question for topics of which events of a region are missing, and behind which offset. */
export const missingMessage = z.object({ region: key, topics: z.array(topic).max(MAX_TOPICS) });
export const missingAnswer = z
	.object({ missing: z.record(topic, count) })
	.transform(({ missing }): ReadonlyMap<string, number> => new Map(Object.entries(missing)));

/** Values to be kept. */
export const keepValuesMessage = z.object({
	values: z.record(topic, values).transform((all): ReadonlyMap<string, Values> => new Map(Object.entries(all))),
});
