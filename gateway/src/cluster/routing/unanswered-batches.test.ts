import { beforeEach, describe, expect, it } from 'vitest';
import {
	batch,
	FRONTENDS,
	hearts,
	likes,
	OTHERS,
	OWN,
	startRouter,
	take,
	takeOne,
	view,
} from '../../../test/router.ts';
import { topicsOf } from '../../../test/views.ts';
import type { Cut } from '../../outbox/batch.ts';
import { cutToBody } from '../rpc/batches.ts';
import { type PeerBatch, UNRESPONSIVE_MS } from './batch-queue.ts';
import { GIVE_UP_MS, INDIRECT_DELIVERY_MS, type Router } from './router.ts';

let router: Router;
beforeEach(() => {
	({ router } = startRouter());
});

describe('Router with an owner that does not answer', () => {
	it('floods the updates in flight and those that wait after 50 ms', () => {
		const [first = '', second = ''] = topicsOf(view, 'd2', 2);
		router.publish(batch(first, 1));
		takeOne(router, 0);
		router.publish(batch(second, 2));
		expect(router.dueAt).toBe(UNRESPONSIVE_MS);
		expect(router.take(UNRESPONSIVE_MS - 1)).toEqual([]);
		const batches = take(router, UNRESPONSIVE_MS);
		expect([...batches.keys()]).toEqual(FRONTENDS);
		for (const sentBatch of batches.values())
			expect([hearts(sentBatch, first), hearts(sentBatch, second)]).toEqual([1, 2]);
		expect(router.counters).toMatchObject({ floods: 2, unanswered: 2 });
	});

	it('floods new updates at once until a batch arrives', () => {
		router.publish(batch(OTHERS, 1));
		const sentBatch = takeOne(router, 0);
		for (const flood of take(router, UNRESPONSIVE_MS).values()) router.arrived(flood);
		router.publish(batch(OTHERS, 2));
		const floods = take(router, UNRESPONSIVE_MS + 1);
		expect([...floods.keys()]).toEqual(FRONTENDS);
		for (const flood of floods.values()) router.arrived(flood);
		router.arrived(sentBatch);
		router.publish(batch(OTHERS, 3));
		const next = takeOne(router, UNRESPONSIVE_MS + 2);
		expect([next.to, hearts(next, OTHERS)]).toEqual(['d2', 3]);
		expect(router.counters.floods).toBe(2);
	});

	it('floods at once after a failed connection, and sends the merged updates again', () => {
		router.publish(batch(OTHERS, 5));
		const sentBatch = takeOne(router, 0);
		router.publish(batch(OTHERS, 7));
		router.failed(sentBatch, 3);
		expect([...take(router, 3).keys()]).toEqual(FRONTENDS);
		expect(router.dueAt).toBe(103);
		expect(router.take(102)).toEqual([]);
		const again = takeOne(router, 103);
		expect([again.to, hearts(again, OTHERS)]).toEqual(['d2', 7]);
		router.arrived(again);
		expect(router.counters).toMatchObject({ retries: 1 });
	});

	it('floods the updates of one batch once', () => {
		router.publish(batch(OTHERS, 1));
		const sentBatch = takeOne(router, 0);
		take(router, UNRESPONSIVE_MS);
		router.failed(sentBatch, UNRESPONSIVE_MS + 10);
		expect(router.counters.floods).toBe(1);
	});

	it('keeps the updates while the owner is on the ring', () => {
		router.publish(batch(OTHERS, 9));
		for (let now = 0; now < 10 * GIVE_UP_MS; now += 100) {
			for (const sentBatch of router.take(now)) {
				if (sentBatch.kind === 'deliver') router.arrived(sentBatch);
				else router.failed(sentBatch, now);
			}
		}
		expect(hearts(takeOne(router, 10 * GIVE_UP_MS), OTHERS)).toBe(9);
		expect(router.counters.givenUp).toBe(0);
	});
});

