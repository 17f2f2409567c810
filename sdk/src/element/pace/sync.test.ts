import type { RecentLike, Totals } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { createSync, LONGEST_WAIT_MS, type SyncUpdate } from './sync.ts';

/** A time of the program, in Unix milliseconds. */
const T = 1_700_000_000_000;

const like = (position?: number, more: Partial<RecentLike> = {}): RecentLike => ({
	...{ id: 'x', user: 'ann', type: 'heart', at: T + 9_000 },
	...(position !== undefined && { position }),
	...more,
});

const update = (delta: Totals, recent: readonly RecentLike[] = [], own: Totals = {}): SyncUpdate => ({
	...{ delta, recent, own, at: T + 9_000 },
});

/** Plays from one moment to another in steps of 100 ms; returns when likes flew. */
function play(sync: ReturnType<typeof createSync>, from: number, to: number): [number, Totals][] {
	const flights: [number, Totals][] = [];
	for (let at = from; at <= to; at += 100) {
		const flying = sync.move(at, false);
		if (Object.keys(flying).length > 0) flights.push([at, flying]);
	}
	return flights;
}

describe('Sync', () => {
	it('lets a heart fly when the playhead reaches what its liker saw, and not before', () => {
		const sync = createSync();
		expect(sync.add(update({ heart: 1 }, [like(T + 12_030)]), T + 4_000)).toEqual({});
		expect(sync.waiting).toEqual({ heart: 1 });
		expect(play(sync, T + 4_000, T + 14_000)).toEqual([[T + 12_100, { heart: 1 }]]);
		expect(sync.waiting).toEqual({});
	});

	it('lets it fly at once on a viewer that is ahead of the liker, or whose moment is not known', () => {
		const sync = createSync();
		const heart = update({ heart: 1 }, [like(T + 12_000)]);
		expect(sync.add(heart, T + 12_000)).toEqual({ heart: 1 });
		expect(sync.add(heart, Number.POSITIVE_INFINITY)).toEqual({ heart: 1 });
		expect(sync.waiting).toEqual({});
	});

	it('takes the arrival of a like for its moment where it names none, and of an update without a sample', () => {
		const sync = createSync();
		sync.add(update({ heart: 1, clap: 2 }, [like(undefined, { at: T + 8_000 })]), T);
		expect(play(sync, T, T + 10_000)).toEqual([
			[T + 8_000, { heart: 1 }],
			[T + 9_000, { clap: 2 }],
		]);
	});

	it('spreads likes that the sample leaves out over the moments of those in it, by type', () => {
		const sync = createSync();
		const recent = [like(T + 1_000), like(T + 2_000), like(T + 3_000, { type: 'clap' })];
		sync.add(update({ heart: 7, clap: 1 }, recent), T);
		expect(play(sync, T, T + 10_000)).toEqual([
			[T + 1_000, { heart: 4 }],
			[T + 2_000, { heart: 3 }],
			[T + 3_000, { clap: 1 }],
		]);
	});

	it('leaves own taps out, which flew at the tap, and their entries of the sample', () => {
		const sync = createSync();
		const recent = [like(T + 500, { user: 'me' }), like(T + 2_000)];
		expect(sync.add(update({ heart: 2 }, recent, { heart: 1 }), T + 600, 'me')).toEqual({});
		expect(play(sync, T + 600, T + 10_000)).toEqual([[T + 2_000, { heart: 1 }]]);
		sync.add(update({ heart: 1 }, [like(T + 500, { user: 'me' })], { heart: 1 }), T, 'me');
		expect(sync.waiting).toEqual({});
	});

	it('drops the newest waiting likes when likes are taken back, which never fly', () => {
		const sync = createSync();
		sync.add(update({ heart: 2 }, [like(T + 1_000), like(T + 2_000)]), T);
		sync.add(update({ heart: -1 }), T);
		expect(sync.waiting).toEqual({ heart: 1 });
		expect(play(sync, T, T + 3_000)).toEqual([[T + 1_000, { heart: 1 }]]);
		sync.add(update({ heart: -5 }), T);
		expect(sync.waiting).toEqual({});
	});

	it('counts what a jump passes without hearts, and holds the rest while the video stands still', () => {
		const sync = createSync();
		sync.add(update({ heart: 2 }, [like(T + 1_000), like(T + 30_000)]), T);
		expect(sync.move(T + 1_500, true)).toEqual({});
		expect(sync.waiting).toEqual({ heart: 1 });
		for (let n = 0; n < 9; n++) expect(sync.move(T + 1_500, false)).toEqual({});
		expect(sync.waiting).toEqual({ heart: 1 });
		// A timer that slept, in a hidden page: most of it is too old to fly.
		sync.add(update({ heart: 1 }, [like(T + 57_000)]), T + 1_500);
		expect(sync.move(T + 59_000, false)).toEqual({ heart: 1 });
		expect(sync.waiting).toEqual({});
	});

	it('shows likes at once that are minutes ahead, also after a jump back', () => {
		const sync = createSync();
		expect(sync.add(update({ heart: 1 }, [like(T + LONGEST_WAIT_MS + 1)]), T)).toEqual({ heart: 1 });
		sync.add(update({ heart: 1 }, [like(T + LONGEST_WAIT_MS)]), T);
		expect(sync.waiting).toEqual({ heart: 1 });
		expect(sync.move(T - 1, true)).toEqual({});
		expect(sync.waiting).toEqual({});
	});

	it('holds any number of likes in a bounded number of slots, and loses none', () => {
		const sync = createSync();
		let flown = 0;
		for (let at = T; at < T + 600_000; at += 50) {
			flown += sync.add(update({ heart: 1_000 }, [like(at), like(at + 25)]), T).heart ?? 0;
		}
		const { heart: waiting = 0 } = sync.waiting;
		expect(flown + waiting).toBe(12_000_000);
		expect(sync.move(T + 600_000, true)).toEqual({});
		expect(sync.waiting).toEqual({});
	});
});
