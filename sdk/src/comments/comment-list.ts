import type { Comment, CommentEvent, CommentLikesEvent } from '@likewire/protocol';
import { type LikewireError, uuid, type Video } from '../index.ts';

/**
 * How long after the first state the list reads the newest page again, in milliseconds.
 * A page may be 1 s old.
 */
const READ_AGAIN_MS = 2_000;

/** Changes within this time are rendered at once, in milliseconds. */
const FRAME_MS = 16;

/** A comment as a list shows it. */
export interface CommentEntry extends Omit<Comment, 'user' | 'region' | 'video'> {
	/** The key for React; it does not change from `sending` to `sent`. */
	readonly key: string;
	/** Undefined until the gateway stored a comment of this client. */
	readonly user: string | undefined;
	/** The region that stored it; undefined until the gateway stored a comment of this client. */
	readonly region: string | undefined;
	/** `sending`: not stored yet; `failed`: refused, see `error`. */
	readonly status: 'sent' | 'sending' | 'failed';
	/** Why a `failed` comment was refused; undefined for any other. */
	readonly error?: LikewireError | undefined;
}

/** The comments of a video: history, new ones, and those that this client sends, as one list. */
export interface CommentsState {
	/** Oldest first; comments that are not stored yet come last. The same array until something changes. */
	readonly comments: readonly CommentEntry[];
	/** Whether a page of the history is loading. */
	readonly loading: boolean;
	/** Whether older comments may exist. */
	readonly hasMore: boolean;
	/** Why the last page could not be read. */
	readonly error: LikewireError | undefined;
}

export const NO_COMMENTS: CommentsState = { comments: [], loading: false, hasMore: true, error: undefined };

/** How a list loads, and how much it keeps. */
export interface CommentsOptions {
	/** The number of comments in a page: 1 to 100. Default 50. */
	readonly pageSize?: number | undefined;
	/** The most comments that the list keeps; the oldest leave when new ones arrive. Default 1,000. */
	readonly max?: number | undefined;
}

type Key = Pick<CommentEvent, 'id' | 'user' | 'region'>;
const keyOf = ({ id, user, region }: Key) => `${region} ${user} ${id}`;

const byTime = (a: CommentEntry, b: CommentEntry) => a.at - b.at || (a.id < b.id ? -1 : 1);

/** Keeps the list of one handle. Calls `onChange` at most once in {@link FRAME_MS}. */
export class CommentList {
	readonly #video: Video;
	readonly #pageSize: number;
	readonly #max: number;
	readonly #onChange: () => void;
	/** Stored comments by region, author and id. */
	readonly #stored = new Map<string, CommentEntry>();
	/** Comments of this client without an answer, by id, in the order in which they were sent. */
	readonly #pending = new Map<string, CommentEntry & { readonly parent?: string }>();
	/** React keys of own comments, by id. */
	readonly #ownKeys = new Map<string, string>();
	readonly #deleted = new Set<string>();
	#history: AsyncIterableIterator<Comment>;
	#state = NO_COMMENTS;
	#isStale = false;
	#timers = new Set<ReturnType<typeof setTimeout>>();
	#notifying = false;
	#closed = false;