describe('Router with an unreachable frontend', () => {
	/** Fails all batches for the frontend for `ms`. Returns the batches for other nodes. */
	function failFor(ms: number, topic: string): PeerBatch[] {
		const others: PeerBatch[] = [];
		router.deliver('f1', topic, likes(1));
		for (let now = 0; now <= ms; now += 50) {
			for (const sentBatch of router.take(now)) {
				if (sentBatch.to === 'f1') router.failed(sentBatch, now);
				else {
					others.push(sentBatch);
					router.arrived(sentBatch);
				}
			}
		}
		return others;
	}

	const missed = { ...view, suspects: new Set(['f1']) };

	it('delivers its own topics through another dispatcher when the frontend misses a ping', () => {
		({ router } = startRouter(missed));
		const indirect = failFor(INDIRECT_DELIVERY_MS - 1, OWN);
		expect(indirect.map(({ to, kind }) => `${kind} ${to}`)).toEqual(['publish d2']);
		expect(hearts(indirect[0], OWN)).toBe(1);
		expect(router.counters.indirect).toBe(1);
		({ router } = startRouter(missed));
		expect(failFor(INDIRECT_DELIVERY_MS - 1, OTHERS)).toEqual([]);
	});

	it('delivers indirectly as soon as a ping is missed, however often batches failed before', () => {
		router.deliver('f1', OWN, likes(1));
		router.failed(takeOne(router, 0), 0);
		router.setView(missed);
		for (const now of [250, 300])
			for (const sentBatch of router.take(now)) if (sentBatch.to === 'f1') router.failed(sentBatch, now);
		expect(router.counters.indirect).toBe(1);
	});

	it('does not deliver indirectly while the frontend answers pings', () => {
		expect(failFor(GIVE_UP_MS + 200, OWN)).toEqual([]);
	});

	it('delivers also given-up updates indirectly', () => {
		({ router } = startRouter(missed));
		failFor(GIVE_UP_MS - 200, OWN);
		router.deliver('f1', OWN, likes(7));
		for (let now = GIVE_UP_MS - 150; router.counters.givenUp === 0; now += 50) {
			for (const sentBatch of router.take(now)) {
				if (sentBatch.to === 'f1') router.failed(sentBatch, now);
				else router.arrived(sentBatch);
			}
		}
		const last = router.take(GIVE_UP_MS + 2_000).find(({ to }) => to === 'd2');
		expect(hearts(last as PeerBatch, OWN)).toBe(7);
	});

	it('drops the updates that wait after 3 s, and sends later ones', () => {
		failFor(GIVE_UP_MS + 200, OWN);
		expect(router.counters.givenUp).toBe(1);
		expect(router.isIdle).toBe(true);
		router.deliver('f1', OWN, likes(2));
		expect(hearts(takeOne(router, GIVE_UP_MS + 500), OWN)).toBe(2);
	});

	it('counts 3 s again after a batch arrived', () => {
		failFor(GIVE_UP_MS - 500, OWN);
		const batches = take(router, GIVE_UP_MS - 300);
		expect([...batches.keys()]).toContain('f1');
		for (const sentBatch of batches.values()) router.arrived(sentBatch);
		router.deliver('f1', OWN, likes(2));
		router.failed(takeOne(router, GIVE_UP_MS), GIVE_UP_MS);
		expect(router.isIdle).toBe(false);
		expect(router.counters.givenUp).toBe(0);
	});
});

describe('Router.tooLong', () => {
	const half = (halvings: number): Cut => {
		return (waiting) => [new Map([...waiting].slice(0, 8 >> halvings)), new Map([...waiting].slice(8 >> halvings))];
	};
	const topics = Array.from({ length: 8 }, (_, index) => `t${index}`);

	it('sends shorter batches', () => {
		router.deliverAll(['f1'], new Map(topics.map((topic) => [topic, likes(1)])));
		const sent: string[] = [];
		for (let now = 0; now < 5_000; now += 100) {
			for (const sentBatch of router.take(now, half)) {
				if (sentBatch.updates.size > 2) router.tooLong(sentBatch, now);
				else {
					sent.push(...sentBatch.updates.keys());
					router.arrived(sentBatch);
				}
			}
		}
		expect(sent.sort()).toEqual(topics);
		expect(router.counters).toMatchObject({ tooLong: 2, refused: 0, retries: 0, givenUp: 0 });
	});

	it('drops a batch that is refused at its shortest', () => {
		router.deliverAll(['f1'], batch('a', 1));
		const sent = new Set<Cut>();
		let batches = 0;
		for (let now = 0; now < 60_000; now += 100) {
			for (const sentBatch of router.take(now, cutsOf(sent))) {
				batches++;
				router.tooLong(sentBatch, now);
			}
		}
		// Each batch is shorter than the one before.
		expect(batches).toBe(sent.size);
		expect(router.counters.refused).toBe(1);
		expect(router.isIdle).toBe(true);
	});

	function cutsOf(sent: Set<Cut>): (halvings: number) => Cut {
		return (halvings) => {
			const cut = cutToBody(halvings);
			return (waiting) => {
				sent.add(cut);
				return cut(waiting);
			};
		};
	}
});
