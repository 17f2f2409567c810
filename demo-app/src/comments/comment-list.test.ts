import { expect, it } from 'vitest';
import { createCommentList, MAX_COMMENTS } from './comment-list.ts';

const stored = (id: string, at: number) => ({ video: 'v', id, user: 'ann', text: id, at, region: 'r' });
const mine = (id: string, at: number) => ({ id, user: 'me', text: id, at });
const own = { id: 'own', user: 'me', region: '' };
/** Returns the name of a comment. */
const of = (id: string, user = 'ann', region = 'r') => ({ id, user, region });
const storedOwn = (at: number) => ({ ...stored('own', at), user: 'me' });

it('sorts comments by time, and unsent comments last', () => {
	const list = createCommentList();
	list.store(stored('c', 3));
	list.send(mine('own', 0));
	list.store(stored('a', 1));
	list.store(stored('d', 3));
	list.store(stored('b', 2));
	expect(list.items.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'own']);
	expect(list.store(stored('b', 2))).toBe(false);
	expect(list.store(storedOwn(2.5))).toBe(true);
	expect(list.items.map(({ id }) => id)).toEqual(['a', 'b', 'own', 'c', 'd']);
});

const idsOf = (list: ReturnType<typeof createCommentList>) => list.items.map(({ id }) => id);

it('keeps comments of one millisecond in the order of the stream, not of their ids', () => {
	const list = createCommentList();
	for (const id of ['c', 'a', 'b']) list.store(stored(id, 5));
	expect(idsOf(list)).toEqual(['c', 'a', 'b']);
	list.store(stored('c', 5));
	list.setLikes(of('a'), { heart: 1 });
	list.like(of('b'), true);
	expect(idsOf(list)).toEqual(['c', 'a', 'b']);
	list.send(mine('own', 5));
	list.store(stored('d', 5));
	list.store(storedOwn(5));
	list.remove(of('a'));
	expect(idsOf(list)).toEqual(['c', 'b', 'd', 'own']);
});

it('puts comments of one millisecond from the history before those of the stream, in the order of the history', () => {
	const list = createCommentList();
	list.store(stored('live', 5));
	const take = list.readHistory();
	for (const [id, at] of [
		['live', 5],
		['x', 5],
		['z', 5],
		['y', 5],
		['old', 4],
		['older', 4],
	] as const) {
		take(stored(id, at));
	}
	expect(idsOf(list)).toEqual(['older', 'old', 'y', 'z', 'x', 'live']);
});

it('returns the stored comments after one, whether the history or the stream brought them', () => {
	const list = createCommentList();
	list.store(stored('older', 1));
	list.store(stored('seen', 5));
	const seen = list.get(of('seen'));
	list.send(mine('own', 0));
	list.store(stored('same', 5));
	const take = list.readHistory();
	for (const id of ['read', 'same', 'seen', 'before']) take(stored(id, id === 'read' ? 6 : 5));
	list.store(stored('read', 6));
	const after = () => list.storedAfter(seen).map(({ id }) => id);
	expect(after()).toEqual(['same', 'read']);
	list.remove(of('same'));
	expect(after()).toEqual(['read']);
	list.reset();
	for (const id of ['seen', 'read']) list.store(stored(id, id === 'read' ? 6 : 5));
	expect(after()).toEqual(['read']);
	list.remove(of('seen'));
	expect(after()).toEqual(['read']);
	expect(list.storedAfter(undefined).map(({ id }) => id)).toEqual(['read']);
});

it('inserts comments between a page of the history and the stream, also within one millisecond', () => {
	const list = createCommentList();
	const page = list.readHistory();
	for (const id of ['a2', 'a1']) page(stored(id, 5));
	list.store(stored('c', 5));
	const between = list.readHistory();
	for (const id of ['c', 'b2', 'b1', 'a2', 'a1']) between(stored(id, 5));
	expect(idsOf(list)).toEqual(['a1', 'a2', 'b1', 'b2', 'c']);
});

