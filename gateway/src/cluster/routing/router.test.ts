import { beforeEach, describe, expect, it } from 'vitest';
import {
	batch,
	FRONTENDS,
	hearts,
	likes,
	OTHERS,
	OWN,
	startRouter,
	THIRDS,
	take,
	takeOne,
	view,
	WINDOW_MS,
} from '../../../test/router.ts';
import { topicsOf, viewOf } from '../../../test/views.ts';
import type { Cut } from '../../outbox/batch.ts';
import type { Update } from '../../state/update.ts';
import type { PeerBatch } from './batch-queue.ts';
import type { Router } from './router.ts';

let router: Router;
/** The updates for this node: those that it publishes, and those that it delivers. */
let here: ReturnType<typeof startRouter>['here'];
beforeEach(() => {
	({ router, here } = startRouter());
});

describe('Router.publish', () => {
	it('sends updates to the owner of their topic, without the network when this node is the owner', () => {
		const updates = new Map([...batch(OWN, 1), ...batch(OTHERS, 2), ...batch(THIRDS, 3)]);
		router.publish(updates);
		expect(here.published).toEqual([batch(OWN, 1)]);
		const batches = take(router, 0);
		expect([...batches.keys()].sort()).toEqual(['d2', 'd3']);
		expect(batches.get('d2')).toMatchObject({ kind: 'publish', updates: batch(OTHERS, 2) });
		expect(router.counters).toMatchObject({ forwarded: 2, floods: 0 });
	});

	it('floods without a dispatcher, and sends the updates to the next owner', () => {
		({ router, here } = startRouter(viewOf({ frontends: FRONTENDS })));
		for (const added of [1, 2]) router.publish(batch(OTHERS, added));
		const batches = take(router, 0);
		for (const frontend of FRONTENDS) expect(hearts(batches.get(frontend), OTHERS)).toBe(2);
		router.setView(view);
		expect(here.published).toEqual([]);
		expect(hearts(take(router, 0).get('d2'), OTHERS)).toBe(2);
	});

	it('merges updates while a batch is in flight, and sends them after the window', () => {
		router.publish(batch(OTHERS, 1));
		const first = takeOne(router, 0);
		for (const added of [4, 3, 2]) router.publish(batch(OTHERS, added));
		expect(router.take(5)).toEqual([]);
		router.arrived(first);
		expect(router.dueAt).toBe(WINDOW_MS);
		expect(router.take(WINDOW_MS - 1)).toEqual([]);
		expect(hearts(takeOne(router, WINDOW_MS), OTHERS)).toBe(4);
	});

	it('sends a batch for a frontend when the last one arrived', () => {
		router.deliver('f1', OWN, likes(1));
		const first = takeOne(router, 0);
		expect(first).toMatchObject({ to: 'f1', kind: 'deliver' });
		router.deliver('f1', OWN, likes(2));
		expect(router.take(1)).toEqual([]);
		router.arrived(first);
		expect(hearts(takeOne(router, 1), OWN)).toBe(2);
	});

	it('delivers to viewers of this node without the network and without a cut', () => {
		router.deliver('d1', OWN, likes(1));
		router.deliver('d1', OTHERS, likes(1));
		const nothing = (): Cut => () => [new Map(), new Map()];
		expect(router.take(0, nothing)).toEqual([]);
		expect(here.delivered).toEqual([new Map([...batch(OWN, 1), ...batch(OTHERS, 1)])]);
		expect(router.isIdle).toBe(true);
	});

	it('sends to one node without waiting for another', () => {
		router.publish(batch(OTHERS, 1));
		takeOne(router, 0);
		router.publish(batch(THIRDS, 1));
		router.deliver('f1', OWN, likes(1));
		expect([...take(router, 1).keys()]).toEqual(['d3', 'f1']);
	});

	it('sends updates that do not fit into a batch with the next one', () => {
		const topics = topicsOf(view, 'd2', 5);
		for (const topic of topics) router.publish(batch(topic, 1));
		const two = (): Cut => (waiting) => [new Map([...waiting].slice(0, 2)), new Map([...waiting].slice(2))];
		const sizes: number[] = [];
		for (let now = 0; !router.isIdle; now += WINDOW_MS) {
			const [sentBatch] = router.take(now, two);
			sizes.push(sentBatch?.updates.size ?? 0);
			router.arrived(sentBatch as PeerBatch);
		}
		expect(sizes).toEqual([2, 2, 1]);
	});

	it('floods while the ring is empty', () => {
		router.setView(viewOf({ frontends: FRONTENDS }));
		router.publish(batch(OTHERS, 1));
		expect(here.published).toEqual([]);
		expect([...take(router, 0).keys()]).toEqual(FRONTENDS);
		expect(router.counters).toMatchObject({ floods: 1, unanswered: 1, forwarded: 0 });
	});
});

