import { type CounterRows, epochsOf, hashLikes, likedAtOf, mergeLikes, NO_LIKES } from './counters.ts';
import { hashText } from './hash.ts';
import { mergeUpdates, type Update } from './update.ts';

/** Comments of a video whose likes a node remembers; beyond it those that were liked longest ago are forgotten. */
export const MAX_LIKED_COMMENTS = 500;

/** Of these the ones that were liked last, which owners, frontends and stores keep equal, and who comes back receives. */
export const NEWEST_LIKED_COMMENTS = 100;

/** A hash of rows that change seldom, while the others of their video do. */
const hashes = new WeakMap<CounterRows, number>();

/**
 * The likes of the comments of a video, by topic: rows by store, merged as those of a video are. The likes of a comment are
 * `complete`, and may be shown, once a read of the store is in them. Bounded: those that were liked last.
 */
export class CommentLikes {
	readonly #states = new Map<string, Update>();
	/** The epochs of the stores, as the rows of the video have them. */
	#epochs = NO_LIKES;
	/** The ones that are not complete. */
	readonly #incomplete = new Set<string>();
	#newest: readonly (readonly [topic: string, state: Update])[] | undefined;

	/** What is known of a comment. */
	state(topic: string): Update | undefined {
		return this.#states.get(topic);
	}

	/** Merges an update of a comment. Returns its state if that has changed, and was not too old to be remembered. */
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
	 * The rows of the video changed. Returns the comments of which a store has begun anew: what it counted before counts no
	 * more, and what it counts now has to be read.
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

	/** Comments whose likes have to be read, at most so many. */
	incomplete(limit: number): string[] {
		return this.#incomplete.size === 0 ? [] : [...this.#incomplete].slice(0, limit);
	}

	/** The complete ones that were liked last, the newest first. */
	newest(): readonly (readonly [topic: string, state: Update])[] {
		this.#newest ??= [...this.#states]
			.filter(([, { complete }]) => complete)
			.sort(byLikedAt)
			.slice(0, NEWEST_LIKED_COMMENTS);
		return this.#newest;
	}

	/**
	 * The same number for the same newest ones; 0 for none. Without those whose likes are all lost: an owner that reads the
	 * store does not know them.
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

	/** Forgets a tenth at a time, so that sorting is rare. */
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
