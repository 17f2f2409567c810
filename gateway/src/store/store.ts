import type { LikesRows } from '../delivery/likes.ts';

/** One like that is to be counted. */
export interface LikeCommand {
	readonly kind: 'like';
	readonly video: string;
	readonly id: string;
	readonly user: string;
	readonly type: string;
	/** Only one like of this type stands for a user and video. */
	readonly once: boolean;
	/** When it was accepted, in Unix milliseconds. */
	readonly at: number;
}

/** One like that its user takes back. */
export interface TakeBackCommand {
	readonly kind: 'takeBack';
	readonly video: string;
	readonly id: string;
	readonly user: string;
	readonly at: number;
}

export type Command = LikeCommand | TakeBackCommand;

/** What became of a command. */
export type Outcome =
	| { readonly kind: 'counted' }
	/** Counted before, also when it was taken back since; `id` is the like that was counted. */
	| { readonly kind: 'duplicate'; readonly id: string }
	| { readonly kind: 'takenBack' }
	/** The id belongs to a like of another user or type. */
	| { readonly kind: 'conflict' }
	| { readonly kind: 'notFound' }
	| { readonly kind: 'notLiker' };

export interface Commit {
	/** One for each command, in their order. */
	readonly outcomes: readonly Outcome[];
	/** All that the store knows of each video that was named, after the commit. */
	readonly rows: ReadonlyMap<string, LikesRows>;
}

/** The outcome of the command at `index`. Throws when the store left it out, which is a bug of the store. */
export function outcomeAt({ outcomes }: Commit, index: number): Outcome {
	const outcome = outcomes[index];
	if (outcome === undefined) throw new Error(`the store answered ${outcomes.length} commands, not the one at ${index}`);
	return outcome;
}

/** Where likes are kept. Every method rejects with a {@link StoreError} when the store cannot do it; then nothing was done. */
export interface Store {
	/** Carries out all commands in one durable transaction, or none. */
	commit(commands: readonly Command[]): Promise<Commit>;
	/** What the store knows of the videos; those without a like have empty rows. */
	read(videos: readonly string[]): Promise<ReadonlyMap<string, LikesRows>>;
	/** Finishes what was begun and closes. May be called twice. */
	close(): Promise<void>;
}

/** The store cannot work now (disk full, damaged, gone); retrying with the same ids is safe. */
export class StoreError extends Error {
	override name = 'StoreError';
}
