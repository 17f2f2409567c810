import { expect, it } from 'vitest';
import { createCommentList, MAX_COMMENTS } from './comment-list.ts';

const stored = (id: string, at: number) => ({ video: 'v', id, user: 'ann', text: id, at });
const mine = (id: string, at: number) => ({ id, user: 'me', text: id, at });

it('stands in the order of time, in whatever order it came, and what is on its way comes last', () => {
	const list = createCommentList();
	list.store(stored('c', 3));
	list.send(mine('own', 0));
	list.store(stored('a', 1));
	list.store(stored('d', 3));
	list.store(stored('b', 2));
	expect(list.items.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'own']);
	expect(list.store(stored('b', 2))).toBe(false);
	expect(list.store(stored('own', 2.5))).toBe(true);
	expect(list.items.map(({ id }) => id)).toEqual(['a', 'b', 'own', 'c', 'd']);
});

it('keeps one that was refused, to be sent again as the same', () => {
	const list = createCommentList();
	list.send(mine('own', 5));
	list.fail('own');
	expect(list.get('own')?.state).toBe('failed');
	list.send(mine('own', 6));
	expect(list.items).toMatchObject([{ id: 'own', state: 'sending' }]);
	list.store(stored('own', 7));
	list.fail('own');
	expect(list.items).toMatchObject([{ id: 'own', state: 'stored' }]);
});

it('does not show what was deleted, though a page of history still has it', () => {
	const list = createCommentList();
	list.store(stored('a', 1));
	list.remove('a');
	list.remove('b');
	expect([list.store(stored('a', 1)), list.store(stored('b', 1))]).toEqual([false, false]);
	expect(list.items).toEqual([]);
});

it('shows a like at once, and never a number that falls and rises again', () => {
	const list = createCommentList();
	list.store({ ...stored('a', 1), likes: { heart: 2 } });
	list.like('a', true);
	list.like('a', true);
	expect(list.get('a')).toMatchObject({ likes: 3, liked: true });
	list.setLikes('a', { heart: 2 });
	expect(list.get('a')?.likes).toBe(3);
	list.setLikes('a', { heart: 4, clap: 1 });
	expect(list.get('a')?.likes).toBe(5);
	list.like('a', false);
	expect(list.get('a')).toMatchObject({ likes: 4, liked: false });
});

it('forgets what is stored when it is read anew, and the oldest when there are too many', () => {
	const list = createCommentList();
	list.send(mine('own', 0));
	for (let at = 0; at <= MAX_COMMENTS; at++) list.store(stored(`c${at}`, at));
	expect(list.items).toHaveLength(MAX_COMMENTS);
	expect(list.get('c0')).toBeUndefined();
	expect(list.items[0]?.id).toBe('c2');
	list.reset();
	expect(list.items.map(({ id }) => id)).toEqual(['own']);
});
