import { beforeEach, describe, expect, it } from 'vitest';
import type { StoreLikes } from '../state/counters.ts';
import type { Update, Updates } from '../state/update.ts';
import { STORED_FIRST_MS, StoredFirst } from './stored-first.ts';

const like: Partial<StoreLikes> = { counts: { clap: [1, 0] } };
const comment = {
	offset: 1,
	id: 'c1',
	kind: 'comment',
	user: 'ann',
	at: 1,
	order: 1,
	data: { text: 'hello' },
} as const;
const NONE: Updates = new Map();

function updates(likes: Partial<StoreLikes>, log?: Update['log']): Updates {
	const update: Update = { rows: { us: { epoch: 1, counts: {}, ...likes } }, complete: false, sample: [], at: 1 };
	return new Map([['video:v1', { ...update, log }]]);
}
const liked = updates(like);
const commented = updates({ ...like, logHead: 1 }, { us: { epoch: 1, events: [comment] } });
const head = updates({ logHead: 1 });

let storedFirst: StoredFirst;
beforeEach(() => {
	storedFirst = new StoredFirst();
});

describe('StoredFirst', () => {
	it('shows likes at once, and the head and events of a log once they are stored', () => {
		expect(storedFirst.take(liked, 0)).toEqual(liked);
		expect(storedFirst.dueAt).toBeUndefined();
		expect(storedFirst.take(commented, 0)).toEqual(liked);
		expect(storedFirst.take(head, 0)).toEqual(updates({}));
		expect(storedFirst.kept(commented, true, 20)).toEqual(commented);
		expect(storedFirst.dueAt).toBeUndefined();
		expect(storedFirst.kept(liked, true, 40)).toEqual(NONE);
	});

	it('waits for the store for 500 ms after the first update that waits', () => {
		storedFirst.take(commented, 100);
		storedFirst.take(commented, 400);
		expect(storedFirst.dueAt).toBe(100 + STORED_FIRST_MS);
		expect(storedFirst.overdue(() => commented, 99 + STORED_FIRST_MS)).toEqual(NONE);
		expect(storedFirst.overdue(() => commented, 100 + STORED_FIRST_MS)).toEqual(commented);
		expect(storedFirst.dueAt).toBeUndefined();
	});

	it('shows all updates at once while the store does not work, and waits again once it works', () => {
		storedFirst.take(commented, 0);
		storedFirst.overdue(() => commented, STORED_FIRST_MS);
		expect(storedFirst.take(commented, 600)).toEqual(commented);
		storedFirst.kept(commented, true, 700);
		expect(storedFirst.take(commented, 800)).toEqual(liked);
	});

	it('continues to wait for updates that came while a batch was stored', () => {
		storedFirst.take(commented, 0);
		storedFirst.kept(commented, false, 100);
		expect(storedFirst.dueAt).toBe(100 + STORED_FIRST_MS);
	});
});
