import { describe, expect, it } from 'vitest';
import { totalsOf } from '../src/state/counters.ts';
import type { Command, LikeCommand, Store } from '../src/store/store.ts';
import { commitEach, like, rowsOf, takeBack } from './like-commands.ts';
import { type StorePlace, usePlace } from './store-place.ts';

/** Tests the reactions of a store that a user gives once. */
export function describeOnce(name: string, makePlace: () => StorePlace): void {
	let store: Store;
	usePlace(makePlace, (opened) => {
		store = opened;
	});

	const outcomesOf = (...commands: readonly Command[]) => commitEach(store, ...commands);

	describe(`${name}: a once reaction`, () => {
		const once = (more: Partial<LikeCommand> = {}) => like({ once: true, type: 'clap', ...more });

		it('is a duplicate of the valid one of the same user, video and type', async () => {
			const first = once();
			await store.commit([first]);
			expect((await store.commit([once()])).outcomes).toEqual([{ kind: 'duplicate', id: first.id }]);
			expect(await outcomesOf(once({ user: 'bob' }), once({ topic: 'video:v2' }), once({ type: 'wow' }))).toEqual([
				'counted',
				'counted',
				'counted',
			]);
			expect(totalsOf(await rowsOf(store))).toEqual({ clap: 2, wow: 1 });
		});

		it('counts again after it was taken back', async () => {
			const [first, second] = [once(), once()];
			expect(await outcomesOf(first, takeBack(first), second, once())).toEqual([
				'counted',
				'takenBack',
				'counted',
				'duplicate',
			]);
			expect(totalsOf(await rowsOf(store))).toEqual({ clap: 1 });
		});

		it('that was taken back does not count by a late copy', async () => {
			const first = once();
			expect(await outcomesOf(first, takeBack(first), first)).toEqual(['counted', 'takenBack', 'duplicate']);
			const second = once();
			expect(await outcomesOf(second, takeBack(first))).toEqual(['counted', 'takenBack']);
			expect((await store.commit([once()])).outcomes).toEqual([{ kind: 'duplicate', id: second.id }]);
		});

		it('that was a duplicate cannot be taken back, before or after the valid one is', async () => {
			const [first, second] = [once(), once()];
			expect(await outcomesOf(first, second, takeBack(second), takeBack(second))).toEqual([
				'counted',
				'duplicate',
				'notFound',
				'notFound',
			]);
			expect(totalsOf(await rowsOf(store))).toEqual({ clap: 1 });
			expect(await outcomesOf(takeBack(first), takeBack(second), takeBack(first))).toEqual([
				'takenBack',
				'notFound',
				'takenBack',
			]);
			const [, sameBatch] = (await store.commit([second, takeBack(second)])).outcomes;
			expect(sameBatch).toEqual({ kind: 'notFound' });
			expect(totalsOf(await rowsOf(store))).toEqual({ clap: 0 });
		});

		it('that was a duplicate does not count after the valid one is taken back', async () => {
			const [first, second] = [once(), once()];
			await store.commit([first, second]);
			expect((await store.commit([second])).outcomes).toEqual([{ kind: 'duplicate', id: first.id }]);
			expect(await outcomesOf(takeBack(first), second)).toEqual(['takenBack', 'duplicate']);
			expect(totalsOf(await rowsOf(store))).toEqual({ clap: 0 });
		});
	});
}
