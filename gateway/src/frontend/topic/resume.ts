import type { GapReason } from '@likewire/protocol';
import { type Cursor, hasLog, type Positions } from '../../state/cursor.ts';

/** Where a viewer resumes the log of a topic, or why it cannot. */
export interface Resume {
	readonly from: Positions | GapReason;
	/** Until when it waits for what it missed; undefined before it begins to wait. */
	readonly giveUpAt?: number;
}

/** What a client sends about the events that it received before. */
export interface KnownEvents {
	/** Where it resumes logs. */
	readonly cursors: readonly Cursor[];
	/**
	 * The cursor of the last event that an EventSource received: it reconnects, and each log without a
	 * cursor has a gap. `unknown_position` when it sent no valid cursor; undefined on the first
	 * connection.
	 */
	readonly lastEvent?: Cursor | 'unknown_position' | undefined;
}

/**
 * Returns a function that returns where a client resumes the log of a topic; undefined where it begins
 * at the end.
 */
export function createResumeOf({ cursors, lastEvent }: KnownEvents): (topic: string) => Resume | undefined {
	// The last event is newer than a cursor in the query of the same request.
	const last = typeof lastEvent === 'object' ? [lastEvent] : [];
	const known = new Map([...cursors, ...last].map(({ topic, positions }) => [topic, positions]));
	const missed = typeof lastEvent === 'object' ? 'no_cursor' : lastEvent;
	return (topic) => {
		const from = known.get(topic) ?? (hasLog(topic) ? missed : undefined);
		return from && { from };
	};
}
