import { MAX_ID_LENGTH } from '@likewire/protocol';
import { z } from 'zod';
import { MAX_UPDATE_EVENTS, type StoreEvents } from '../../state/log.ts';
import type { LogPage } from '../../store/log-store.ts';
import { count, key, logEvent, storeEvents, topic, valuesByTopic } from './messages.ts';

/**
 * The most events of one message. Each has at most 8 KiB of data, so they fit into the body of a
 * request between nodes.
 */
export const EVENTS_PAGE = 100;

const behind = { topic, after: count, limit: z.int().min(1).max(MAX_UPDATE_EVENTS) };

/** A request for events of the log of the region that receives it. */
export const regionEventsMessage = z.object(behind);

/** A request for events of the log of a region, from the store of the region that receives it. */
export const eventsMessage = z.object({ ...behind, region: key });

/** A part of a log. */
export const eventsAnswer: z.ZodType<LogPage> = storeEvents.extend({ head: count });

/** A request for the events with the id of a client. */
export const findMessage = z.object({ topic, id: z.string().max(MAX_ID_LENGTH) });
export const findAnswer = z.object({
	found: z.array(z.object({ region: key, epoch: count, event: logEvent })),
});

/** Events of the store of another region, which the receiver stores. */
export const keepEventsMessage = z.object({
	region: key,
	logs: z
		.record(topic, storeEvents)
		.transform((record): ReadonlyMap<string, StoreEvents> => new Map(Object.entries(record))),
});

/** The most topics of one request for missing events. */
export const MAX_TOPICS = 1_000;

/** A request for the topics with missing events of a region, each with the last known offset. */
export const missingMessage = z.object({ region: key, topics: z.array(topic).max(MAX_TOPICS) });
export const missingAnswer = z
	.object({ missing: z.record(topic, count) })
	.transform(({ missing }): ReadonlyMap<string, number> => new Map(Object.entries(missing)));

/** Registers that the receiver stores. */
export const keepValuesMessage = z.object({ values: valuesByTopic });
