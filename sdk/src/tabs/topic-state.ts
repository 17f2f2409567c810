import type { LikesEvent } from '@likewire/protocol';
import { publicName } from '../topics/names.ts';
import type { TabEvent } from './messages.ts';

/** Events of which a tab that joins later needs only the newest. */
const STATES = ['likes', 'viewers', 'presence', 'ended'];

/** The state of a topic that a tab receives when it joins later. */
export interface TopicState {
	/** The position in its log. */
	readonly cursor: string | undefined;
	take(event: TabEvent): void;
	/**
	 * Returns the events that show its state, as a new stream would: likes with an empty delta.
	 *
	 * @param cursor the position of the tab in the log; undefined: it has none yet.
	 */
	show(cursor: string | undefined): TabEvent[];
}

export function createTopicState(name: string): TopicState {
	const newest = new Map<string, TabEvent>();
	let cursor: string | undefined;
	return {
		get cursor() {
			return cursor;
		},
		take(event) {
			cursor = event[2] ?? cursor;
			if (STATES.includes(event[0])) newest.set(event[0], event);
		},
		show(from) {
			const topic = publicName(name);
			const events: TabEvent[] = [];
			if (cursor !== undefined && from !== cursor) {
				// The stream is past the events that this tab misses; they are in its history.
				const missed: TabEvent = ['gap', { topic, reason: 'no_cursor' }, cursor];
				events.push(from === undefined ? ['cursor', { topic }, cursor] : missed);
			}
			for (const [event, data] of newest.values()) {
				const still = { ...(data as LikesEvent), delta: {}, recent: [], shown: 0, of: 0 };
				events.push([event, event === 'likes' ? still : data, undefined]);
			}
			return events;
		},
	};
}
