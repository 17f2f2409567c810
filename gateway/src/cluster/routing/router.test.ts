import { beforeEach, describe, expect, it } from 'vitest';
import { topicOf, topicsOf, viewOf } from '../../../test/views.ts';
import type { Cut } from '../../outbox/batch.ts';
import type { Update, Updates } from '../../state/update.ts';
import type { View } from '../membership/view.ts';
import { cutToBody } from '../rpc/batches.ts';
import { DOUBT_MS, type PeerBatch } from './batch-queue.ts';
import { GIVE_UP_MS, INDIRECT_DELIVERY_MS, Router } from './router.ts';

const WINDOW_MS = 10;
const FRONTENDS = ['f1', 'f2'];
const view = viewOf({ dispatchers: ['d1', 'd2', 'd3'], frontends: FRONTENDS });
const [OWN, OTHERS, THIRDS] = [topicOf(view, 'd1'), topicOf(view, 'd2'), topicOf(view, 'd3')];

const news = (added: number): Update => ({
	rows: { s: { epoch: 1, counts: { heart: [added, 0] } } },
	complete: false,
	sample: [],
	at: added,
});
const batch = (topic: string, added: number) => new Map([[topic, news(added)]]);

/** Likes that a batch tells of a topic; undefined when it tells nothing of it. */
const hearts = (parcel: PeerBatch | undefined, topic: string) => parcel?.updates.get(topic)?.rows.s?.counts.heart?.[0];

let router: Router;
/** What the router handed to this node: what it publishes and what it delivers. */
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

/** The batches that leave, by where they go; none goes to a node twice. */
function take(now: number): Map<string, PeerBatch> {
	const parcels = router.take(now);
	const byNode = new Map(parcels.map((parcel) => [parcel.to, parcel]));
	expect(byNode.size).toBe(parcels.length);
	return byNode;
}

/** The one batch that leaves. */
function takeOne(now: number): PeerBatch {
	const [parcel, ...others] = router.take(now);
	expect(others).toEqual([]);
	return parcel as PeerBatch;
}

describe('news', () => {
	it('without any dispatcher go to every frontend, and to their owner as soon as there is one', () => {
		router = startRouter(viewOf({ frontends: FRONTENDS }));
		for (const added of [1, 2]) router.publish(batch(OTHERS, added));
		const parcels = take(0);
		for (const frontend of FRONTENDS) expect(hearts(parcels.get(frontend), OTHERS)).toBe(2);
		router.setView(view);
		expect(here.published).toEqual([]);
		expect(hearts(take(0).get('d2'), OTHERS)).toBe(2);
	});

	it('go to the owner of their topic, without the network when that is this node', () => {
		const updates = new Map([...batch(OWN, 1), ...batch(OTHERS, 2), ...batch(THIRDS, 3)]);
		router.publish(updates);
		expect(here.published).toEqual([batch(OWN, 1)]);
		const parcels = take(0);
		expect([...parcels.keys()].sort()).toEqual(['d2', 'd3']);
		expect(parcels.get('d2')).toMatchObject({ kind: 'publish', updates: batch(OTHERS, 2) });
		expect(router.counters).toMatchObject({ forwarded: 2, floods: 0 });
	});

	it('merge while a batch is under way, and follow it after the window', () => {
		router.publish(batch(OTHERS, 1));
		const first = takeOne(0);
		for (const added of [4, 3, 2]) router.publish(batch(OTHERS, added));
		expect(router.take(5)).toEqual([]);
		router.arrived(first);
		expect(router.dueAt).toBe(WINDOW_MS);
		expect(router.take(WINDOW_MS - 1)).toEqual([]);
		expect(hearts(takeOne(WINDOW_MS), OTHERS)).toBe(4);
	});

	it('for a frontend leave as soon as the last ones arrived', () => {
		router.deliver('f1', OWN, news(1));
		const first = takeOne(0);
		expect(first).toMatchObject({ to: 'f1', kind: 'deliver' });
		router.deliver('f1', OWN, news(2));
		expect(router.take(1)).toEqual([]);
		router.arrived(first);
		expect(hearts(takeOne(1), OWN)).toBe(2);
	});

	it('for the viewers of this node are delivered without the network, and never cut', () => {
		router.deliver('d1', OWN, news(1));
		router.deliver('d1', OTHERS, news(1));
		const nothing = (): Cut => () => [new Map(), new Map()];
		expect(router.take(0, nothing)).toEqual([]);
		expect(here.delivered).toEqual([new Map([...batch(OWN, 1), ...batch(OTHERS, 1)])]);
		expect(router.isIdle).toBe(true);
	});

	it('of one node do not wait for another', () => {
		router.publish(batch(OTHERS, 1));
		takeOne(0);
		router.publish(batch(THIRDS, 1));
		router.deliver('f1', OWN, news(1));
		expect([...take(1).keys()]).toEqual(['d3', 'f1']);
	});

	it('that do not fit into a batch go with the next one', () => {
		const topics = topicsOf(view, 'd2', 5);
		for (const topic of topics) router.publish(batch(topic, 1));
		const two = (): Cut => (waiting) => [new Map([...waiting].slice(0, 2)), new Map([...waiting].slice(2))];
		const sizes: number[] = [];
		for (let now = 0; !router.isIdle; now += WINDOW_MS) {
			const [parcel] = router.take(now, two);
			sizes.push(parcel?.updates.size ?? 0);
			router.arrived(parcel as PeerBatch);
		}
		expect(sizes).toEqual([2, 2, 1]);
	});

	it('go to every frontend when there is no owner', () => {
		router.setView(viewOf({ frontends: FRONTENDS }));
		router.publish(batch(OTHERS, 1));
		expect(here.published).toEqual([]);
		expect([...take(0).keys()]).toEqual(FRONTENDS);
		expect(router.counters).toMatchObject({ floods: 1, unanswered: 1, forwarded: 0 });
	});
});

