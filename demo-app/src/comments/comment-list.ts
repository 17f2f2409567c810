import type { Comment, Totals } from '@likewire/sdk';
import { sum } from '../reaction-types.ts';

/** `sending`: not answered yet; `failed`: refused, and kept to be sent again. */
export type CommentState = 'sending' | 'failed' | 'stored';

/** A comment as it is shown. */
export interface ShownComment {
	readonly id: string;
	readonly user: string;
	readonly text: string;
	readonly at: number;
	readonly parent: string | undefined;
	readonly state: CommentState;
	readonly likes: number;
	/** This viewer liked it. */
	readonly liked: boolean;
}

/** So many are kept; the oldest make room. */
export const MAX_COMMENTS = 10_000;

/** Ids of deleted comments that are remembered: a page of history may be older than their end. */
const MAX_DELETED = 1_000;

/** The comments of a page: from the history, from the stream, and one's own before they are stored. Each once. */
export interface CommentList {
	/** By time, the oldest first; what is not stored yet comes last. */
	readonly items: readonly ShownComment[];
	get(id: string): ShownComment | undefined;
	/** It is on its way. */
	send(comment: {
		readonly id: string;
		readonly user: string;
		readonly text: string;
		readonly parent?: string | undefined;
		readonly at: number;
	}): void;
	fail(id: string): void;
	/** It is stored. Says whether it is news. */
	store(comment: Comment): boolean;
	remove(id: string): void;
	/** Shows this viewer's like at once, or takes it away again. */
	like(id: string, liked: boolean): void;
	setLikes(id: string, totals: Totals): void;
	/** Forgets what is stored: it is read anew. */
	reset(): void;
}

function isBefore(one: ShownComment, other: ShownComment): boolean {
	const stored = one.state === 'stored';
	if (stored !== (other.state === 'stored')) return stored;
	return one.at !== other.at ? one.at < other.at : one.id < other.id;
}

export function createCommentList(): CommentList {
	const items: ShownComment[] = [];
	const byId = new Map<string, ShownComment>();
	const deleted = new Set<string>();

	/** The place of one that is there, or where it would go. What comes live goes to the end, so the search begins there. */
	function placeOf(comment: ShownComment): number {
		let low = 0;
		let high = items.length;
		const last = items.at(-1);
		if (last !== undefined && isBefore(last, comment)) return high;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (isBefore(items[middle] as ShownComment, comment)) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	function take(id: string): ShownComment | undefined {
		const known = byId.get(id);
		if (known === undefined) return undefined;
		items.splice(placeOf(known), 1);
		byId.delete(id);
		return known;
	}

	function put(comment: ShownComment): void {
		take(comment.id);
		items.splice(placeOf(comment), 0, comment);
		byId.set(comment.id, comment);
		if (items.length > MAX_COMMENTS) byId.delete(items.shift()?.id ?? '');
	}

	function change(id: string, changes: Partial<ShownComment>): void {
		const known = byId.get(id);
		if (known !== undefined) put({ ...known, ...changes });
	}

	return {
		items,
		get: (id) => byId.get(id),
		send: ({ id, user, text, at, parent }) =>
			put({ id, user, text, at, parent, state: 'sending', likes: 0, liked: false }),
		fail(id) {
			if (byId.get(id)?.state === 'sending') change(id, { state: 'failed' });
		},
		store({ id, user, text, at, parent, likes }) {
			if (deleted.has(id)) return false;
			const known = byId.get(id);
			const counted = Math.max(known?.likes ?? 0, sum(likes ?? {}));
			put({ id, user, text, at, parent, state: 'stored', likes: counted, liked: known?.liked ?? false });
			return known?.state !== 'stored';
		},
		remove(id) {
			deleted.add(id);
			if (deleted.size > MAX_DELETED) {
				for (const oldest of deleted) {
					deleted.delete(oldest);
					break;
				}
			}
			take(id);
		},
		like(id, liked) {
			const known = byId.get(id);
			if (known !== undefined && known.liked !== liked) change(id, { liked, likes: known.likes + (liked ? 1 : -1) });
		},
		setLikes(id, totals) {
			const known = byId.get(id);
			// One's own may not be in it yet, and a number that falls and rises again looks broken.
			if (known !== undefined) change(id, { likes: Math.max(sum(totals), known.liked ? known.likes : 0) });
		},
		reset() {
			for (const { id, state } of [...items]) if (state === 'stored') take(id);
		},
	};
}
