import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_RETRY_MS, PeerQueue } from './peer-queue.ts';

let queue: PeerQueue<string>;
beforeEach(() => {
	queue = new PeerQueue({ maxEntries: 9 });
});

describe('PeerQueue', () => {
	it('allows one message in flight, and the next one after it arrived', () => {
		expect(queue.readyAt).toBe(Number.NEGATIVE_INFINITY);
		queue.sent('a');
		expect([queue.isIdle, queue.readyAt]).toEqual([false, Number.POSITIVE_INFINITY]);
		expect(queue.arrived('a')).toBe(true);
		expect([queue.isIdle, queue.readyAt]).toEqual([true, Number.NEGATIVE_INFINITY]);
	});

	it('doubles the wait after each failure, until a message arrives', () => {
		const waits = [];
		for (let failures = 0, now = 0; failures < 8; failures++, now = queue.readyAt) {
			queue.sent('a');
			queue.failed('a', now);
			waits.push(queue.readyAt - now);
		}
		expect(waits).toEqual([50, 100, 200, 400, 800, MAX_RETRY_MS, MAX_RETRY_MS, MAX_RETRY_MS]);
		queue.sent('a');
		queue.arrived('a');
		queue.sent('a');
		queue.failed('a', 1e6);
		expect(queue.readyAt).toBe(1e6 + 50);
	});

	it('halves messages that are too long, down to one entry', () => {
		const entries = [];
		for (let refusals = 0; refusals < 5; refusals++) {
			queue.sent('a');
			queue.tooLong('a', queue.maxEntries, 0);
			entries.push(queue.maxEntries);
		}
		expect(entries).toEqual([4, 2, 1, 1, 1]);
	});

	it('ignores results of a message that is not in flight', () => {
		expect([queue.arrived('a'), queue.failed('a', 0), queue.tooLong('a', 2, 0)]).toEqual([false, false, false]);
		expect([queue.readyAt, queue.maxEntries]).toEqual([Number.NEGATIVE_INFINITY, 9]);
	});
});
