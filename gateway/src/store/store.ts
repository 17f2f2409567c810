import type { CounterRows } from '../state/counters.ts';
import type { Values } from '../state/registers.ts';
import type { LogStore } from './log-store.ts';

/** One like that is to be counted. */
export interface LikeCommand {
	readonly kind: 'like';
	/** What is liked: the topic of a video, or of a comment. */
	readonly topic: string;
	readonly id: string;
	readonly user: string;
	readonly type: string;
	/** Only one like of this type stands for a user and topic. */
	readonly once: boolean;
	/** Nothing new is taken, as if the video was over: only what was done before is answered. */
	readonly ended?: boolean;
	/** When it was accepted, in Unix milliseconds. */
	readonly at: number;
}

/** One like that its user takes back. */
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

/** What became of a command. */
export type Outcome =
	| { readonly kind: 'counted' }
	/** Counted before, also when it was taken back or the video ended since; `id` is the like that was counted. */
	| { readonly kind: 'duplicate'; readonly id: string }
	/** By this command, or, for a duplicate, by one before. */
	| { readonly kind: 'takenBack'; readonly duplicate: boolean }
	/** Refused, since the video is over: in this region, or as another one has said. */
	| { readonly kind: 'videoEnded' }
	/** The id belongs to a like of another user or type. */
	| { readonly kind: 'conflict' }
	| { readonly kind: 'notFound' }
	| { readonly kind: 'notLiker' };

export interface Commit {
	/** One for each command, in their order. */
	readonly outcomes: readonly Outcome[];
	/** All that the store knows of each topic that was named, after the commit: as {@link Store.read}. */
	readonly rows: ReadonlyMap<string, CounterRows>;
}

/** The outcome of the command at `index`. Throws when the store left it out, which is a bug of the store. */
export function outcomeAt({ outcomes }: Commit, index: number): Outcome {
	const outcome = outcomes[index];
	if (outcome === undefined) throw new Error(`the store answered ${outcomes.length} commands, not the one at ${index}`);
	return outcome;
}

/** How far the changes of another region's store were taken over. */
export interface Position {
	/** Of the store at that time; under another epoch the position means nothing. */
	readonly epoch: number;
	/** Opaque; only who wrote it can read it. */
	readonly at: string;
}

/** What changed in a store's own rows and values since a position. */
export interface Changes {
	/** By topic, whole: the rows of the store's own region and no other. */
	readonly rows: ReadonlyMap<string, CounterRows>;
	/** The stored values that were written in the store's own region, by topic. */
	readonly values: ReadonlyMap<string, Values>;
	/** Where the next page begins. */
	readonly next: Position;
	/** There is another page before what changed since the first one. */
	readonly more: boolean;
}

/** How far a page of changes leads. */
export interface Reached {
	/**
	 * Where the page began; undefined when it was the beginning. A store that stands elsewhere by now has been restored
	 * meanwhile, or somebody else takes over: it keeps the rows, and stays where it is.
	 */
	readonly since: Position | undefined;
	readonly position: Position;
	/** There was no other page: all that the other store had is known now. */
	readonly last: boolean;
}

/**
 * Where the likes, logs and values of a region are kept, with the last that is known of the stores of other regions. Every
 * method rejects with a {@link StoreError} when the store cannot do it. What became of a write may not be known then;
 * asking for the same again is always safe.
 */
export interface Store extends LogStore {
	/** Whether what is asked now is tried at all; false while its database is known to be away. */
	readonly available: boolean;
	/** Carries out all commands in one durable transaction, or none. */
	commit(commands: readonly Command[]): Promise<Commit>;
	/**
	 * All that is known of the topics. There is a row of the store's own region for each, without counts if nobody liked
	 * it, and one of every other region that was taken over to the end, or that has said something of this topic.
	 */
	read(topics: readonly string[]): Promise<ReadonlyMap<string, CounterRows>>;
	/** All that is known of the comments of videos that were liked last, of each video at most `limit`, by their topics. */
	liked(videos: readonly string[], limit: number): Promise<ReadonlyMap<string, CounterRows>>;
	/**
	 * A page of the own rows, and then of the own values, that changed since a position: up to `limit` of each, and fewer
	 * where that would be more than 128 kB. Without a position, or with one of another epoch, all. What there is to tell is
	 * settled with the first page: a walk through the pages ends, and what changed meanwhile is told by the next one. None
	 * is ever missed; some come twice.
	 */
	changes(since: Position | undefined, limit: number): Promise<Changes>;
	/** How far each other region was taken over. */
	positions(): Promise<ReadonlyMap<string, Position>>;
	/**
	 * Merges what another region's store said of itself; rows of other regions among it are left out. Once a `last` page
	 * was reached, what that region said under lower epochs is forgotten, also of topics that it named no more.
	 */
	replicate(region: string, rows: ReadonlyMap<string, CounterRows>, reached?: Reached): Promise<void>;
	/** Finishes what was begun and closes. May be called twice. */
	close(): Promise<void>;
}

/** The store did not do what it was asked; retrying with the same ids is safe. */
export class StoreError extends Error {
	override name = 'StoreError';
	/** The store works, and refuses what it was asked; otherwise it cannot work now (disk full, damaged, gone). */
	readonly isRefusal: boolean;

	constructor(message: string, { isRefusal = false, ...options }: ErrorOptions & { isRefusal?: boolean } = {}) {
		super(message, options);
		this.isRefusal = isRefusal;
	}
}