	constructor(video: Video, { pageSize = 50, max = 1_000 }: CommentsOptions, onChange: () => void) {
		this.#video = video;
		this.#pageSize = pageSize;
		this.#max = max;
		this.#onChange = onChange;
		this.#history = video.comments({ limit: pageSize });
		video.on('comment', (comment) => this.#show(comment));
		video.on('comment-deleted', (comment) => {
			this.#deleted.add(keyOf(comment));
			if (this.#stored.delete(keyOf(comment))) this.#changed();
		});
		video.on('comment-likes', (event) => this.#showLikes(event));
		video.on('gap', () => void this.#readNewest());
		const unbind = video.on('likes', () => {
			unbind();
			this.#later(() => void this.#readNewest(), READ_AGAIN_MS);
		});
		void this.loadMore();
	}

	get state(): CommentsState {
		if (this.#isStale) {
			this.#isStale = false;
			const comments = [...this.#stored.values()].sort(byTime).concat([...this.#pending.values()]);
			this.#state = { ...this.#state, comments };
		}
		return this.#state;
	}

	/** Reads the next older page. */
	readonly loadMore = async (): Promise<void> => {
		const { loading, hasMore } = this.#state;
		if (loading || !hasMore || this.#closed) return;
		this.#set({ loading: true, error: undefined });
		try {
			for (let read = 0; read < this.#pageSize; read++) {
				const { value, done } = await this.#history.next();
				if (done) {
					this.#set({ hasMore: false });
					break;
				}
				this.#keep(value);
			}
			this.#set({ loading: false });
		} catch (error) {
			this.#set({ loading: false, error: error as LikewireError });
		}
	};

	/** Sends a comment, which shows at once; a failed one stays with its error. */
	readonly send = async (text: string, { parent }: { readonly parent?: string | undefined } = {}): Promise<void> => {
		const id = uuid();
		this.#ownKeys.set(id, id);
		await this.#send({
			key: id,
			id,
			text,
			at: Date.now(),
			user: undefined,
			region: undefined,
			status: 'sending',
			...(parent !== undefined && { parent }),
		});
	};

	/** Sends a failed comment again, as the same comment. */
	readonly retry = async (id: string): Promise<void> => {
		const failed = this.#pending.get(id);
		if (failed?.status === 'failed') await this.#send({ ...failed, status: 'sending', error: undefined });
	};

	/** Removes a failed comment from the list. */
	readonly discard = (id: string): void => {
		if (this.#pending.get(id)?.status === 'failed' && this.#pending.delete(id)) this.#changed();
	};

	close(): void {
		this.#closed = true;
		for (const timer of this.#timers) clearTimeout(timer);
		void this.#history.return?.();
	}

	async #send(entry: CommentEntry): Promise<void> {
		const { id, text, parent } = entry;
		this.#pending.set(id, entry);
		this.#changed();
		try {
			const { duplicate, ...comment } = await this.#video.comment(text, { id, parent });
			this.#show(comment);
		} catch (error) {
			// The comment arrived on the stream while its answer was lost.
			if (!this.#pending.has(id)) return;
			this.#pending.set(id, { ...entry, status: 'failed', error: error as LikewireError });
			this.#changed();
		}
	}

	#show(comment: Comment): void {
		if (this.#ownKeys.has(comment.id)) this.#pending.delete(comment.id);
		this.#keep(comment);
		if (this.#stored.size <= this.#max) return;
		for (const [key] of [...this.#stored]
			.sort(([, a], [, b]) => byTime(a, b))
			.slice(0, this.#stored.size - this.#max)) {
			this.#stored.delete(key);
		}
	}

	#keep(comment: Comment): void {
		const key = keyOf(comment);
		if (this.#deleted.has(key)) return;
		const known = this.#stored.get(key);
		const { video: _, ...rest } = comment;
		this.#stored.set(key, { ...known, ...rest, key: this.#ownKeys.get(comment.id) ?? key, status: 'sent' });
		this.#changed();
	}

	#showLikes({ id, user, totals }: CommentLikesEvent): void {
		for (const [key, entry] of this.#stored) {
			if (entry.id !== id || entry.user !== user) continue;
			this.#stored.set(key, { ...entry, likes: totals });
			this.#changed();
		}
	}

	/** Reads the comments between the first page and the start of the stream, or in a gap. */
	async #readNewest(): Promise<void> {
		const newest = this.#video.comments({ limit: this.#pageSize });
		try {
			for (let read = 0; read < this.#pageSize && !this.#closed; read++) {
				const { value, done } = await newest.next();
				if (done) return;
				this.#keep(value);
			}
		} catch (error) {
			this.#set({ error: error as LikewireError });
		}
	}

	#set(change: Partial<CommentsState>): void {
		this.#state = { ...this.#state, ...change };
		this.#changed(false);
	}

	#changed(list = true): void {
		this.#isStale ||= list;
		if (this.#notifying || this.#closed) return;
		this.#notifying = true;
		this.#later(() => {
			this.#notifying = false;
			this.#onChange();
		}, FRAME_MS);
	}

	#later(action: () => void, ms: number): void {
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			action();
		}, ms);
		this.#timers.add(timer);
	}
}
