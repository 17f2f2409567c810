import { beforeEach, describe, expect, it } from 'vitest';
import { topicOf, topicsOf, viewOf } from '../../../test/views.ts';
import type { Cut } from '../../outbox/batch.ts';
import type { Update, Updates } from '../../state/update.ts';
import type { View } from '../membership/view.ts';
import { cutToBody } from '../rpc/batches.ts';
import { type PeerBatch, UNRESPONSIVE_MS } from './batch-queue.ts';
import { GIVE_UP_MS, INDIRECT_DELIVERY_MS, Router } from './router.ts';

const WINDOW_MS = 10;
const FRONTENDS = ['f1', 'f2'];
const view = viewOf({ dispatchers: ['d1', 'd2', 'd3'], frontends: FRONTENDS });
const [OWN, OTHERS, THIRDS] = [topicOf(view, 'd1'), topicOf(view, 'd2'), topicOf(view, 'd3')];

const likes = (added: number): Update => ({
	rows: { s: { epoch: 1, counts: { heart: [added, 0] } } },
	complete: false,
	sample: [],
	at: added,
});
const batch = (topic: string, added: number) => new Map([[topic, likes(added)]]);

/** Returns the likes of a topic in a batch; undefined without the topic. */
const hearts = (sentBatch: PeerBatch | undefined, topic: string) =>
	sentBatch?.updates.get(topic)?.rows.s?.counts.heart?.[0];

let router: Router;
/** The updates for this node: those that it publishes, and those that it delivers. */
let here: { published: Updates[]; delivered: Updates[]; views: View[] };
beforeEach(() => {
	router = startRouter(view);
});

function startRouter(view: View): Router {
	here = { published: [], delivered: [], views: [] };
	const started = new Router('d1', WINDOW_MS, view);
	started.start({
		publish: (updates) => here.published.push(updates),
		deliver: (updates) => here.delivered.push(updates),
		onView: (view) => here.views.push(view),
	});
	return started;
}

/** Takes the batches that leave, by receiver; no node gets two. */
function take(now: number): Map<string, PeerBatch> {
	const batches = router.take(now);
	const byNode = new Map(batches.map((sentBatch) => [sentBatch.to, sentBatch]));
	expect(byNode.size).toBe(batches.length);
	return byNode;
}

/** Takes the only batch that leaves. */
function takeOne(now: number): PeerBatch {
	const [sentBatch, ...others] = router.take(now);
	expect(others).toEqual([]);
	return sentBatch as PeerBatch;
}

describe('Router.publish', () => {
	it('floods without a dispatcher, and sends the updates to the next owner', () => {
		router = startRouter(viewOf({ frontends: FRONTENDS }));
		for (const added of [1, 2]) router.publish(batch(OTHERS, added));
		const batches = take(0);
		for (const frontend of FRONTENDS) expect(hearts(batches.get(frontend), OTHERS)).toBe(2);
		router.setView(view);
		expect(here.published).toEqual([]);
		expect(hearts(take(0).get('d2'), OTHERS)).toBe(2);
	});

	it('sends updates to the owner of their topic, without the network when this node is the owner', () => {
		const updates = new Map([...batch(OWN, 1), ...batch(OTHERS, 2), ...batch(THIRDS, 3)]);
		router.publish(updates);
		expect(here.published).toEqual([batch(OWN, 1)]);
		const batches = take(0);
		expect([...batches.keys()].sort()).toEqual(['d2', 'd3']);
		expect(batches.get('d2')).toMatchObject({ kind: 'publish', updates: batch(OTHERS, 2) });
		expect(router.counters).toMatchObject({ forwarded: 2, floods: 0 });
	});

	it('merges updates while a batch is in flight, and sends them after the window', () => {
		router.publish(batch(OTHERS, 1));
		const first = takeOne(0);
		for (const added of [4, 3, 2]) router.publish(batch(OTHERS, added));
		expect(router.take(5)).toEqual([]);
		router.arrived(first);
		expect(router.dueAt).toBe(WINDOW_MS);
		expect(router.take(WINDOW_MS - 1)).toEqual([]);
		expect(hearts(takeOne(WINDOW_MS), OTHERS)).toBe(4);
	});

	it('sends a batch for a frontend when the last one arrived', () => {
		router.deliver('f1', OWN, likes(1));
		const first = takeOne(0);
		expect(first).toMatchObject({ to: 'f1', kind: 'deliver' });
		router.deliver('f1', OWN, likes(2));
		expect(router.take(1)).toEqual([]);
		router.arrived(first);
		expect(hearts(takeOne(1), OWN)).toBe(2);
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
		takeOne(0);
		router.publish(batch(THIRDS, 1));
		router.deliver('f1', OWN, likes(1));
		expect([...take(1).keys()]).toEqual(['d3', 'f1']);
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
		expect([...take(0).keys()]).toEqual(FRONTENDS);
		expect(router.counters).toMatchObject({ floods: 1, unanswered: 1, forwarded: 0 });
	});
});

