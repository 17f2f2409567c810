import type { RecentLike } from '@likewire/protocol';
import fc from 'fast-check';
import type { LikesRows } from '../src/delivery/likes.ts';
import { sampleOf } from '../src/delivery/sample.ts';
import type { Update } from '../src/delivery/update.ts';

const count = fc.integer({ min: 0, max: 50 });

/** What a few stores know of a video; small numbers, so that two of them often meet. */
export const likesRows: fc.Arbitrary<LikesRows> = fc.dictionary(
	fc.constantFrom('store-a', 'store-b', 'store-c'),
	fc.record({
		epoch: fc.integer({ min: 1, max: 3 }),
		counts: fc.dictionary(fc.constantFrom('heart', 'like', 'clap'), fc.tuple(count, count)),
	}),
);

/** The like of a number: two of the same number are the same like. */
export function likeOf(number: number): RecentLike {
	return { id: `like-${number}`, user: `user-${number % 7}`, type: number % 3 === 0 ? 'clap' : 'heart', at: number };
}

export const likes = fc.array(fc.integer({ min: 0, max: 60 }).map(likeOf), { maxLength: 30 });

export const update: fc.Arbitrary<Update> = fc.record({
	rows: likesRows,
	complete: fc.boolean(),
	sample: likes.map(sampleOf),
	at: count,
});
