import type { Comment, Totals } from '@likewire/sdk';
import { sum } from '../reaction-types.ts';

/** `sending`: not answered yet; `failed`: refused, and kept for another attempt. */
export type CommentState = 'sending' | 'failed' | 'stored';

/** The author and the id of a comment, by which its likes are counted. An unsent comment has no other name. */
type Written = Pick<Comment, 'id' | 'user'>;

/** The name of a stored comment. Another author, or the same author in another region, may have used the same id. */
type CommentName = Pick<Comment, 'id' | 'user' | 'region'>;

/** A shown comment. */
export interface ShownComment extends CommentName {
	/** Unique for each comment. */
	readonly key: string;
	readonly text: string;
	readonly at: number;
	readonly parent: string | undefined;
	/** Empty until it is stored. */
	readonly region: string;
	readonly state: CommentState;
	readonly likes: number;
	/** Whether this viewer liked it. */
	readonly liked: boolean;
}

/** The limit of comments; beyond it the oldest is dropped. */
export const MAX_COMMENTS = 10_000;

/** The limit of remembered deletions: a page of the history may be older than a deletion. */
const MAX_DELETED = 1_000;

/** The limit of comments whose likes arrived first. Beyond it the oldest likes are dropped, and shown with the next like. */
const MAX_EARLY_LIKES = 2_000;

/** The comments of the page: from the history, from the stream, and unsent ones of this viewer, each once. */
export interface CommentList {
	/** Sorted by time, the oldest first, then by arrival; unsent comments last. */
	readonly items: readonly ShownComment[];
	get(name: CommentName): ShownComment | undefined;
	/** Returns the stored comments after this one, or after its time if the list no longer has it; all without one. */
	storedAfter(comment: ShownComment | undefined): readonly ShownComment[];
	/** Returns the comment that an answer names by its id. */
	answered(id: string): ShownComment | undefined;
	/** Adds a comment that is being sent. */
	send(comment: Written & { readonly text: string; readonly parent?: string | undefined; readonly at: number }): void;
	fail(comment: Written): void;
	/** Adds a stored comment after the others of its millisecond. Returns whether it is new. */
	store(comment: Comment): boolean;
	/** Returns a function that takes the comments of the history, newest first: each goes before the previous one of its millisecond. */
	readHistory(): (comment: Comment) => void;
	/** Removes a deleted or discarded comment. Others of its id remain. */
	remove(name: CommentName): void;
	/** Shows or hides the like of this viewer at once. */
	like(comment: Written, liked: boolean): void;
	setLikes(comment: Written, totals: Totals): void;
	/** Drops all stored comments, before the history is read again. */
	reset(): void;
}

/** The region of a comment that is not stored yet. */
const NO_REGION = '';

function writtenKey({ id, user }: Written): string {
	return `${user} ${id}`;
}

function keyOf(name: CommentName): string {
	return `${name.region} ${writtenKey(name)}`;
}

function isStored({ state }: ShownComment): boolean {
	return state === 'stored';
}

function isBefore(one: ShownComment, other: ShownComment): boolean {
	const stored = isStored(one);
	return stored === isStored(other) ? one.at < other.at : stored;
}

/** Drops the first entry of a collection beyond its limit. */
function dropFirst(ids: Map<string, number> | Set<string>, most: number): void {
	if (ids.size <= most) return;
	for (const first of ids.keys()) {
		ids.delete(first);
		return;
	}
}

