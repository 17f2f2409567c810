import type { GapReason } from '@likewire/protocol';
import { type Cursor, hasLog, type Positions } from '../../state/cursor.ts';

/** Where a viewer comes back to the log of a topic, or why it cannot. */
export interface Resume {
	readonly from: Positions | GapReason;
	/** Until when it waits for what it missed; undefined while it did not begin to. */
	readonly giveUpAt?: number;
}

/** What a client sends of what it received before. */
export interface KnownEvents {
	/** Where logs are resumed. */
	readonly cursors: readonly Cursor[];
	/**
	 * The cursor of the last event that an EventSource received: it is back, and each log that it follows without a cursor
	 * has a gap. `unknown_position` when what it sent is no cursor; undefined when it comes for the first time.
	 */
	readonly lastEvent?: Cursor | 'unknown_position' | undefined;
}

/** Returns where a client resumes the log of a topic; that returns undefined where the client begins at the end. */
export function createResumeOf({ cursors, lastEvent }: KnownEvents): (topic: string) => Resume | undefined {
	// The last event is newer than a cursor that stood in the query before it came.
	const last = typeof lastEvent === 'object' ? [lastEvent] : [];
	const known = new Map([...cursors, ...last].map(({ topic, positions }) => [topic, positions]));
	const missed = typeof lastEvent === 'object' ? 'no_cursor' : lastEvent;
	return (topic) => {
		const from = known.get(topic) ?? (hasLog(topic) ? missed : undefined);
		return from && { from };
	};
}
