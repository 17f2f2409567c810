import { logHeadOf, type StoreLikes } from '../state/counters.ts';
import { type Deletion, deletionOf, type LogEvent, type LogEventKind, type LoggedEvent } from '../state/log.ts';
import { canonicalJson } from './canonical-json.ts';
import { formatPlace } from './history-cursor.ts';
import type { AppendCommand, DeleteCommand, HistoryPage, LogPage } from './log-store.ts';

/** The row of an event in a database, with the log that numbered it. */
export interface LogRow {
	readonly region: string;
	readonly epoch: number;
	/** Its offset. */
	readonly number: number;
	readonly id: string;
	readonly kind: LogEventKind;
	readonly author: string;
	readonly at: number;
	readonly order: number;
	/** Canonical JSON. */
	readonly data: string;
}

/** The data of a deleted comment. */
export const NO_DATA = '{}';

export function eventOf({ number, id, kind, author, at, order, data }: Omit<LogRow, 'region' | 'epoch'>): LogEvent {
	return { offset: number, id, kind, user: author, at, order, data: JSON.parse(data) as LogEvent['data'] };
}

export function loggedOf(row: LogRow): LoggedEvent {
	return { region: row.region, epoch: row.epoch, event: eventOf(row) };
}

/** Returns the columns of another store's event, with the comment that it answers. */
export function columnsOf({ offset, id, kind, user, at, order, data }: LogEvent) {
	const parent = kind === 'comment' && typeof data.parent === 'string' ? data.parent : null;
	return { number: offset, id, kind, author: user, at, order, data: canonicalJson(data), parent };
}

/** Returns the data of a new event, which names the comment that it answers. */
export function dataOf({ data, parent }: AppendCommand): string {
	return canonicalJson(parent === undefined ? data : { ...data, parent });
}

/** Returns the data of the event that deletes a comment. */
export function deletionData({ region, epoch, number, id, author }: LogRow): string {
	const deletion: Deletion = { comment: id, user: author, region, epoch, offset: number };
	return canonicalJson(deletion);
}

/** Returns the erased comment of a deletion; undefined for another event. */
export function erasedBy(row: LogRow): LogRow | undefined {
	const deletion = deletionOf(eventOf(row));
	if (deletion === undefined) return undefined;
	const { user: author, region, epoch, offset: number } = deletion;
	return { ...row, region, epoch, number, author, kind: 'erased', data: NO_DATA };
}

/**
 * Returns the comment that a command deletes, of all comments with its id, or why none fits.
 *
 * That is the user's own comment, or for a moderator the comment of the named author. Of two comments that one author wrote
 * in two regions, it is the first that is not deleted.
 */
export function commentToDelete(
	known: readonly LogRow[],
	{ user, moderator, author }: DeleteCommand,
): LogRow | 'notFound' | 'notAuthor' | 'ambiguous' {
	const comments = known.filter(({ kind }) => kind !== 'custom');
	const wanted = moderator ? author : user;
	const fitting = comments.filter((row) => wanted === undefined || row.author === wanted);
	const [first] = fitting;
	if (first === undefined) return comments.length > 0 && !moderator ? 'notAuthor' : 'notFound';
	return fitting.every((row) => row.author === first.author) ? first : 'ambiguous';
}

/** The stored part of another region's log. */
export interface KnownLog {
	readonly epoch: number;
	/** The offset up to which all events are stored. */
	readonly through: number;
}

/**
 * Returns a page of a log, in the higher of both epochs: events of a lower epoch do not count.
 *
 * @param reported the counters of the region, as it reported them.
 * @param log the stored part of the log.
 */
export function logPageOf(
	reported: StoreLikes | undefined,
	log: KnownLog | undefined,
	rows: readonly LogRow[],
): LogPage {
	const epoch = Math.max(reported?.epoch ?? 0, log?.epoch ?? 0);
	const events = log?.epoch === epoch ? rows.map(eventOf) : [];
	const heads = [events.at(-1)?.offset ?? 0];
	if (reported?.epoch === epoch) heads.push(logHeadOf(reported));
	if (log?.epoch === epoch) heads.push(log.through);
	return { epoch, events, head: Math.max(...heads) };
}

/** Returns the offset after which events are missing; undefined if none are. */
export function missingAfter(reported: StoreLikes | undefined, log: KnownLog | undefined): number | undefined {
	if (reported === undefined || (log !== undefined && log.epoch > reported.epoch)) return undefined;
	const through = log?.epoch === reported.epoch ? log.through : 0;
	return logHeadOf(reported) > through ? through : undefined;
}

/** Returns a page of at most `limit` comments. A row beyond `limit` shows that a next page exists. */
export function pageOf(rows: readonly LogRow[], limit: number): HistoryPage {
	const page = rows.slice(0, limit);
	const last = rows.length > limit ? page.at(-1) : undefined;
	return { comments: page.map((row) => ({ ...eventOf(row), region: row.region })), next: last && formatPlace(last) };
}