describe('an owner that does not answer', () => {
	it('in time is in doubt: its news and those that wait go to every frontend as well', () => {
		const [first = '', second = ''] = topicsOf(view, 'd2', 2);
		router.publish(batch(first, 1));
		takeOne(0);
		router.publish(batch(second, 2));
		expect(router.dueAt).toBe(DOUBT_MS);
		expect(router.take(DOUBT_MS - 1)).toEqual([]);
		const parcels = take(DOUBT_MS);
		expect([...parcels.keys()]).toEqual(FRONTENDS);
		for (const parcel of parcels.values()) expect([hearts(parcel, first), hearts(parcel, second)]).toEqual([1, 2]);
		expect(router.counters).toMatchObject({ floods: 2, unanswered: 2 });
	});

	it('is doubted until a batch arrives there, and its news flood at once till then', () => {
		router.publish(batch(OTHERS, 1));
		const parcel = takeOne(0);
		for (const flood of take(DOUBT_MS).values()) router.arrived(flood);
		router.publish(batch(OTHERS, 2));
		const floods = take(DOUBT_MS + 1);
		expect([...floods.keys()]).toEqual(FRONTENDS);
		for (const flood of floods.values()) router.arrived(flood);
		router.arrived(parcel);
		router.publish(batch(OTHERS, 3));
		const next = takeOne(DOUBT_MS + 2);
		expect([next.to, hearts(next, OTHERS)]).toEqual(['d2', 3]);
		expect(router.counters.floods).toBe(2);
	});

	it('and whose connection fails is doubted at once, and gets its news again later, merged with what came', () => {
		router.publish(batch(OTHERS, 5));
		const parcel = takeOne(0);
		router.publish(batch(OTHERS, 7));
		router.failed(parcel, 3);
		expect([...take(3).keys()]).toEqual(FRONTENDS);
		expect(router.dueAt).toBe(103);
		expect(router.take(102)).toEqual([]);
		const again = takeOne(103);
		expect([again.to, hearts(again, OTHERS)]).toEqual(['d2', 7]);
		router.arrived(again);
		expect(router.counters).toMatchObject({ retries: 1 });
	});

	it('does not make news flood twice for one batch', () => {
		router.publish(batch(OTHERS, 1));
		const parcel = takeOne(0);
		take(DOUBT_MS);
		router.failed(parcel, DOUBT_MS + 10);
		expect(router.counters.floods).toBe(1);
	});

	it('keeps its news for as long as it is on the ring', () => {
		router.publish(batch(OTHERS, 9));
		for (let now = 0; now < 10 * GIVE_UP_MS; now += 100) {
			for (const parcel of router.take(now)) {
				if (parcel.kind === 'deliver') router.arrived(parcel);
				else router.failed(parcel, now);
			}
		}
		expect(hearts(takeOne(10 * GIVE_UP_MS), OTHERS)).toBe(9);
		expect(router.counters.givenUp).toBe(0);
	});
});

