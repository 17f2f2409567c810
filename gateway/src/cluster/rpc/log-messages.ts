import { MAX_ID_LENGTH } from '@likewire/protocol';
import { z } from 'zod';
import { MAX_NEWS_EVENTS, type StoreEvents } from '../../state/log.ts';
import type { LogPage } from '../../store/log-store.ts';
import { count, key, logEvent, storeEvents, topic, valuesByTopic } from './messages.ts';

/**
 * Most events that are told in one go. Their data is of at most 8 KiB each, so this many fit into the body of a request
 * between nodes, also of one that has them kept.
 */
export const EVENTS_PAGE = 100;

const behind = { topic, after: count, limit: z.int().min(1).max(MAX_NEWS_EVENTS) };

/** A question for events of a region's own log. */
export const regionEventsMessage = z.object(behind);

/** A question for events of a region's log, as the store of the region that is asked has it. */
export const eventsMessage = z.object({ ...behind, region: key });

/** A part of a log. */
export const eventsAnswer: z.ZodType<LogPage> = storeEvents.extend({ head: count });

/** A question for the events of a client's id. */
export const findMessage = z.object({ topic, id: z.string().max(MAX_ID_LENGTH) });
export const findAnswer = z.object({
	found: z.array(z.object({ region: key, epoch: count, event: logEvent })),
});

/** What another region's store said of its logs, to be kept. */
export const keepEventsMessage = z.object({
	region: key,
	logs: z
		.record(topic, storeEvents)
		.transform((record): ReadonlyMap<string, StoreEvents> => new Map(Object.entries(record))),
});

/** Most topics of one question for missing events. */
export const MAX_TOPICS = 1_000;

/** A question for topics of which events of a region are missing, and behind which offset they are. */
export const missingMessage = z.object({ region: key, topics: z.array(topic).max(MAX_TOPICS) });
export const missingAnswer = z
	.object({ missing: z.record(topic, count) })
	.transform(({ missing }): ReadonlyMap<string, number> => new Map(Object.entries(missing)));

/** Values to be kept. */
export const keepValuesMessage = z.object({ values: valuesByTopic });
