import { type CounterRows, epochsOf, hashLikes, likedAtOf, mergeLikes, NO_LIKES } from './counters.ts';
import { hashText } from './hash.ts';
import { mergeUpdates, type Update } from './update.ts';

/** The most comments of a video with likes on a node, which drops those that were liked longest ago. */
export const MAX_LIKED_COMMENTS = 500;

/** The comments that were liked last: owners, frontends and stores keep them equal. */
export const NEWEST_LIKED_COMMENTS = 100;

/** The hashes of rows, which change less often than other rows of their video. */
const hashes = new WeakMap<CounterRows, number>();

/**
 * The likes of the comments of a video, by topic: rows by store, which merge as those of a video. The
 * likes of a comment are `complete`, and visible to viewers, once a read of the store is merged.
 * Bounded to the comments that were liked last.
 */
export class CommentLikes {
	readonly #states = new Map<string, Update>();
	/** The epochs of the stores in the rows of the video. */
	#epochs = NO_LIKES;
	/** The comments whose likes are not complete. */
	readonly #incomplete = new Set<string>();
	#newest: readonly (readonly [topic: string, state: Update])[] | undefined;

	/** Returns the likes of a comment. */
	state(topic: string): Update | undefined {
		return this.#states.get(topic);
	}

	/** Merges an update of a comment. Returns its state if that changed and found room. */
	merge(topic: string, update: Update): Update | undefined {
		const known = this.#states.get(topic);
		// mutant: merges-comment-likes
		const { rows, complete, at } = known === undefined ? update : mergeUpdates(known, update);
		const raised = mergeLikes(rows, this.#epochs);
		if (raised === known?.rows && complete === known.complete) return undefined;
		const state: Update = { rows: raised, complete, sample: [], at };
		this.#set(topic, state);
		this.#newest = undefined;
		this.#makeRoom();
		return this.#states.has(topic) ? state : undefined;
	}

	/**
	 * Takes the changed rows of the video. Returns the comments with rows of an earlier epoch of a store:
	 * these rows are void, and the caller must read the comments again.
	 */
	raise(rows: CounterRows): string[] {
		const epochs = mergeLikes(this.#epochs, epochsOf(rows));
		if (epochs === this.#epochs) return [];
		this.#epochs = epochs;
		this.#newest = undefined;
		const outdated: string[] = [];
		for (const [topic, state] of this.#states) {
			const isOutdated = Object.entries(state.rows).some(
				([store, { epoch, counts }]) => epoch < (epochs[store]?.epoch ?? 0) && Object.keys(counts).length > 0,
			);
			const complete = state.complete && !isOutdated;
			this.#set(topic, { ...state, rows: mergeLikes(state.rows, epochs), complete });
			if (isOutdated) outdated.push(topic);
		}
		return outdated;
	}

	/** Returns at most `limit` comments whose likes are not complete. */
	incomplete(limit: number): string[] {
		return this.#incomplete.size === 0 ? [] : [...this.#incomplete].slice(0, limit);
	}

	/** Returns the complete comments that were liked last, the newest first. */
	newest(): readonly (readonly [topic: string, state: Update])[] {
		this.#newest ??= [...this.#states]
			.filter(([, { complete }]) => complete)
			.sort(byLikedAt)
			.slice(0, NEWEST_LIKED_COMMENTS);
		return this.#newest;
	}

	/**
	 * The same number for the same newest comments; 0 without any. It leaves out comments without likes
	 * after a loss of the store, since an owner that reads the store does not know them.
	 */
	get hash(): number {
		let hash = 0;
		for (const [topic, { rows }] of this.newest()) {
			if (likedAtOf(rows) === 0) continue;
			let ofRows = hashes.get(rows);
			if (ofRows === undefined) {
				ofRows = hashLikes(rows);
				hashes.set(rows, ofRows);
			}
			hash ^= hashText(`${topic} ${ofRows}`);
		}
		return hash >>> 0;
	}

	#set(topic: string, state: Update): void {
		this.#states.set(topic, state);
		if (state.complete) this.#incomplete.delete(topic);
		else this.#incomplete.add(topic);
	}

	/** Drops a tenth at a time, so that it sorts seldom. */
	#makeRoom(): void {
		if (this.#states.size <= MAX_LIKED_COMMENTS * 1.1) return;
		for (const [topic] of [...this.#states].sort(byLikedAt).slice(MAX_LIKED_COMMENTS)) {
			this.#states.delete(topic);
			this.#incomplete.delete(topic);
		}
	}
}

function byLikedAt([a, one]: readonly [string, Update], [b, other]: readonly [string, Update]): number {
	return likedAtOf(other.rows) - likedAtOf(one.rows) || (a < b ? -1 : 1);
}
