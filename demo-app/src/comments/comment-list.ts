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

/** Comments whose likes came first; those whose likes are the oldest news make room, and show them with the next like. */
const MAX_EARLY_LIKES = 2_000;

/** The comments of a page: from the history, from the stream, and one's own before they are stored. Each once. */
export interface CommentList {
	/** By time, those of one millisecond as they came, the oldest first; what is not stored yet comes last. */
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
	/** It is stored, after all others of its millisecond that are there. Says whether it is news. */
	store(comment: Comment): boolean;
	/** Begins to take what the history has, the newest first: of one millisecond, each goes before the one that came last. */
	readHistory(): (comment: Comment) => void;
	remove(id: string): void;
	/** Shows this viewer's like at once, or takes it away again. */
	like(id: string, liked: boolean): void;
	setLikes(id: string, totals: Totals): void;
	/** Forgets what is stored: it is read anew. */
	reset(): void;
}

function isBefore(one: ShownComment, other: ShownComment): boolean {
	const stored = one.state === 'stored';
	return stored === (other.state === 'stored') ? one.at < other.at : stored;
}

/** Keeps a collection small: the first that was put in goes. */
function dropFirst(ids: Map<string, number> | Set<string>, most: number): void {
	if (ids.size <= most) return;
	for (const first of ids.keys()) {
		ids.delete(first);
		return;
	}
}

export function createCommentList(): CommentList {
	const items: ShownComment[] = [];
	const byId = new Map<string, ShownComment>();
	const deleted = new Set<string>();
	const earlyLikes = new Map<string, number>();

	/** The first place of which `isThere` holds; it holds of all that follow. */
	function firstPlace(isThere: (item: ShownComment) => boolean): number {
		let low = 0;
		let high = items.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (isThere(items[middle] as ShownComment)) high = middle;
			else low = middle + 1;
		}
		return low;
	}

	/** Behind all of its time. What comes live goes to the end, so that is tried first. */
	function placeAfter(comment: ShownComment): number {
		const last = items.at(-1);
		if (last === undefined || !isBefore(comment, last)) return items.length;
		return firstPlace((item) => isBefore(comment, item));
	}

	function placeBefore(comment: ShownComment): number {
		return firstPlace((item) => !isBefore(item, comment));
	}

	/** The place of one that is there. */
	function placeOf(known: ShownComment): number {
		return items.indexOf(known, placeBefore(known));
	}

	function take(id: string): ShownComment | undefined {
		const known = byId.get(id);
		if (known === undefined) return undefined;
		items.splice(placeOf(known), 1);
		byId.delete(id);
		return known;
	}

	/** One that is there stays where it is, unless its time is another one. */
	function put(comment: ShownComment, findPlace = placeAfter): void {
		const known = byId.get(comment.id);
		if (known !== undefined && !isBefore(known, comment) && !isBefore(comment, known)) {
			items[placeOf(known)] = comment;
			byId.set(comment.id, comment);
			return;
		}
		take(comment.id);
		items.splice(findPlace(comment), 0, comment);
		byId.set(comment.id, comment);
		if (items.length > MAX_COMMENTS) byId.delete(items.shift()?.id ?? '');
	}

	function change(id: string, changes: Partial<ShownComment>): void {
		const known = byId.get(id);
		if (known !== undefined) put({ ...known, ...changes });
	}

	function store({ id, user, text, at, parent, likes }: Comment, findPlace?: typeof placeAfter): boolean {
		if (deleted.has(id)) return false;
		const known = byId.get(id);
		const counted = Math.max(known?.likes ?? 0, sum(likes ?? {}), earlyLikes.get(id) ?? 0);
		earlyLikes.delete(id);
		put({ id, user, text, at, parent, state: 'stored', likes: counted, liked: known?.liked ?? false }, findPlace);
		return known?.state !== 'stored';
	}

	return {
		items,
		get: (id) => byId.get(id),
		send: ({ id, user, text, at, parent }) =>
			put({ id, user, text, at, parent, state: 'sending', likes: 0, liked: false }),
		fail(id) {
			if (byId.get(id)?.state === 'sending') change(id, { state: 'failed' });
		},
		store: (comment) => store(comment),
		readHistory() {
			let newer: string | undefined;
			return (comment) => {
				const next = byId.get(newer ?? '');
				const isNextOfSameTime = next?.state === 'stored' && next.at === comment.at;
				store(comment, isNextOfSameTime ? () => placeOf(next) : placeBefore);
				if (byId.has(comment.id)) newer = comment.id;
			};
		},
		remove(id) {
			deleted.add(id);
			dropFirst(deleted, MAX_DELETED);
			earlyLikes.delete(id);
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
			else if (!deleted.has(id)) {
				// The likes of a comment may come before it.
				earlyLikes.delete(id);
				earlyLikes.set(id, sum(totals));
				dropFirst(earlyLikes, MAX_EARLY_LIKES);
			}
		},
		reset() {
			for (const { id, state } of [...items]) if (state === 'stored') take(id);
		},
	};
}
