import type { CounterRows } from '../state/counters.ts';
import type { Values } from '../state/registers.ts';
import type { TimelinePage, TimelineRange } from '../state/timeline.ts';
import type { LogStore } from './log-store.ts';

/** Counts one like. */
export interface LikeCommand {
	readonly kind: 'like';
	/** The liked topic: of a video or of a comment. */
	readonly topic: string;
	readonly id: string;
	readonly user: string;
	readonly type: string;
	/** Whether a user has at most one like of this type per topic. */
	readonly once: boolean;
	/** Whether the store takes no new like, as for an ended video, and only answers repeated ones. */
	readonly ended?: boolean;
	/** The time of its acceptance, in Unix milliseconds. */
	readonly at: number;
	/** The program-date-time that its user saw, in Unix milliseconds; that of `at` when undefined. */
	readonly position?: number | undefined;
}

/** Takes one like of a user back. */
export interface TakeBackCommand {
	readonly kind: 'takeBack';
	readonly topic: string;
	readonly id: string;
	readonly user: string;
	/** As in {@link LikeCommand}. */
	readonly ended?: boolean;
	readonly at: number;
}

export type Command = LikeCommand | TakeBackCommand;

/** Returns the Unix second at which a command counts in the timeline. A like is taken back at its own second. */
export function secondOf(command: Command): number {
	const { at, position = at } = command as LikeCommand;
	return Math.floor(position / 1_000);
}

/** The result of a command. */
export type Outcome =
	| { readonly kind: 'counted' }
	/** Counted before, also if it was taken back or the video ended later. `id` is the counted like. */
	| { readonly kind: 'duplicate'; readonly id: string }
	/** Taken back by this command or, for a duplicate, by an earlier one. */
	| { readonly kind: 'takenBack'; readonly duplicate: boolean }
	/** Refused, because the video ended in this region or another one, or the command is `ended`. */
	| { readonly kind: 'videoEnded' }
	/** The id belongs to a like of another user or type. */
	| { readonly kind: 'conflict' }
	| { readonly kind: 'notFound' }
	| { readonly kind: 'notLiker' };

export interface Commit {
	/** One outcome for each command, in the same order. */
	readonly outcomes: readonly Outcome[];
	/** The rows of each topic of the commands after the commit, as from {@link Store.read}. */
	readonly rows: ReadonlyMap<string, CounterRows>;
}

/**
 * Returns the outcome of the command at `index`.
 *
 * Throws if the store left it out, which is a bug of the store.
 */
export function outcomeAt({ outcomes }: Commit, index: number): Outcome {
	const outcome = outcomes[index];
	if (outcome === undefined) throw new Error(`the store answered ${outcomes.length} commands, not the one at ${index}`);
	return outcome;
}

/** A position in the changes of another region's store. */
export interface Position {
	/** The epoch of that store. A position is void in another epoch. */
	readonly epoch: number;
	/** Opaque to all but the store that wrote it. */
	readonly at: string;
}

/** A page of the changes in a store's own rows and values since a position. */
export interface Changes {
	/** The complete rows of the store's own region, by topic. */
	readonly rows: ReadonlyMap<string, CounterRows>;
	/** The stored values of the store's own region, by topic. */
	readonly values: ReadonlyMap<string, Values>;
	/** The position of the next page. */
	readonly next: Position;
	/** Whether this scan has more pages. Changes since its first page are in the next scan. */
	readonly more: boolean;
}

/** The position that a page of changes leads to. */
export interface Reached {
	/**
	 * The position of the page; undefined for the start.
	 *
	 * A store at another position was restored, or another node syncs, too: it keeps the rows, and its position stays.
	 */
	readonly since: Position | undefined;
	readonly position: Position;
	/** Whether it was the last page of a scan: the replica is complete then. */
	readonly last: boolean;
}

/**
 * Stores the likes, logs and values of a region, with replicas of other regions' stores.
 *
 * Each method rejects with a {@link StoreError} if the store fails. The result of a write is unknown then, and a retry is
 * always safe.
 */
export interface Store extends LogStore {
	/** Whether the store tries requests; false while its database is known to be down. */
	readonly available: boolean;
	/** Carries out all commands in one durable transaction, or none. */
	commit(commands: readonly Command[]): Promise<Commit>;
	/**
	 * Resolves with the rows of the topics.
	 *
	 * Each topic has a row of the store's own region, without counts before its first like. It has a row of each other
	 * region with a complete replica, or with a replica of this topic.
	 */
	read(topics: readonly string[]): Promise<ReadonlyMap<string, CounterRows>>;
	/** Resolves with the rows of the most recently liked comments, at most `limit` per video, by topic. */
	liked(videos: readonly string[], limit: number): Promise<ReadonlyMap<string, CounterRows>>;
	/**
	 * Resolves with a page of the own rows, and then of the own values, that changed since a position.
	 *
	 * A page has at most `limit` rows and `limit` values, in at most 128 KiB. Without a position, or with one of another epoch,
	 * the scan has all rows and values. The first page fixes the bounds of the scan, so it ends, and the next scan has the
	 * changes since then. No change is missing; some come twice.
	 */
	changes(since: Position | undefined, limit: number): Promise<Changes>;
	/** Resolves with the position of the sync with each other region. */
	positions(): Promise<ReadonlyMap<string, Position>>;
	/**
	 * Merges rows of another region's store, without any rows of third regions.
	 *
	 * A `last` page removes all replicated state of that region with lower epochs, also of topics that no page named.
	 */
	replicate(region: string, rows: ReadonlyMap<string, CounterRows>, reached?: Reached): Promise<void>;
	/**
	 * Resolves with the reactions of a video by time, counted by the store's own region.
	 *
	 * A page has whole steps, at most {@link MAX_TIMELINE_POINTS}, and ends early after many rows.
	 */
	timeline(range: TimelineRange): Promise<TimelinePage>;
	/** Finishes running requests and closes the store. A second call is harmless. */
	close(): Promise<void>;
}

/** A failed request to a store. A retry with the same ids is safe. */
export class StoreError extends Error {
	override name = 'StoreError';
	/** Whether the store works and refuses the request; otherwise it is full, damaged or unreachable. */
	readonly isRefusal: boolean;

	constructor(message: string, { isRefusal = false, ...options }: ErrorOptions & { isRefusal?: boolean } = {}) {
		super(message, options);
		this.isRefusal = isRefusal;
	}
}
