import type { CounterRows } from '../state/counters.ts';
import type { LogEvent, LoggedEvent, StoreEvents } from '../state/log.ts';
import type { Values } from '../state/registers.ts';

/** An event that is to be added to the log of a topic. */
export interface AppendCommand {
	readonly kind: 'append';
	readonly topic: string;
	/** Made by the client: the same again is a duplicate. */
	readonly id: string;
	/** Who causes it; empty for a server. */
	readonly user: string;
	readonly event: 'comment' | 'custom';
	/** What else it tells, as its kind has it. */
	readonly data: Readonly<Record<string, unknown>>;
	/** The comment that it answers. */
	readonly parent?: string | undefined;
	/** When it was accepted, in Unix milliseconds. */
	readonly at: number;
}

/**
 * A comment that is to be deleted: its text is forgotten, and its number stays. Two regions may have numbered a comment
 * of the same id, by different users: an author deletes their own, a moderator names the author.
 */
export interface DeleteCommand {
	readonly kind: 'delete';
	readonly topic: string;
	/** That of the comment. */
	readonly id: string;
	readonly user: string;
	/** May delete what others wrote. */
	readonly moderator: boolean;
	/** For a moderator: the author of the comment; undefined for any. */
	readonly author?: string | undefined;
	readonly at: number;
}

/** A video that is to end: nothing is written about it after that. */
export interface EndCommand {
	readonly kind: 'end';
	readonly topic: string;
	readonly at: number;
}

export type LogCommand = AppendCommand | DeleteCommand | EndCommand;

/** What became of a command. */
export type LogOutcome =
	/** In the own log now: the event itself, or that a comment is deleted. */
	| ({ readonly kind: 'added' } & LoggedEvent)
	/** In a log before, also when it was deleted since: the event that is there, as it was written, and whose log it is. */
	| ({ readonly kind: 'duplicate' } & LoggedEvent)
	/** The video is over: by this command, or, for a duplicate, by one before. */
	| { readonly kind: 'ended'; readonly duplicate: boolean }
	/** Refused, since the video is over. */
	| { readonly kind: 'videoEnded' }
	/** The id belongs to an event of another user or with other data. */
	| { readonly kind: 'conflict' }
	| { readonly kind: 'unknownParent' }
	/** The parent answers a comment itself. */
	| { readonly kind: 'parentIsAnswer' }
	| { readonly kind: 'notFound' }
	| { readonly kind: 'notAuthor' }
	/** A moderator named no author, and the id fits comments of several. */
	| { readonly kind: 'ambiguous' };

export interface LogCommit {
	/** One for each command, in their order. */
	readonly outcomes: readonly LogOutcome[];
	/** All that the store knows of each topic that was named, by topic, after the commit. */
	readonly rows: ReadonlyMap<string, CounterRows>;
}

/** A part of the log that the store of a region wrote, as this store has it. */
export interface LogPage extends StoreEvents {
	/** The offset of the newest event that is known to be there; those before it may still be on their way here. */
	readonly head: number;
}

/** A comment of a history, in which those of all regions are. */
export interface HistoryEvent extends LogEvent {
	/** Whose store numbered it. */
	readonly region: string;
}

/** A page of what was said on a topic, newest first. */
export interface HistoryPage {
	readonly comments: readonly HistoryEvent[];
	/** Where the next page begins; undefined when this is the last. */
	readonly next: string | undefined;
}

/** What was forgotten of videos that ended long ago. */
export interface Pruned {
	/** How many likes. */
	readonly likes: number;
	/** There may be more of them. */
	readonly more: boolean;
}

/** Where logs and values are kept: those of the store's own region, and the last that is known of others. */
/** The clock that the nodes of a region share, in Unix milliseconds. */
export interface StoreClock {
	/** How far it was raised. */
	readonly at: number;
	/** The wall time where the store is. */
	readonly wallTime: number;
}

export interface LogStore {
	/** Carries out all commands in one durable transaction, or none. */
	append(commands: readonly LogCommand[]): Promise<LogCommit>;
	/** The events of a region's log behind an offset, oldest first, at most `limit`; deleted ones are `erased`. */
	events(topic: string, region: string, after: number, limit: number): Promise<LogPage>;
	/**
	 * The comments or events of a client's id, of whatever regions; those that stand before those that are `erased`, and
	 * then those of the own region first.
	 */
	find(topic: string, id: string): Promise<readonly LoggedEvent[]>;
	/**
	 * Comments, newest first by order, region and offset: those of a region come in the order in which they are sent live,
	 * and pages stay as they are while others come. Deleted ones are left out.
	 *
	 * @param before the `next` of the page before. Throws a {@link GatewayError} `invalid_cursor` when it is none.
	 */
	history(topic: string, before: string | undefined, limit: number): Promise<HistoryPage>;
	/** Merges what another region's store said of its logs. Of a lower epoch than is known: nothing. */
	keepEvents(region: string, logs: ReadonlyMap<string, StoreEvents>): Promise<void>;
	/** Behind which offset events of a region are missing here, for those of the topics where some are. */
	missing(region: string, topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
	/** The stored values of the topics, of those that have some. */
	values(topics: readonly string[]): Promise<ReadonlyMap<string, Values>>;
	/** Keeps values: of each key the one with the higher order. */
	keepValues(values: ReadonlyMap<string, Values>): Promise<void>;
	/** Raises the clock that the nodes of the region share to a time, in Unix milliseconds; returns how it stands then. */
	raiseClock(to: number): Promise<StoreClock>;
	/**
	 * Forgets likes of videos that ended before `endedBefore`, in Unix milliseconds, and of their comments, at most `limit`;
	 * totals and comments stay. It looks at no more than `limit` of those videos, each of which is looked at until it has
	 * no likes left, and not again.
	 */
	prune(endedBefore: number, limit: number): Promise<Pruned>;
}
