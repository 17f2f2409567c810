import { logHeadOf, type StoreLikes } from '../state/counters.ts';
import { type Deletion, deletionOf, type LogEvent, type LogEventKind, type LoggedEvent } from '../state/log.ts';
import { canonicalJson } from './canonical-json.ts';
import { formatPlace } from './history-cursor.ts';
import type { AppendCommand, DeleteCommand, HistoryPage, LogPage } from './log-store.ts';

/** An event as databases keep it, and the log that numbered it. */
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
	/** JSON with its names in order. */
	readonly data: string;
}

/** What a deleted comment tells. */
export const NO_DATA = '{}';

export function eventOf({ number, id, kind, author, at, order, data }: Omit<LogRow, 'region' | 'epoch'>): LogEvent {
	return { offset: number, id, kind, user: author, at, order, data: JSON.parse(data) as LogEvent['data'] };
}

export function loggedOf(row: LogRow): LoggedEvent {
	return { region: row.region, epoch: row.epoch, event: eventOf(row) };
}

/** The columns of another store's event, and the comment that it answers. */
export function columnsOf({ offset, id, kind, user, at, order, data }: LogEvent) {
	const parent = kind === 'comment' && typeof data.parent === 'string' ? data.parent : null;
	return { number: offset, id, kind, author: user, at, order, data: canonicalJson(data), parent };
}

/** The data of an event that is added: that of an answer names the comment that it answers. */
export function dataOf({ data, parent }: AppendCommand): string {
	return canonicalJson(parent === undefined ? data : { ...data, parent });
}

/** The data of the event that erases a comment. */
export function deletionData({ region, epoch, number, id, author }: LogRow): string {
	const deletion: Deletion = { comment: id, user: author, region, epoch, offset: number };
	return canonicalJson(deletion);
}

/** The comment that a deletion erases, as it stands in its log. */
export function erasedBy(row: LogRow): LogRow | undefined {
	const deletion = deletionOf(eventOf(row));
	if (deletion === undefined) return undefined;
	const { user: author, region, epoch, offset: number } = deletion;
	return { ...row, region, epoch, number, author, kind: 'erased', data: NO_DATA };
}

/**
 * The comment that a command deletes, out of those of its id: an author's own, and for a moderator that of the author
 * that is named. Of an author who wrote it in two regions the first that stands. Otherwise, why there is none.
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

/** What is here of the log of a topic that another region's store writes. */
export interface KnownLog {
	readonly epoch: number;
	/** All up to this offset are here. */
	readonly through: number;
}

/**
 * A part of a log. Of what was said and of what is here, the higher epoch counts: events of a lower one are gone.
 *
 * @param said what is known of the region, without its events.
 */
export function partOf(said: StoreLikes | undefined, log: KnownLog | undefined, rows: readonly LogRow[]): LogPage {
	const epoch = Math.max(said?.epoch ?? 0, log?.epoch ?? 0);
	const events = log?.epoch === epoch ? rows.map(eventOf) : [];
	const heads = [events.at(-1)?.offset ?? 0];
	if (said?.epoch === epoch) heads.push(logHeadOf(said));
	if (log?.epoch === epoch) heads.push(log.through);
	return { epoch, events, head: Math.max(...heads) };
}

/** Behind which offset events are missing; undefined when none is known to be. */
export function missingAfter(said: StoreLikes | undefined, log: KnownLog | undefined): number | undefined {
	if (said === undefined || (log !== undefined && log.epoch > said.epoch)) return undefined;
	const through = log?.epoch === said.epoch ? log.through : 0;
	return logHeadOf(said) > through ? through : undefined;
}

/** A page of comments out of one row more than it has room for, if there are so many. */
export function pageOf(rows: readonly LogRow[], limit: number): HistoryPage {
	const page = rows.slice(0, limit);
	const last = rows.length > limit ? page.at(-1) : undefined;
	return { comments: page.map((row) => ({ ...eventOf(row), region: row.region })), next: last && formatPlace(last) };
}
