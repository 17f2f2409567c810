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
	/** A region said something, which is under way to the store. */
	function keeping() {
		const exchange = new ReplicationState({ region: 'eu', others: ['us'], greets: false });
		expect(exchange.take('us', commented, false, 0)).toEqual(updates({ counts: { clap: [1, 0] } }));
		const { keep } = exchange.due(0, () => false);
		expect(keep).toEqual(commented);
		return { exchange, batch: keep ?? new Map() };
	}

	it('shows a log once the store has all of it', () => {
		const { exchange, batch } = keeping();
		expect(exchange.kept(batch, new Map([['us', new Map()]]), 10)).toEqual(commented);
		expect(exchange.due(10, () => false).asks).toEqual([]);
	});

	it('shows nothing of a log that has a hole in the store, and asks its region for what is missing', () => {
		const { exchange, batch } = keeping();
		const missing = new Map([['us', new Map([['video:v1', 0]])]]);
		expect(exchange.kept(batch, missing, 10)).toEqual(updates({ counts: { clap: [1, 0] } }));
		expect(exchange.due(10, () => false).asks).toEqual(['us']);
	});

	it('is not idle before the store has what regions said', () => {
		const { exchange, batch } = keeping();
		expect(exchange.isIdle).toBe(false);
		exchange.kept(batch, new Map(), 10);
		expect(exchange.isIdle).toBe(true);
	});
});
