import { describe, expect, it } from 'vitest';
import type { StoreLikes } from '../state/counters.ts';
import type { Updates } from '../state/update.ts';
import { ReplicationState } from './replication-state.ts';

const comment = { offset: 2, id: 'c2', kind: 'comment', user: 'ann', at: 1, order: 1, data: {} } as const;
const log = { us: { epoch: 1, events: [comment] } };
const updates = (likes: Partial<StoreLikes>, more: object = {}): Updates =>
	new Map([
		['video:v1', { rows: { us: { epoch: 1, counts: {}, ...likes } }, complete: false, sample: [], at: 1, ...more }],
	]);
const commented = updates({ counts: { clap: [1, 0] }, logHead: 2 }, { log });

describe('ReplicationState', () => {
	/** Returns a state whose updates of a region are under way to the store. */
	function keeping() {
		const state = new ReplicationState({ region: 'eu', others: ['us'], greets: false });
		expect(state.take('us', commented, false, 0)).toEqual(updates({ counts: { clap: [1, 0] } }));
		const { keep } = state.due(0, () => false);
		expect(keep).toEqual(commented);
		return { state, batch: keep ?? new Map() };
	}

	it('shows a log once the store has all of it', () => {
		const { state, batch } = keeping();
		expect(state.kept(batch, new Map([['us', new Map()]]), 10)).toEqual(commented);
		expect(state.due(10, () => false).asks).toEqual([]);
	});

	it('shows nothing of a log with a hole in the store, and syncs with its region', () => {
		const { state, batch } = keeping();
		const missing = new Map([['us', new Map([['video:v1', 0]])]]);
		expect(state.kept(batch, missing, 10)).toEqual(updates({ counts: { clap: [1, 0] } }));
		expect(state.due(10, () => false).asks).toEqual(['us']);
	});

	it('is not idle before the store has all remote updates', () => {
		const { state, batch } = keeping();
		expect(state.isIdle).toBe(false);
		state.kept(batch, new Map(), 10);
		expect(state.isIdle).toBe(true);
	});
});
