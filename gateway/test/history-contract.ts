import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../src/state/log.ts';
import type { Store } from '../src/store/store.ts';
import { comment, deleteOf, pagesOf, TOPIC } from './log-commands.ts';
import { type StorePlace, usePlace } from './store-place.ts';

/** Tests the history of comments of a store. */
export function describeHistories(name: string, makePlace: () => StorePlace): void {
	let store: Store;
	usePlace(makePlace, (opened) => {
		store = opened;
	});

	describe(`${name}: a history`, () => {
		const idsOf = (comments: readonly LogEvent[]) => comments.map(({ id }) => id);

		it('lists comments in the reverse order of their log, page by page, though new ones come', async () => {
			const at = (id: number, time: number) => comment({ id: `c${id}`, at: time });
			const comments = [at(6, 5), at(1, 10), at(3, 30), at(5, 20), at(4, 20), at(2, 30)];
			await store.append([...comments, comment({ event: 'custom', at: 35 }), comment({ topic: 'video:v2', at: 25 })]);
			expect(idsOf((await store.history(TOPIC, undefined, 10)).comments)).toEqual(['c2', 'c4', 'c5', 'c3', 'c1', 'c6']);
			const seen: string[] = [];
			for await (const page of pagesOf(store, 2)) {
				seen.push(...idsOf(page));
				await store.append([comment({ at: 40 })]);
			}
			expect(seen).toEqual(['c2', 'c4', 'c5', 'c3', 'c1', 'c6']);
			expect(await store.history('video:none', undefined, 10)).toEqual({ comments: [], next: undefined });
		});

		it('lists comments of one time in the reverse order of their log, over all pages', async () => {
			await store.append(Array.from({ length: 200 }, () => comment()));
			const offsets: number[] = [];
			for await (const page of pagesOf(store, 7)) offsets.push(...page.map(({ offset }) => offset));
			expect(offsets).toEqual(Array.from({ length: 200 }, (_, index) => 200 - index));
		});

		it('leaves out deleted comments, and continues after them', async () => {
			const comments = Array.from({ length: 5 }, (_, index) => comment({ id: `c${index}`, at: index }));
			await store.append(comments);
			const { next } = await store.history(TOPIC, undefined, 2);
			const [, , , third] = comments;
			await store.append([deleteOf(third as (typeof comments)[0])]);
			expect(idsOf((await store.history(TOPIC, next, 10)).comments)).toEqual(['c2', 'c1', 'c0']);
			expect(idsOf((await store.history(TOPIC, undefined, 10)).comments)).toEqual(['c4', 'c2', 'c1', 'c0']);
		});

		it('has cursors that are safe in a URL, and refuses other text', async () => {
			await store.append([comment(), comment()]);
			const { next } = await store.history(TOPIC, undefined, 1);
			expect(next).toMatch(/^[\w-]+$/);
			const texts = [
				'[1]',
				'[1,2]',
				'[1,2,3]',
				'["1","a",2]',
				'[1.5,"a",2]',
				'[1,"a",2.5]',
				'[1,"a","2"]',
				'[1,"a",2,3]',
				'[1, "a", 2]',
				'{}',
				'null',
				'[1,"\\u0000",2]',
				'[1e999,"a",2]',
				'[1,"a",1e999]',
				// By time and id, as in an earlier version.
				'[1,"a"]',
			];
			const wrong = ['', '!', 'abc', `${next}x`, ...texts.map((text) => Buffer.from(text).toString('base64url'))];
			for (const before of wrong) {
				await expect(store.history(TOPIC, before, 1), before).rejects.toMatchObject({ code: 'invalid_cursor' });
			}
		});
	});
}
