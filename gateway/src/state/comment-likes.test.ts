import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommentLikes, MAX_LIKED_COMMENTS, NEWEST_LIKED_COMMENTS } from './comment-likes.ts';
import { type CounterRows, NO_LIKES, totalsOf } from './counters.ts';
import { commentTopic } from './topics/topic.ts';
import type { Update } from './update.ts';

const topic = (id: string, user = 'ann') => commentTopic({ video: 'v1', id, user });
const rowsOf = (store: string, hearts: number, at: number, epoch = 1): CounterRows => ({
	[store]: { epoch, counts: { heart: [hearts, 0] }, likedAt: at },
});
const update = (rows: CounterRows, complete = true): Update => ({ rows, complete, sample: [], at: 1 });
const epochs = (all: Readonly<Record<string, number>>): CounterRows =>
	Object.fromEntries(Object.entries(all).map(([store, epoch]) => [store, { epoch, counts: {} }]));

describe('CommentLikes', () => {
	it('adds up the counts of all regions, in any order and any number of times', () => {
		const updates = [rowsOf('eu', 3, 1), rowsOf('us', 2, 2), rowsOf('us', 5, 3), rowsOf('eu', 1, 4, 2)];
		fc.assert(
			fc.property(fc.shuffledSubarray([...updates, ...updates], { minLength: 8 }), (order) => {
				const likes = new CommentLikes();
				for (const rows of order) likes.merge(topic('c1'), update(rows));
				expect(totalsOf(likes.state(topic('c1'))?.rows ?? NO_LIKES)).toEqual({ heart: 6 });
			}),
		);
	});

	it('keeps the likes of two comments with one id apart', () => {
		const likes = new CommentLikes();
		likes.merge(topic('c1', 'ann'), update(rowsOf('eu', 3, 1)));
		likes.merge(topic('c1', 'bob'), update(rowsOf('us', 1, 1)));
		expect(likes.newest().map(([, { rows }]) => totalsOf(rows))).toEqual([{ heart: 3 }, { heart: 1 }]);
	});

	it('has complete likes only after a read of the own store', () => {
		const likes = new CommentLikes();
		expect(likes.merge(topic('c1'), update(rowsOf('us', 1, 1), false))?.complete).toBe(false);
		expect(likes.newest()).toEqual([]);
		expect(likes.merge(topic('c1'), update(rowsOf('eu', 5, 1)))?.complete).toBe(true);
		expect(totalsOf(likes.newest()[0]?.[1].rows ?? NO_LIKES)).toEqual({ heart: 6 });
	});

	it('drops the counts of an earlier epoch, and returns the comments to read again', () => {
		const likes = new CommentLikes();
		likes.merge(topic('c1'), update({ ...rowsOf('eu', 5, 1), ...rowsOf('us', 2, 1) }));
		likes.merge(topic('c2'), update(rowsOf('us', 2, 1)));
		expect(likes.raise(epochs({ eu: 1, us: 1 }))).toEqual([]);
		expect(likes.raise(epochs({ eu: 2, us: 1 }))).toEqual([topic('c1')]);
		// A late update does not bring the counts back.
		likes.merge(topic('c1'), update(rowsOf('eu', 6, 9), false));
		expect(likes.newest().map(([name]) => name)).toEqual([topic('c2')]);
		likes.merge(topic('c1'), update({ ...rowsOf('eu', 3, 1, 2), ...rowsOf('us', 2, 1) }));
		expect(totalsOf(likes.state(topic('c1'))?.rows ?? NO_LIKES)).toEqual({ heart: 5 });
	});

	it('keeps the comments that were liked last, and has the same hash for the same newest ones', () => {
		const [one, other] = [new CommentLikes(), new CommentLikes()];
		const count = MAX_LIKED_COMMENTS * 2;
		for (let n = 0; n < count; n++) one.merge(topic(`c${n}`), update(rowsOf('eu', 1, n)));
		for (let n = count - 1; n >= count - NEWEST_LIKED_COMMENTS; n--) {
			other.merge(topic(`c${n}`), update(rowsOf('eu', 1, n)));
		}
		expect(one.state(topic('c0'))).toBeUndefined();
		expect(one.state(topic(`c${count - MAX_LIKED_COMMENTS}`))).toBeDefined();
		expect(one.newest().map(([name]) => name)).toEqual(other.newest().map(([name]) => name));
		expect(one.newest()[0]?.[0]).toBe(topic(`c${count - 1}`));
		expect(one.hash).toBe(other.hash);
		other.merge(topic('c1999'), update(rowsOf('eu', 2, count)));
		expect(one.hash).not.toBe(other.hash);
	});
});