describe('Router with an owner that does not answer', () => {
	it('floods the updates in flight and those that wait after 50 ms', () => {
		const [first = '', second = ''] = topicsOf(view, 'd2', 2);
		router.publish(batch(first, 1));
		takeOne(0);
		router.publish(batch(second, 2));
		expect(router.dueAt).toBe(UNRESPONSIVE_MS);
		expect(router.take(UNRESPONSIVE_MS - 1)).toEqual([]);
		const batches = take(UNRESPONSIVE_MS);
		expect([...batches.keys()]).toEqual(FRONTENDS);
		for (const sentBatch of batches.values())
			expect([hearts(sentBatch, first), hearts(sentBatch, second)]).toEqual([1, 2]);
		expect(router.counters).toMatchObject({ floods: 2, unanswered: 2 });
	});

	it('floods new updates at once until a batch arrives', () => {
		router.publish(batch(OTHERS, 1));
		const sentBatch = takeOne(0);
		for (const flood of take(UNRESPONSIVE_MS).values()) router.arrived(flood);
		router.publish(batch(OTHERS, 2));
		const floods = take(UNRESPONSIVE_MS + 1);
		expect([...floods.keys()]).toEqual(FRONTENDS);
		for (const flood of floods.values()) router.arrived(flood);
		router.arrived(sentBatch);
		router.publish(batch(OTHERS, 3));
		const next = takeOne(UNRESPONSIVE_MS + 2);
		expect([next.to, hearts(next, OTHERS)]).toEqual(['d2', 3]);
		expect(router.counters.floods).toBe(2);
	});

	it('floods at once after a failed connection, and sends the merged updates again', () => {
		router.publish(batch(OTHERS, 5));
		const sentBatch = takeOne(0);
		router.publish(batch(OTHERS, 7));
		router.failed(sentBatch, 3);
		expect([...take(3).keys()]).toEqual(FRONTENDS);
		expect(router.dueAt).toBe(103);
		expect(router.take(102)).toEqual([]);
		const again = takeOne(103);
		expect([again.to, hearts(again, OTHERS)]).toEqual(['d2', 7]);
		router.arrived(again);
		expect(router.counters).toMatchObject({ retries: 1 });
	});

	it('floods the updates of one batch once', () => {
		router.publish(batch(OTHERS, 1));
		const sentBatch = takeOne(0);
		take(UNRESPONSIVE_MS);
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
		expect(hearts(takeOne(10 * GIVE_UP_MS), OTHERS)).toBe(9);
		expect(router.counters.givenUp).toBe(0);
	});
});

