import type { EventKind } from '../topics/event-kind.ts';

/** Creates the number of viewers of a video. */
export function createViewers(): { count: number | undefined } {
	return { count: undefined };
}

export const VIEWERS: EventKind<'viewers'> = (topic, event) => {
	topic.part(createViewers).count = event.count;
	topic.events.emit('viewers', event);
};