it('keeps likes that arrive before their comment, of a limited number of comments', () => {
	const list = createCommentList();
	list.setLikes(of('a'), { heart: 2 });
	list.setLikes(of('a'), { heart: 3, clap: 1 });
	list.setLikes(of('b'), { heart: 1 });
	list.remove(of('b'));
	list.setLikes(of('b'), { heart: 1 });
	expect(list.items).toEqual([]);
	list.store(stored('a', 1));
	expect(list.get(of('a'))?.likes).toBe(4);
	list.reset();
	list.setLikes(of('a'), { heart: 5 });
	list.readHistory()({ ...stored('a', 1), likes: { heart: 1 } });
	expect(list.get(of('a'))?.likes).toBe(5);
	for (let index = 0; index < 10_000; index++) list.setLikes(of(`c${index}`), { heart: 1 });
	for (const id of ['c0', 'c9999']) list.store(stored(id, 2));
	expect(['c0', 'c9999'].map((id) => list.get(of(id))?.likes)).toEqual([0, 1]);
});

it('keeps a refused comment for another attempt with the same id', () => {
	const list = createCommentList();
	list.send(mine('own', 5));
	list.fail(own);
	expect(list.get(own)?.state).toBe('failed');
	list.send(mine('own', 6));
	expect(list.items).toMatchObject([{ id: 'own', state: 'sending' }]);
	list.store(storedOwn(7));
	list.fail(own);
	expect(list.items).toMatchObject([{ id: 'own', state: 'stored' }]);
});

it('hides a deleted comment that a page of the history still has', () => {
	const list = createCommentList();
	list.store(stored('a', 1));
	list.remove(of('a'));
	list.remove(of('b'));
	expect([list.store(stored('a', 1)), list.store(stored('b', 1))]).toEqual([false, false]);
	expect(list.items).toEqual([]);
});

it('shows a like at once, and never a number that falls and rises again', () => {
	const list = createCommentList();
	list.store({ ...stored('a', 1), likes: { heart: 2 } });
	list.like(of('a'), true);
	list.like(of('a'), true);
	expect(list.get(of('a'))).toMatchObject({ likes: 3, liked: true });
	list.setLikes(of('a'), { heart: 2 });
	expect(list.get(of('a'))?.likes).toBe(3);
	list.setLikes(of('a'), { heart: 4, clap: 1 });
	expect(list.get(of('a'))?.likes).toBe(5);
	list.like(of('a'), false);
	expect(list.get(of('a'))).toMatchObject({ likes: 4, liked: false });
});

it('drops stored comments on a reset, and the oldest beyond the limit', () => {
	const list = createCommentList();
	list.send(mine('own', 0));
	for (let at = 0; at <= MAX_COMMENTS; at++) list.store(stored(`c${at}`, at));
	expect(list.items).toHaveLength(MAX_COMMENTS);
	expect(list.get(of('c0'))).toBeUndefined();
	expect(list.items[0]?.id).toBe('c2');
	list.reset();
	expect(list.items.map(({ id }) => id)).toEqual(['own']);
});

it('separates comments of one id by author and region', () => {
	const list = createCommentList();
	const names = [of('a', 'ann', 'eu'), of('a', 'ann', 'us'), of('a', 'bob', 'us')];
	for (const [at, name] of names.entries()) list.store({ ...stored('a', at), ...name });
	expect(new Set(list.items.map(({ key }) => key)).size).toBe(3);
	// Likes name only the author and the id, so they count for the comments of all regions.
	list.setLikes(of('a', 'bob'), { heart: 2 });
	list.like(of('a', 'ann'), true);
	expect(list.items.map(({ likes, liked }) => [likes, liked])).toEqual([
		[1, true],
		[1, true],
		[2, false],
	]);
	list.remove(names[0] as (typeof names)[0]);
	expect(list.items.map(({ user, region }) => [user, region])).toEqual([
		['ann', 'us'],
		['bob', 'us'],
	]);
	expect(list.store({ ...stored('a', 0), ...of('a', 'ann', 'eu') })).toBe(false);
	list.send({ ...mine('a', 9) });
	list.store({ ...stored('a', 4), ...of('a', 'me', 'eu') });
	expect(list.items.map(({ user, state }) => [user, state])).toEqual([
		['ann', 'stored'],
		['bob', 'stored'],
		['me', 'stored'],
	]);
});

it('quotes the comment of an id that is not an answer itself', () => {
	const list = createCommentList();
	list.store({ ...stored('a', 1), parent: 'first' });
	expect(list.answered('a')?.user).toBe('ann');
	list.store({ ...stored('a', 2), user: 'bob' });
	list.store({ ...stored('a', 3), user: 'eve' });
	list.setLikes(of('a', 'bob'), { heart: 1 });
	expect(list.answered('a')?.user).toBe('bob');
	expect(list.answered('b')).toBeUndefined();
});