describe('Router.setView', () => {
	it('sends the updates of an owner that left to the next one, and publishes those of this node', () => {
		const without = viewOf({ dispatchers: ['d1', 'd3'], frontends: FRONTENDS });
		const topics = topicsOf(view, 'd2', 40);
		const [own, others] = ['d1', 'd3'].map((node) => topics.filter((topic) => without.ring.owner(topic) === node));
		expect([own?.length, others?.length]).not.toContain(0);
		for (const topic of topics.slice(0, 20)) router.publish(batch(topic, 1));
		const sentBatch = takeOne(0);
		for (const topic of topics) router.publish(batch(topic, 2));
		router.setView(without);
		expect(here.views).toEqual([without]);
		const [given = new Map<string, Update>(), ...more] = here.published;
		expect(more).toEqual([]);
		expect([...given.keys()].sort()).toEqual(own?.sort());
		for (const update of given.values()) expect(update).toEqual(likes(2));
		const next = takeOne(1);
		expect([next.to, [...next.updates.keys()].sort()]).toEqual(['d3', others?.sort()]);
		router.arrived(sentBatch);
		router.failed(sentBatch, 2);
		router.arrived(next);
		expect(router.isIdle).toBe(true);
	});

	it('floods the updates of the last owner when it leaves', () => {
		router.publish(batch(OTHERS, 1));
		takeOne(0);
		router.setView(viewOf({ frontends: FRONTENDS }));
		expect(here.published).toEqual([]);
		expect([...take(1).keys()]).toEqual(FRONTENDS);
	});

	it('drops the updates of a frontend that is gone', () => {
		router.deliver('f1', OWN, likes(1));
		const sentBatch = takeOne(0);
		router.deliver('f1', OTHERS, likes(1));
		router.setView(viewOf({ dispatchers: ['d1', 'd2', 'd3'], frontends: ['f2'] }));
		expect(router.isIdle).toBe(true);
		expect(router.counters.givenUp).toBe(2);
		router.failed(sentBatch, 1);
		expect(router.take(1_000)).toEqual([]);
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
		router = startRouter(missed);
		const indirect = failFor(INDIRECT_DELIVERY_MS - 1, OWN);
		expect(indirect.map(({ to, kind }) => `${kind} ${to}`)).toEqual(['publish d2']);
		expect(hearts(indirect[0], OWN)).toBe(1);
		expect(router.counters.detours).toBe(1);
		router = startRouter(missed);
		expect(failFor(INDIRECT_DELIVERY_MS - 1, OTHERS)).toEqual([]);
	});

	it('delivers indirectly as soon as a ping is missed, however often batches failed before', () => {
		router.deliver('f1', OWN, likes(1));
		router.failed(takeOne(0), 0);
		router.setView(missed);
		for (const now of [250, 300])
			for (const sentBatch of router.take(now)) if (sentBatch.to === 'f1') router.failed(sentBatch, now);
		expect(router.counters.detours).toBe(1);
	});

	it('does not deliver indirectly while the frontend answers pings', () => {
		expect(failFor(GIVE_UP_MS + 200, OWN)).toEqual([]);
	});

	it('delivers also given-up updates indirectly', () => {
		router = startRouter(missed);
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
		expect(hearts(takeOne(GIVE_UP_MS + 500), OWN)).toBe(2);
	});

	it('counts 3 s again after a batch arrived', () => {
		failFor(GIVE_UP_MS - 500, OWN);
		const batches = take(GIVE_UP_MS - 300);
		expect([...batches.keys()]).toContain('f1');
		for (const sentBatch of batches.values()) router.arrived(sentBatch);
		router.deliver('f1', OWN, likes(2));
		router.failed(takeOne(GIVE_UP_MS), GIVE_UP_MS);
		expect(router.isIdle).toBe(false);
		expect(router.counters.givenUp).toBe(0);
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
		const sentBatch = takeOne(0);
		expect(router.isIdle).toBe(false);
		router.arrived(sentBatch);
		expect(router.isIdle).toBe(true);
		expect(router.dueAt).toBeUndefined();
	});

	it('counts one answer for one batch', () => {
		router.publish(batch(OTHERS, 1));
		const first = takeOne(0);
		router.failed(first, 0);
		for (const sentBatch of router.take(0)) router.arrived(sentBatch);
		const second = takeOne(200);
		router.arrived(first);
		expect(router.isIdle).toBe(false);
		router.arrived(second);
		expect(router.isIdle).toBe(true);
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