describe('a new view', () => {
	it('sends what was for an owner that left to the next one, and publishes what is this node’s own', () => {
		const without = viewOf({ dispatchers: ['d1', 'd3'], frontends: FRONTENDS });
		const topics = topicsOf(view, 'd2', 40);
		const [own, others] = ['d1', 'd3'].map((node) => topics.filter((topic) => without.ring.owner(topic) === node));
		expect([own?.length, others?.length]).not.toContain(0);
		for (const topic of topics.slice(0, 20)) router.publish(batch(topic, 1));
		const parcel = takeOne(0);
		for (const topic of topics) router.publish(batch(topic, 2));
		router.setView(without);
		expect(here.views).toEqual([without]);
		const [given = new Map<string, Update>(), ...more] = here.published;
		expect(more).toEqual([]);
		expect([...given.keys()].sort()).toEqual(own?.sort());
		for (const update of given.values()) expect(update).toEqual(news(2));
		const next = takeOne(1);
		expect([next.to, [...next.updates.keys()].sort()]).toEqual(['d3', others?.sort()]);
		router.arrived(parcel);
		router.failed(parcel, 2);
		router.arrived(next);
		expect(router.isIdle).toBe(true);
	});

	it('floods what was under way to an owner when none is left', () => {
		router.publish(batch(OTHERS, 1));
		takeOne(0);
		router.setView(viewOf({ frontends: FRONTENDS }));
		expect(here.published).toEqual([]);
		expect([...take(1).keys()]).toEqual(FRONTENDS);
	});

	it('drops what was for a frontend that is gone', () => {
		router.deliver('f1', OWN, news(1));
		const parcel = takeOne(0);
		router.deliver('f1', OTHERS, news(1));
		router.setView(viewOf({ dispatchers: ['d1', 'd2', 'd3'], frontends: ['f2'] }));
		expect(router.isIdle).toBe(true);
		expect(router.counters.givenUp).toBe(2);
		router.failed(parcel, 1);
		expect(router.take(1_000)).toEqual([]);
	});
});

