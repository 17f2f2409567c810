import type { CounterRows } from '../state/counters.ts';
import type { LogEvent, LoggedEvent, StoreEvents } from '../state/log.ts';
import type { Values } from '../state/registers.ts';

/** Adds an event to the log of a topic. */
export interface AppendCommand {
	readonly kind: 'append';
	readonly topic: string;
	/** The client's id: an event with the same id is a duplicate. */
	readonly id: string;
	/** The user that causes it; empty for a server. */
	readonly user: string;
	readonly event: 'comment' | 'custom';
	/** The fields of its kind. */
	readonly data: Readonly<Record<string, unknown>>;
	/** The comment that it answers. */
	readonly parent?: string | undefined;
	/** The time of its acceptance, in Unix milliseconds. */
	readonly at: number;
}

/**
 * Deletes a comment: the store erases its text and keeps its number.
 *
 * Two regions may have numbered comments with the same id, by different users: an author deletes the own one, a moderator
 * names the author.
 */
export interface DeleteCommand {
	readonly kind: 'delete';
	readonly topic: string;
	/** The id of the comment. */
	readonly id: string;
	readonly user: string;
	/** Whether the user may delete comments of others. */
	readonly moderator: boolean;
	/** The author of the comment, named by a moderator; undefined for any author. */
	readonly author?: string | undefined;
	readonly at: number;
}

/** Ends a video: the store takes no more events of it. */
export interface EndCommand {
	readonly kind: 'end';
	readonly topic: string;
	readonly at: number;
}

export type LogCommand = AppendCommand | DeleteCommand | EndCommand;

/** The result of a command. */
export type LogOutcome =
	/** The own log has it now: the event, or the deletion of a comment. */
	| ({ readonly kind: 'added' } & LoggedEvent)
	/** A log had it before, also if it was deleted later: the stored event, with its log. */
	| ({ readonly kind: 'duplicate' } & LoggedEvent)
	/** The video ended by this command or, for a duplicate, by an earlier one. */
	| { readonly kind: 'ended'; readonly duplicate: boolean }
	/** Refused, because the video ended. */
	| { readonly kind: 'videoEnded' }
	/** The id belongs to an event of another user, or with other data. */
	| { readonly kind: 'conflict' }
	| { readonly kind: 'unknownParent' }
	/** The parent is itself an answer. */
	| { readonly kind: 'parentIsAnswer' }
	| { readonly kind: 'notFound' }
	| { readonly kind: 'notAuthor' }
	/** A moderator named no author, and several authors have comments with the id. */
	| { readonly kind: 'ambiguous' };

export interface LogCommit {
	/** One outcome for each command, in the same order. */
	readonly outcomes: readonly LogOutcome[];
	/** The rows of each topic of the commands after the commit, by topic. */
	readonly rows: ReadonlyMap<string, CounterRows>;
}

/** A page of the log of a region, as this store has it. */
export interface LogPage extends StoreEvents {
	/** The offset of the newest known event. Events before it may not have arrived here yet. */
	readonly head: number;
}

/** A comment of a history, which has the comments of all regions. */
export interface HistoryEvent extends LogEvent {
	/** The region whose store numbered it. */
	readonly region: string;
}

/** A page of the comments of a topic, newest first. */
export interface HistoryPage {
	readonly comments: readonly HistoryEvent[];
	/** The cursor of the next page; undefined on the last page. */
	readonly next: string | undefined;
}

/** The result of removing old likes. */
export interface Pruned {
	/** The number of removed likes. */
	readonly likes: number;
	/** Whether more old likes may exist. */
	readonly more: boolean;
}

/** The clock that the nodes of a region share, in Unix milliseconds. */
export interface StoreClock {
	/** The time of the clock. */
	readonly at: number;
	/** The wall time of the store's machine. */
	readonly wallTime: number;
}

/** Stores logs and values: those of the store's own region, and replicas of other regions. */
export interface LogStore {
	/** Carries out all commands in one durable transaction, or none. */
	append(commands: readonly LogCommand[]): Promise<LogCommit>;
	/**
	 * Resolves with at most `limit` events of a region's log after an offset, oldest first.
	 *
	 * Deleted comments are `erased`.
	 */
	events(topic: string, region: string, after: number, limit: number): Promise<LogPage>;
	/**
	 * Resolves with the events of all regions with a client's id.
	 *
	 * Erased comments come last, and of the others those of the own region first.
	 */
	find(topic: string, id: string): Promise<readonly LoggedEvent[]>;
	/**
	 * Resolves with comments, newest first by order, region and offset, without deleted ones.
	 *
	 * The comments of a region come in the order in which viewers receive them live. New comments do not change older pages.
	 *
	 * @param before the `next` of the page before. Throws a {@link GatewayError} `invalid_cursor` for other text.
	 */
	history(topic: string, before: string | undefined, limit: number): Promise<HistoryPage>;
	/** Merges events of another region's logs, but for those of an epoch below the known one. */
	keepEvents(region: string, logs: ReadonlyMap<string, StoreEvents>): Promise<void>;
	/**
	 * Resolves with the offset after which events of a region are missing here, by topic.
	 *
	 * Complete topics are left out.
	 */
	missing(region: string, topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
	/** Resolves with the stored values of the topics that have values. */
	values(topics: readonly string[]): Promise<ReadonlyMap<string, Values>>;
	/** Stores values: of each key the one with the highest order. */
	keepValues(values: ReadonlyMap<string, Values>): Promise<void>;
	/** Raises the clock of the region's nodes to a time in Unix milliseconds, and resolves with it. */
	raiseClock(to: number): Promise<StoreClock>;
	/**
	 * Removes at most `limit` likes of videos that ended before `endedBefore`, and of their comments.
	 *
	 * `endedBefore` is in Unix milliseconds. Totals and comments stay. One call visits at most `limit` videos. Later calls visit a video until it has no likes left.
	 */
	prune(endedBefore: number, limit: number): Promise<Pruned>;
}