export function createCommentList(): CommentList {
	const items: ShownComment[] = [];
	const byId = new Map<string, ShownComment[]>();
	const deleted = new Set<string>();
	const earlyLikes = new Map<string, number>();

	function get(name: CommentName): ShownComment | undefined {
		const key = keyOf(name);
		return byId.get(name.id)?.find((item) => item.key === key);
	}

	/** Returns the comments of one author and id, in all regions. */
	function writtenBy({ id, user }: Written): readonly ShownComment[] {
		return (byId.get(id) ?? []).filter((item) => item.user === user);
	}

	/** Replaces a comment in the index of its id; without `known` it adds `next`, without `next` it drops `known`. */
	function index(id: string, known: ShownComment | undefined, next: ShownComment | undefined): void {
		const same = byId.get(id) ?? [];
		same.splice(known === undefined ? same.length : same.indexOf(known), 1, ...(next === undefined ? [] : [next]));
		if (same.length > 0) byId.set(id, same);
		else byId.delete(id);
	}

	/** Returns the first index for which `isAfter` holds; it must hold for all later ones. */
	function firstIndex(isAfter: (item: ShownComment) => boolean): number {
		let low = 0;
		let high = items.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (isAfter(items[middle] as ShownComment)) high = middle;
			else low = middle + 1;
		}
		return low;
	}

	/** Returns the index after all comments of this time. It tries the end first, where live comments go. */
	function indexAfter(comment: ShownComment): number {
		const last = items.at(-1);
		if (last === undefined || !isBefore(comment, last)) return items.length;
		return firstIndex((item) => isBefore(comment, item));
	}

	function indexBefore(comment: ShownComment): number {
		return firstIndex((item) => !isBefore(item, comment));
	}

	/** Returns the index of a comment of the list. */
	function indexOf(known: ShownComment): number {
		return items.indexOf(known, indexBefore(known));
	}

	function take(known: ShownComment | undefined): void {
		if (known === undefined) return;
		items.splice(indexOf(known), 1);
		index(known.id, known, undefined);
	}

	/** Adds a comment, or replaces it in its place unless its time changed. */
	function put(comment: ShownComment, findIndex = indexAfter): void {
		const known = get(comment);
		if (known !== undefined && !isBefore(known, comment) && !isBefore(comment, known)) {
			items[indexOf(known)] = comment;
			index(comment.id, known, comment);
			return;
		}
		take(known);
		items.splice(findIndex(comment), 0, comment);
		index(comment.id, undefined, comment);
		if (items.length > MAX_COMMENTS) take(items[0]);
	}

	function store({ id, user, text, at, parent, region, likes }: Comment, findIndex?: typeof indexAfter): boolean {
		const key = keyOf({ id, user, region });
		if (deleted.has(key)) return false;
		const known = get({ id, user, region });
		if (known === undefined) take(get({ id, user, region: NO_REGION }));
		const written = writtenKey({ id, user });
		// Likes count for the author and the id, over all regions.
		const same = writtenBy({ id, user });
		const counted = Math.max(sum(likes ?? {}), earlyLikes.get(written) ?? 0, ...same.map((item) => item.likes));
		const liked = same.some((item) => item.liked);
		earlyLikes.delete(written);
		put({ key, id, user, text, at, parent, region, state: 'stored', likes: counted, liked }, findIndex);
		return known === undefined;
	}

	return {
		items,
		get,
		storedAfter(comment) {
			if (comment === undefined) return items.filter(isStored);
			const known = get(comment);
			return items.slice(known === undefined ? indexAfter(comment) : indexOf(known) + 1).filter(isStored);
		},
		answered(id) {
			const known = byId.get(id);
			return known?.find(({ parent }) => parent === undefined) ?? known?.[0];
		},
		send({ id, user, text, at, parent }) {
			const name = { id, user, region: NO_REGION };
			put({ key: keyOf(name), ...name, text, at, parent, state: 'sending', likes: 0, liked: false });
		},
		fail({ id, user }) {
			const known = get({ id, user, region: NO_REGION });
			if (known !== undefined) put({ ...known, state: 'failed' });
		},
		store: (comment) => store(comment),
		readHistory() {
			let newer: CommentName | undefined;
			return (comment) => {
				const next = newer && get(newer);
				const isNextOfSameTime = next?.at === comment.at;
				store(comment, isNextOfSameTime ? () => indexOf(next) : indexBefore);
				if (get(comment) !== undefined) newer = comment;
			};
		},
		remove(name) {
			const known = get(name);
			deleted.add(keyOf(name));
			dropFirst(deleted, MAX_DELETED);
			take(known);
			if (writtenBy(name).length === 0) earlyLikes.delete(writtenKey(name));
		},
		like(comment, liked) {
			for (const known of writtenBy(comment)) {
				if (known.liked !== liked) put({ ...known, liked, likes: known.likes + (liked ? 1 : -1) });
			}
		},
		setLikes(comment, totals) {
			const known = writtenBy(comment);
			// The totals may not include the like of this viewer yet. A number that falls and rises again looks broken.
			for (const item of known) put({ ...item, likes: Math.max(sum(totals), item.liked ? item.likes : 0) });
			if (known.length > 0) return;
			// The likes of a comment may arrive before it.
			const key = writtenKey(comment);
			earlyLikes.delete(key);
			earlyLikes.set(key, sum(totals));
			dropFirst(earlyLikes, MAX_EARLY_LIKES);
		},
		reset() {
			for (const item of [...items]) if (isStored(item)) take(item);
		},
	};
}
