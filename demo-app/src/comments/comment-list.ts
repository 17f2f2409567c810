import type { Comment, Totals } from '@likewire/sdk';
import { sum } from '../reaction-types.ts';

/** `sending`: not answered yet; `failed`: refused, and kept to be sent again. */
export type CommentState = 'sending' | 'failed' | 'stored';

/** The author and the id of a comment: its likes are counted by these, and a comment on its way has no other name. */
type Written = Pick<Comment, 'id' | 'user'>;

/** What names a stored comment: another user, or the same one in another region, may have written one of the same id. */
type CommentName = Pick<Comment, 'id' | 'user' | 'region'>;

/** A comment as it is shown. */
export interface ShownComment extends CommentName {
	/** The same for the same comment alone. */
	readonly key: string;
	readonly text: string;
	readonly at: number;
	readonly parent: string | undefined;
	/** Empty until it is stored. */
	readonly region: string;
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
	get(name: CommentName): ShownComment | undefined;
	/** The comment that an answer names: answers name it by its id alone. */
	answered(id: string): ShownComment | undefined;
	/** It is on its way. */
	send(comment: Written & { readonly text: string; readonly parent?: string | undefined; readonly at: number }): void;
	fail(comment: Written): void;
	/** It is stored, after all others of its millisecond that are there. Says whether it is news. */
	store(comment: Comment): boolean;
	/** Begins to take what the history has, the newest first: of one millisecond, each goes before the one that came last. */
	readHistory(): (comment: Comment) => void;
	/** It is deleted, or, when it was not stored, discarded. Others of its id stay. */
	remove(name: CommentName): void;
	/** Shows this viewer's like at once, or takes it away again. */
	like(comment: Written, liked: boolean): void;
	setLikes(comment: Written, totals: Totals): void;
	/** Forgets what is stored: it is read anew. */
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
	const byId = new Map<string, ShownComment[]>();
	const deleted = new Set<string>();
	const earlyLikes = new Map<string, number>();

	function get(name: CommentName): ShownComment | undefined {
		const key = keyOf(name);
		return byId.get(name.id)?.find((item) => item.key === key);
	}

	/** Those of one author and id: of each region that has one. */
	function writtenBy({ id, user }: Written): readonly ShownComment[] {
		return (byId.get(id) ?? []).filter((item) => item.user === user);
	}

	/** Puts one in the place of another among those of its id; without one of them, adds or drops the other. */
	function index(id: string, known: ShownComment | undefined, next: ShownComment | undefined): void {
		const same = byId.get(id) ?? [];
		same.splice(known === undefined ? same.length : same.indexOf(known), 1, ...(next === undefined ? [] : [next]));
		if (same.length > 0) byId.set(id, same);
		else byId.delete(id);
	}

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

	function take(known: ShownComment | undefined): void {
		if (known === undefined) return;
		items.splice(placeOf(known), 1);
		index(known.id, known, undefined);
	}

	/** One that is there stays where it is, unless its time is another one. */
	function put(comment: ShownComment, findPlace = placeAfter): void {
		const known = get(comment);
		if (known !== undefined && !isBefore(known, comment) && !isBefore(comment, known)) {
			items[placeOf(known)] = comment;
			index(comment.id, known, comment);
			return;
		}
		take(known);
		items.splice(findPlace(comment), 0, comment);
		index(comment.id, undefined, comment);
		if (items.length > MAX_COMMENTS) take(items[0]);
	}

	function store({ id, user, text, at, parent, region, likes }: Comment, findPlace?: typeof placeAfter): boolean {
		const key = keyOf({ id, user, region });
		if (deleted.has(key)) return false;
		const known = get({ id, user, region });
		if (known === undefined) take(get({ id, user, region: NO_REGION }));
		const written = writtenKey({ id, user });
		// Its likes are those of its author and id, in whatever region it was written.
		const same = writtenBy({ id, user });
		const counted = Math.max(sum(likes ?? {}), earlyLikes.get(written) ?? 0, ...same.map((item) => item.likes));
		const liked = same.some((item) => item.liked);
		earlyLikes.delete(written);
		put({ key, id, user, text, at, parent, region, state: 'stored', likes: counted, liked }, findPlace);
		return known === undefined;
	}

	return {
		items,
		get,
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
				store(comment, isNextOfSameTime ? () => placeOf(next) : placeBefore);
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
			// One's own may not be in it yet, and a number that falls and rises again looks broken.
			for (const item of known) put({ ...item, likes: Math.max(sum(totals), item.liked ? item.likes : 0) });
			if (known.length > 0) return;
			// The likes of a comment may come before it.
			const key = writtenKey(comment);
			earlyLikes.delete(key);
			earlyLikes.set(key, sum(totals));
			dropFirst(earlyLikes, MAX_EARLY_LIKES);
		},
		reset() {
			for (const item of [...items]) if (item.state === 'stored') take(item);
		},
	};
}
