import { beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../test/registrations.ts';
import { topicOf, type ViewParts, viewOf } from '../../test/views.ts';
import type { View } from '../cluster/membership/view.ts';
import { Router } from '../cluster/routing/router.ts';
import type { Update } from '../state/update.ts';
import { Dispatch } from './fan-out/dispatch.ts';
import { ROW_LIFETIME_MS } from './fan-out/subscription-table.ts';

const PARTS = { dispatchers: ['d1', 'd2'], frontends: ['f1', 'f2', 'f3'], likes: ['l1'] } satisfies ViewParts;
const view = viewOf(PARTS);
const [OWN, OTHERS] = [topicOf(view, 'd1'), topicOf(view, 'd2')];
const ALL = ['f1', 'f2', 'f3'];

const news = (added: number): Update => ({
	rows: { s: { epoch: 1, counts: { heart: [added, 0] } } },
	complete: false,
	sample: [],
	at: added,
});

let router: Router;
let dispatch: Dispatch;
let seq: number;
let now: number;
let likes: number;
beforeEach(() => {
	router = new Router('d1', 0, view);
	dispatch = new Dispatch({ self: 'd1', windowMs: 0, router, view });
	seq = 0;
	now = 0;
	likes = 0;
});

/** A frontend tells everything; it follows the topic of this dispatcher, or nothing here. */
function digest(frontend: string, follows: boolean, by = view.ring.view, more = {}): void {
	seq++;
	dispatch.subscribe(digestOf(frontend, by, seq, follows ? [OWN] : [], more), now);
}

/** All frontends tell everything, and f1 follows the topic; the store is read. */
function settle(by = view.ring.view): void {
	for (const frontend of ALL) digest(frontend, frontend === 'f1', by);
	read();
}

function read(): string[] {
	const topics = dispatch.takeReads();
	for (const topic of topics) dispatch.loaded(topic, { rows: {} }, 0);
	sent();
	return topics;
}

function change(parts: Partial<ViewParts>): View {
	const next = viewOf({ ...PARTS, ...parts });
	router.setView(next);
	dispatch.setView(next);
	return next;
}

/** Where batches go now. */
function sent(): string[] {
	dispatch.fanOut(now);
	const parcels = router.take(now);
	for (const parcel of parcels) router.arrived(parcel);
	return parcels.map(({ to }) => to);
}

/** Where news of this dispatcher's topic go. */
function told(origin = { view: view.ring.view, forwarded: false }): string[] {
	dispatch.publish(new Map([[OWN, news(++likes)]]), origin);
	return sent();
}

describe('a dispatcher goes by its table', () => {
	it('once every frontend told it everything, and floods before', () => {
		expect(told()).toEqual(ALL);
		for (const frontend of ['f1', 'f2']) digest(frontend, frontend === 'f1');
		read();
		expect([dispatch.settled, told()]).toEqual([false, ALL]);
		digest('f3', false);
		expect([dispatch.settled, told()]).toEqual([true, ['f1']]);
		expect(dispatch.counters).toMatchObject({ unsettled: 3, misrouted: 0 });
	});

	it('not while a digest is under way in parts, nor after one by another ring', () => {
		digest('f1', true);
		digest('f2', false);
		seq++;
		dispatch.subscribe(digestOf('f3', view.ring.view, seq, [OWN], { digestSince: undefined }), now);
		expect(dispatch.settled).toBe(false);
		dispatch.subscribe(digestOf('f3', 'another', seq, [OWN]), now);
		expect(dispatch.settled).toBe(false);
		digest('f3', true);
		expect(dispatch.settled).toBe(true);
	});

	it('not after the ring changed, until all told it everything by the new one', () => {
		settle();
		const next = change({ dispatchers: ['d1', 'd2', 'd3'], incarnations: {} });
		const origin = { view: next.ring.view, forwarded: false };
		const topic = topicOf(next, 'd1');
		const tell = () => {
			dispatch.publish(new Map([[topic, news(++likes)]]), origin);
			return sent();
		};
		expect(tell()).toEqual(ALL);
		for (const frontend of ALL) {
			expect(dispatch.settled).toBe(false);
			digest(frontend, false, next.ring.view);
		}
		expect(dispatch.settled).toBe(true);
		expect(tell()).not.toEqual(ALL);
	});

	it('not for news whose sender goes by another ring', () => {
		settle();
		expect(told({ view: 'another', forwarded: false })).toEqual(ALL);
		expect(told()).toEqual(['f1']);
	});

	it('not when a frontend was heard to go by another ring, until that tells everything again', () => {
		settle();
		dispatch.witness('f3', view.ring.view);
		expect(told()).toEqual(['f1']);
		dispatch.witness('f3', 'another');
		expect(told()).toEqual(ALL);
		dispatch.witness('f3', view.ring.view);
		expect(told()).toEqual(ALL);
		digest('f3', false);
		expect(told()).toEqual(['f1']);
	});

	it('not while nothing is heard of a frontend that another dispatcher hears', () => {
		settle();
		dispatch.setView(viewOf({ ...PARTS, unheard: ['f2'] }));
		expect(dispatch.settled).toBe(false);
		dispatch.setView(viewOf(PARTS));
		expect(dispatch.settled).toBe(true);
	});

	it('not when the digest of a frontend is as old as its rows may be', () => {
		settle();
		now = ROW_LIFETIME_MS - 1;
		dispatch.expire(now);
		expect(told()).toEqual(['f1']);
		digest('f1', true);
		digest('f2', false);
		now = ROW_LIFETIME_MS;
		dispatch.expire(now);
		expect(told()).toEqual(ALL);
		digest('f3', false);
		expect(told()).toEqual(['f1']);
	});

	it('also after a digest that came late, of its former number or life', () => {
		settle();
		dispatch.subscribe(digestOf('f3', 'another', 1, [OWN]), now);
		expect(dispatch.settled).toBe(true);
		dispatch.subscribe(digestOf('f3', 'another', 99, [OWN], { incarnation: 0 }), now);
		expect(dispatch.settled).toBe(true);
	});
});

describe('news', () => {
	it('of a topic of another dispatcher are sent there, and nowhere else', () => {
		settle();
		dispatch.publish(new Map([[OTHERS, news(1)]]), { view: view.ring.view, forwarded: false });
		expect(sent()).toEqual(['d2']);
	});

	it('that were sent on already, and not to the owner, go to every frontend and to no dispatcher', () => {
		settle();
		dispatch.publish(new Map([[OTHERS, news(1)]]), { view: view.ring.view, forwarded: true });
		expect(sent()).toEqual(ALL);
		expect(dispatch.counters.misrouted).toBe(1);
	});

	it('of a topic whose owner this node has just become are told to all', () => {
		settle();
		change({ dispatchers: ['d1'] });
		dispatch.publishOwn(new Map([[OTHERS, news(1)]]));
		expect(sent()).toEqual(ALL);
	});

	it('flood once: the next ones of a topic go by the table again', () => {
		settle();
		expect(told({ view: 'another', forwarded: false })).toEqual(ALL);
		expect(told()).toEqual(['f1']);
	});
});

describe('a dispatcher reads its topics again', () => {
	const topicsRead = () => dispatch.takeReads();

	it('when it is settled again: news may have passed it by', () => {
		settle();
		expect(topicsRead()).toEqual([]);
		dispatch.witness('f3', 'another');
		digest('f3', false);
		expect(topicsRead()).toEqual([OWN]);
	});

	it.each<[string, Partial<ViewParts>]>([
		['left', { likes: [] }],
		['came', { likes: ['l1', 'l2'] }],
		['restarted', { incarnations: { l1: 2 } }],
	])('when a Likes node %s: it may have stored what it did not publish', (_, parts) => {
		settle();
		change(parts);
		expect(topicsRead()).toEqual([OWN]);
	});

	it('not when only the order of the Likes nodes is another', () => {
		change({ likes: ['l1', 'l2'] });
		settle();
		change({ likes: ['l2', 'l1'] });
		expect(topicsRead()).toEqual([]);
	});
});

describe('the rows of a frontend', () => {
	it('go at once when it is gone, and its digest with them', () => {
		settle();
		expect(dispatch.table.rowCount).toBe(1);
		change({ frontends: ['f2', 'f3'] });
		expect(dispatch.table.rowCount).toBe(0);
		expect(dispatch.settled).toBe(true);
		change({});
		expect(dispatch.settled).toBe(false);
	});

	it('of a former life go when it restarted, and those of the new one stay', () => {
		settle();
		digest('f2', true);
		expect(dispatch.table.rowCount).toBe(2);
		digest('f2', true, view.ring.view, { incarnation: 5 });
		change({ incarnations: { f1: 5, f2: 5 } });
		expect([...dispatch.table.frontends(OWN)]).toEqual(['f2']);
		expect(dispatch.settled).toBe(false);
		digest('f1', false, view.ring.view, { incarnation: 5 });
		expect(dispatch.settled).toBe(true);
	});
});
