/** What an event of a log tells; its name on the wire is that of the kind, but for `erased`, of which nothing is told. */
export const LOG_EVENT_KINDS = ['comment', 'comment-deleted', 'custom', 'erased'] as const;

export type LogEventKind = (typeof LOG_EVENT_KINDS)[number];

/**
 * One event of the log of a topic. A store numbers the events of each topic from 1 on, without holes. An event that was
 * deleted keeps its number, as `erased`.
 */
export interface LogEvent {
	readonly offset: number;
	readonly id: string;
	readonly kind: LogEventKind;
	/** Who caused it; empty for a server. */
	readonly user: string;
	/** When it was accepted by the clock of the node that took it, in Unix milliseconds. To show, not to sort by. */
	readonly at: number;
	/** Rises with the offset, also while that clock does not, and orders the events of all regions: see `nextOrder`. */
	readonly order: number;
	/** What else it tells: JSON, as its kind has it. */
	readonly data: Readonly<Record<string, unknown>>;
}

/** An event, and the log that numbered it: the only one under which it may be published. */
export interface LoggedEvent {
	readonly region: string;
	readonly epoch: number;
	readonly event: LogEvent;
}

/** The comment that a deletion erases, as `data` of a `comment-deleted` has it: its position, its id and its author. */
export interface Deletion {
	readonly comment: string;
	/** The author of the comment; the user of the event is the one who deleted it. */
	readonly user: string;
	readonly region: string;
	readonly epoch: number;
	readonly offset: number;
}

/** What a `comment-deleted` erases; undefined for any other event. */
export function deletionOf({ kind, data }: Pick<LogEvent, 'kind' | 'data'>): Deletion | undefined {
	return kind === 'comment-deleted' ? (data as unknown as Deletion) : undefined;
}

/**
 * A name for a comment in the log of a region, the same for the comment and for its deletion. Without the epoch: a store
 * that was restored keeps the numbers of the comments that it still has, and a comment that takes a lost number has
 * another id.
 */
export function commentKey(region: string, { offset, id, user }: Pick<LogEvent, 'offset' | 'id' | 'user'>): string {
	// mutant: names-one-comment
	return `${region} ${offset} ${id} ${user}`;
}

/** The name of the comment that a deletion erases: see {@link commentKey}. */
export function erasedKey({ region, offset, comment, user }: Deletion): string {
	return commentKey(region, { offset, id: comment, user });
}

/** Events that one store added to a log. */
export interface StoreEvents {
	/** That of the store; a higher one replaces all that a lower one said. */
	readonly epoch: number;
	/** In the order of their offsets, each once. */
	readonly events: readonly LogEvent[];
}

/** Each event once, in the order of their offsets; what was deleted stays so. */
export function inOrder(events: readonly LogEvent[]): LogEvent[] {
	const byOffset = new Map<number, LogEvent>();
	for (const event of events) {
		if (byOffset.get(event.offset)?.kind !== 'erased') byOffset.set(event.offset, event);
	}
	return [...byOffset.values()].sort((a, b) => a.offset - b.offset);
}

/** Events that are news, by the region of their store. */
export type LogUpdate = Readonly<Record<string, StoreEvents>>;

/** A state that waits holds so many of the newest events of a store; who lacks older ones asks the store for them. */
export const MAX_UPDATE_EVENTS = 256;

/** … and data of so many characters, for a batch has to fit into a request between nodes. */
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

/** The newest that there is room for; at least one. */
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
 * The news of both: of each store the events of its higher epoch, each once. Bounded: older ones make room, and who
 * misses them asks the store. In any order, any number of times.
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