describe('a frontend that nothing reaches', () => {
	/** Fails all that goes to the frontend, for so long; gives back what goes to others. */
	function failFor(ms: number, topic: string): PeerBatch[] {
		const others: PeerBatch[] = [];
		router.deliver('f1', topic, news(1));
		for (let now = 0; now <= ms; now += 50) {
			for (const parcel of router.take(now)) {
				if (parcel.to === 'f1') router.failed(parcel, now);
				else {
					others.push(parcel);
					router.arrived(parcel);
				}
			}
		}
		return others;
	}

	const missed = { ...view, suspects: new Set(['f1']) };

	it('and missed a ping is told by way of another dispatcher, of topics that are this node’s own', () => {
		router = startRouter(missed);
		const detours = failFor(INDIRECT_DELIVERY_MS - 1, OWN);
		expect(detours.map(({ to, kind }) => `${kind} ${to}`)).toEqual(['publish d2']);
		expect(hearts(detours[0], OWN)).toBe(1);
		expect(router.counters.detours).toBe(1);
		router = startRouter(missed);
		expect(failFor(INDIRECT_DELIVERY_MS - 1, OTHERS)).toEqual([]);
	});

	it('takes the indirect path as soon as a ping is missed, however often it failed before', () => {
		router.deliver('f1', OWN, news(1));
		router.failed(takeOne(0), 0);
		router.setView(missed);
		for (const now of [250, 300])
			for (const parcel of router.take(now)) if (parcel.to === 'f1') router.failed(parcel, now);
		expect(router.counters.detours).toBe(1);
	});

	it('and answers pings is only slow: nothing takes a detour', () => {
		expect(failFor(GIVE_UP_MS + 200, OWN)).toEqual([]);
	});

	it('is told by way of another dispatcher of what is given up, too', () => {
		router = startRouter(missed);
		failFor(GIVE_UP_MS - 200, OWN);
		router.deliver('f1', OWN, news(7));
		for (let now = GIVE_UP_MS - 150; router.counters.givenUp === 0; now += 50) {
			for (const parcel of router.take(now)) {
				if (parcel.to === 'f1') router.failed(parcel, now);
				else router.arrived(parcel);
			}
		}
		const last = router.take(GIVE_UP_MS + 2_000).find(({ to }) => to === 'd2');
		expect(hearts(last as PeerBatch, OWN)).toBe(7);
	});

	it('for three seconds gets nothing that waited, and what comes later is tried again', () => {
		failFor(GIVE_UP_MS + 200, OWN);
		expect(router.counters.givenUp).toBe(1);
		expect(router.isIdle).toBe(true);
		router.deliver('f1', OWN, news(2));
		expect(hearts(takeOne(GIVE_UP_MS + 500), OWN)).toBe(2);
	});

	it('and then is reached has its three seconds anew', () => {
		failFor(GIVE_UP_MS - 500, OWN);
		const parcels = take(GIVE_UP_MS - 300);
		expect([...parcels.keys()]).toContain('f1');
		for (const parcel of parcels.values()) router.arrived(parcel);
		router.deliver('f1', OWN, news(2));
		router.failed(takeOne(GIVE_UP_MS), GIVE_UP_MS);
		expect(router.isIdle).toBe(false);
		expect(router.counters.givenUp).toBe(0);
	});
});

describe('a router', () => {
	it('is idle when nothing waits and nothing is under way', () => {
		expect(router.isIdle).toBe(true);
		expect(router.dueAt).toBeUndefined();
		router.publish(batch(OWN, 1));
		expect(router.isIdle).toBe(true);
		router.publish(batch(OTHERS, 1));
		expect(router.isIdle).toBe(false);
		const parcel = takeOne(0);
		expect(router.isIdle).toBe(false);
		router.arrived(parcel);
		expect(router.isIdle).toBe(true);
		expect(router.dueAt).toBeUndefined();
	});

	it('does not take one answer for two batches', () => {
		router.publish(batch(OTHERS, 1));
		const first = takeOne(0);
		router.failed(first, 0);
		for (const parcel of router.take(0)) router.arrived(parcel);
		const second = takeOne(200);
		router.arrived(first);
		expect(router.isIdle).toBe(false);
		router.arrived(second);
		expect(router.isIdle).toBe(true);
	});
});

describe('a node that refuses a batch as too long', () => {
	const half = (halvings: number): Cut => {
		return (waiting) => [new Map([...waiting].slice(0, 8 >> halvings)), new Map([...waiting].slice(8 >> halvings))];
	};
	const topics = Array.from({ length: 8 }, (_, index) => `t${index}`);

	it('gets it in shorter ones', () => {
		router.deliverAll(['f1'], new Map(topics.map((topic) => [topic, news(1)])));
		const told: string[] = [];
		for (let now = 0; now < 5_000; now += 100) {
			for (const parcel of router.take(now, half)) {
				if (parcel.updates.size > 2) router.tooLong(parcel, now);
				else {
					told.push(...parcel.updates.keys());
					router.arrived(parcel);
				}
			}
		}
		expect(told.sort()).toEqual(topics);
		expect(router.counters).toMatchObject({ tooLong: 2, refused: 0, retries: 0, givenUp: 0 });
	});

	it('however short it is, is not sent it again', () => {
		router.deliverAll(['f1'], batch('a', 1));
		const sent = new Set<Cut>();
		let batches = 0;
		for (let now = 0; now < 60_000; now += 100) {
			for (const parcel of router.take(now, cutsOf(sent))) {
				batches++;
				router.tooLong(parcel, now);
			}
		}
		// Each shorter than the one before.
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
