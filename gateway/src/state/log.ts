/** The kinds of log events, which are also their names on the wire; viewers receive no `erased`. */
export const LOG_EVENT_KINDS = ['comment', 'comment-deleted', 'custom', 'erased'] as const;

export type LogEventKind = (typeof LOG_EVENT_KINDS)[number];

/**
 * One event of the log of a topic. A store numbers the events of each topic from 1 on, without holes.
 * An event that was deleted keeps its number, as `erased`.
 */
export interface LogEvent {
	readonly offset: number;
	readonly id: string;
	readonly kind: LogEventKind;
	/** The user that caused it; empty for a server. */
	readonly user: string;
	/** When its node accepted it, in Unix milliseconds of the clock of that node. For display only. */
	readonly at: number;
	/** Rises with the offset, and orders the events of all regions: see `nextOrder`. */
	readonly order: number;
	/** The JSON content of the event, by its kind. */
	readonly data: Readonly<Record<string, unknown>>;
}

/** An event with the log that numbered it, under which alone it may be published. */
export interface LoggedEvent {
	readonly region: string;
	readonly epoch: number;
	readonly event: LogEvent;
}

/** The comment that a deletion erases, in `data` of a `comment-deleted`. */
export interface Deletion {
	readonly comment: string;
	/** The author of the comment; the user of the event deleted it. */
	readonly user: string;
	readonly region: string;
	readonly epoch: number;
	readonly offset: number;
}

/** Returns the deletion in a `comment-deleted`; undefined for any other event. */
export function deletionOf({ kind, data }: Pick<LogEvent, 'kind' | 'data'>): Deletion | undefined {
	return kind === 'comment-deleted' ? (data as unknown as Deletion) : undefined;
}

/**
 * Returns the key of a comment in the log of a region, the same for the comment and for its deletion.
 * It has no epoch: a restored store keeps the numbers of its comments, and a comment that takes a lost
 * number has another id.
 */
export function commentKey(region: string, { offset, id, user }: Pick<LogEvent, 'offset' | 'id' | 'user'>): string {
	// mutant: names-one-comment
	return `${region} ${offset} ${id} ${user}`;
}

/** Returns the key of the comment that a deletion erases: see {@link commentKey}. */
export function erasedKey({ region, offset, comment, user }: Deletion): string {
	return commentKey(region, { offset, id: comment, user });
}

/** Events that one store added to a log. */
export interface StoreEvents {
	/** The epoch of the store; events of a higher epoch replace those of a lower one. */
	readonly epoch: number;
	/** By offset, each event once. */
	readonly events: readonly LogEvent[];
}

/** Returns each event once, by offset; a deleted event stays deleted. */
export function inOrder(events: readonly LogEvent[]): LogEvent[] {
	const byOffset = new Map<number, LogEvent>();
	for (const event of events) {
		if (byOffset.get(event.offset)?.kind !== 'erased') byOffset.set(event.offset, event);
	}
	return [...byOffset.values()].sort((a, b) => a.offset - b.offset);
}

/** New events by the region of their store. */
export type LogUpdate = Readonly<Record<string, StoreEvents>>;

/** The most events of a store in a waiting update; the store has older ones. */
export const MAX_UPDATE_EVENTS = 256;

/**
 * The most characters of data of the events in a waiting update, since a batch must fit into a request
 * between nodes.
 */
export const MAX_UPDATE_LENGTH = 64 * 1024;

const lengths = new WeakMap<LogEvent, number>();

function lengthOf(event: LogEvent): number {
	let length = lengths.get(event);
	if (length === undefined) {
		length = JSON.stringify(event.data).length;
		lengths.set(event, length);
	}
	return length;
}

/** Returns the newest events that fit; at least one. */
function newest(events: readonly LogEvent[]): readonly LogEvent[] {
	let length = 0;
	let first = events.length;
	while (first > 0 && events.length - first < MAX_UPDATE_EVENTS) {
		length += lengthOf(events[first - 1] as LogEvent);
		if (length > MAX_UPDATE_LENGTH && first < events.length) break;
		first--;
	}
	return first === 0 ? events : events.slice(first);
}

function mergeStore(known: StoreEvents, next: StoreEvents): StoreEvents {
	if (next.epoch !== known.epoch) return next.epoch > known.epoch ? next : known;
	return { epoch: known.epoch, events: newest(inOrder([...next.events, ...known.events])) };
}

/**
 * Merges new events: for each store those of its higher epoch, each once, in any order and any number
 * of times. Bounded: it drops older events, and a node that misses them reads the store.
 */
export function mergeLogs(known: LogUpdate | undefined, next: LogUpdate | undefined): LogUpdate | undefined {
	if (known === undefined || next === undefined) return known ?? next;
	const merged: Record<string, StoreEvents> = { ...known };
	for (const [region, events] of Object.entries(next)) {
		const before = known[region];
		merged[region] = before === undefined ? events : mergeStore(before, events);
	}
	return merged;
}