describe('Router.setView', () => {
	it('sends the updates of an owner that left to the next one, and publishes those of this node', () => {
		const without = viewOf({ dispatchers: ['d1', 'd3'], frontends: FRONTENDS });
		const topics = topicsOf(view, 'd2', 40);
		const [own, others] = ['d1', 'd3'].map((node) => topics.filter((topic) => without.ring.owner(topic) === node));
		expect([own?.length, others?.length]).not.toContain(0);
		for (const topic of topics.slice(0, 20)) router.publish(batch(topic, 1));
		const sentBatch = takeOne(router, 0);
		for (const topic of topics) router.publish(batch(topic, 2));
		router.setView(without);
		expect(here.views).toEqual([without]);
		const [given = new Map<string, Update>(), ...more] = here.published;
		expect(more).toEqual([]);
		expect([...given.keys()].sort()).toEqual(own?.sort());
		for (const update of given.values()) expect(update).toEqual(likes(2));
		const next = takeOne(router, 1);
		expect([next.to, [...next.updates.keys()].sort()]).toEqual(['d3', others?.sort()]);
		router.arrived(sentBatch);
		router.failed(sentBatch, 2);
		router.arrived(next);
		expect(router.isIdle).toBe(true);
	});

	it('floods the updates of the last owner when it leaves', () => {
		router.publish(batch(OTHERS, 1));
		takeOne(router, 0);
		router.setView(viewOf({ frontends: FRONTENDS }));
		expect(here.published).toEqual([]);
		expect([...take(router, 1).keys()]).toEqual(FRONTENDS);
	});

	it('drops the updates of a frontend that is gone', () => {
		router.deliver('f1', OWN, likes(1));
		const sentBatch = takeOne(router, 0);
		router.deliver('f1', OTHERS, likes(1));
		router.setView(viewOf({ dispatchers: ['d1', 'd2', 'd3'], frontends: ['f2'] }));
		expect(router.isIdle).toBe(true);
		expect(router.counters.givenUp).toBe(2);
		router.failed(sentBatch, 1);
		expect(router.take(1_000)).toEqual([]);
	});
});

describe('Router', () => {
	it('is idle when no update waits and no batch is in flight', () => {
		expect(router.isIdle).toBe(true);
		expect(router.dueAt).toBeUndefined();
		router.publish(batch(OWN, 1));
		expect(router.isIdle).toBe(true);
		router.publish(batch(OTHERS, 1));
		expect(router.isIdle).toBe(false);
		const sentBatch = takeOne(router, 0);
		expect(router.isIdle).toBe(false);
		router.arrived(sentBatch);
		expect(router.isIdle).toBe(true);
		expect(router.dueAt).toBeUndefined();
	});

	it('counts one answer for one batch', () => {
		router.publish(batch(OTHERS, 1));
		const first = takeOne(router, 0);
		router.failed(first, 0);
		for (const sentBatch of router.take(0)) router.arrived(sentBatch);
		const second = takeOne(router, 200);
		router.arrived(first);
		expect(router.isIdle).toBe(false);
		router.arrived(second);
		expect(router.isIdle).toBe(true);
	});
});
