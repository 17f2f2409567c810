import { isReactionType, MAX_TIMELINE_POINTS } from '@likewire/protocol';
import { z } from 'zod';
import type { TimelinePage, TimelineRange } from '../../state/timeline.ts';
import { count, topic } from './messages.ts';

/** The longest step of a timeline, in seconds. */
const MAX_STEP = 3_600;

/** A request for a page of the timeline that a store counted. */
export const timelineMessage: z.ZodType<TimelineRange> = z.object({
	topic,
	from: count,
	to: count,
	step: z.int().min(1).max(MAX_STEP),
});

const counts = z.record(z.string().refine(isReactionType, 'should be a reaction'), z.int());

/** A page of a timeline. */
export const timelineAnswer: z.ZodType<TimelinePage> = z.object({
	steps: z.array(z.tuple([count, counts])).max(MAX_TIMELINE_POINTS),
	next: count.nullable(),
	newest: count.nullable(),
});
