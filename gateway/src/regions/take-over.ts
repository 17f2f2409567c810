import { type LikesRows, NO_LIKES } from '../delivery/likes.ts';
import { kindOf } from '../delivery/topic.ts';
import type { Update, Updates } from '../delivery/update.ts';
import type { Values } from '../delivery/values.ts';
import type { Changes, Position, Reached } from '../store/store.ts';

/**
 * Walks until all is taken over that there was when it began: the first may have begun long ago and been interrupted, and
 * tells nothing that is newer.
 */
const WALKS = 2;

/**
 * What changed in another region, taken over page by page: each is in the store before the next is asked for, so what
 * was interrupted goes on where it was. Deterministic.
 */
export class TakeOver {
	#since: Position | undefined;
	/** How many walks came to their end. */
	#walks = 0;

	/** `since`: how far the store of this region is, from its `positions`. */
	constructor(since: Position | undefined) {
		this.#since = since;
	}

	/** Where the page to ask for begins. */
	get since(): Position | undefined {
		return this.#since;
	}

	/** All that the region had to tell when this began is in the store. */
	get isDone(): boolean {
		return this.#walks === WALKS;
	}

	/** How far the store is once it has this page. */
	reachedBy({ next, more }: Changes): Reached {
		return { since: this.#since, position: next, last: !more };
	}

	/** The page is in the store. */
	kept({ next, more }: Changes): void {
		this.#since = next;
		// mutant: asks-next-page
		if (!more) this.#walks++;
	}
}

/**
 * The values of a page, for the followers of their topics. Whether people are there is left out: what an owner hears of
 * another region counts as said now, and that region repeats it; the next reading of the store brings when it saw them last.
 */
export function newsOfValues(valuesByTopic: ReadonlyMap<string, Values>, at: number): Updates {
	const news = new Map<string, Update>();
	for (const [topic, values] of valuesByTopic) {
		if (kindOf(topic) !== 'user') news.set(topic, { rows: NO_LIKES, complete: false, sample: [], at, values });
	}
	return news;
}

/** What a page tells those who follow its topics. `at` is the time, in Unix milliseconds. */
export function newsOf(rowsByTopic: ReadonlyMap<string, LikesRows>, at: number): Updates {
	return new Map(
		[...rowsByTopic].map(([topic, rows]): [string, Update] => [topic, { rows, complete: false, sample: [], at }]),
	);
}
