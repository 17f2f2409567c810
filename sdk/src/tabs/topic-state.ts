import type { LikesEvent } from '@likewire/protocol';
import { publicName } from '../topics/names.ts';
import type { TabEvent } from './messages.ts';

/** Events of which the newest is all that a tab that comes later has to know. */
const STATES = ['likes', 'viewers', 'presence', 'ended'];

/** Where a topic stands: what a tab is shown that follows it later. */
export interface TopicState {
	/** The position in its log. */
	readonly cursor: string | undefined;
	take(event: TabEvent): void;
	/**
	 * The events that show where it stands, as a new stream would: likes with an empty delta.
	 *
	 * @param cursor where the tab is in its log; undefined: nowhere yet.
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
				// The stream is past what this tab lacks: its history has that.
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
