import { beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../test/registrations.ts';
import { topicOf, type ViewParts, viewOf } from '../../test/views.ts';
import type { View } from '../cluster/membership/view.ts';
import { Router } from '../cluster/routing/router.ts';
import type { Update } from '../state/update.ts';
import { Dispatch } from './fan-out/dispatch.ts';
import { LEASE_MS } from './fan-out/leases.ts';

const PARTS = { dispatchers: ['d1', 'd2'], frontends: ['f1', 'f2', 'f3'], likes: ['l1'] } satisfies ViewParts;
const view = viewOf(PARTS);
const [OWN, OTHERS] = [topicOf(view, 'd1'), topicOf(view, 'd2')];
const ALL = ['f1', 'f2', 'f3'];

const likes = (added: number): Update => ({
	rows: { s: { epoch: 1, counts: { heart: [added, 0] } } },
	complete: false,
	sample: [],
	at: added,
});

let router: Router;
let dispatch: Dispatch;
let seq: number;
let now: number;
let sentLikes: number;
beforeEach(() => {
	router = new Router('d1', 0, view);
	dispatch = new Dispatch({ self: 'd1', windowMs: 0, router, view });
	seq = 0;
	now = 0;
	sentLikes = 0;
});

/** Sends the digest of a frontend that follows the topic of this dispatcher, or no topic of it. */
function digest(frontend: string, follows: boolean, by = view.ring.view, more = {}): void {
	seq++;
	dispatch.subscribe(digestOf(frontend, by, seq, follows ? [OWN] : [], more), now);
}

/** Sends the digests of all frontends, of which f1 follows the topic, and answers the reads. */
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

/** Returns the receivers of the batches that leave now. */
function sent(): string[] {
	dispatch.fanOut(now);
	const batches = router.take(now);
	for (const batch of batches) router.arrived(batch);
	return batches.map(({ to }) => to);
}

/** Publishes an update of the topic of this dispatcher. Returns its receivers. */
function receivers(origin = { view: view.ring.view, forwarded: false }): string[] {
	dispatch.publish(new Map([[OWN, likes(++sentLikes)]]), origin);
	return sent();
}

describe('Dispatch', () => {
	it('floods until every frontend has sent a digest, and then uses its table', () => {
		expect(receivers()).toEqual(ALL);
		for (const frontend of ['f1', 'f2']) digest(frontend, frontend === 'f1');
		read();
		expect([dispatch.settled, receivers()]).toEqual([false, ALL]);
		digest('f3', false);
		expect([dispatch.settled, receivers()]).toEqual([true, ['f1']]);
		expect(dispatch.counters).toMatchObject({ unsettled: 3, misrouted: 0 });
	});

	it('does not trust its table during a digest in several messages, nor after a digest of another ring', () => {
		digest('f1', true);
		digest('f2', false);
		seq++;
		dispatch.subscribe(digestOf('f3', view.ring.view, seq, [OWN], { digest: undefined }), now);
		expect(dispatch.settled).toBe(false);
		dispatch.subscribe(digestOf('f3', 'another', seq, [OWN]), now);
		expect(dispatch.settled).toBe(false);
		digest('f3', true);
		expect(dispatch.settled).toBe(true);
	});

	it('floods after a change of the ring until every frontend has sent a digest of the new one', () => {
		settle();
		const next = change({ dispatchers: ['d1', 'd2', 'd3'], incarnations: {} });
		const origin = { view: next.ring.view, forwarded: false };
		const topic = topicOf(next, 'd1');
		const publish = () => {
			dispatch.publish(new Map([[topic, likes(++sentLikes)]]), origin);
			return sent();
		};
		expect(publish()).toEqual(ALL);
		for (const frontend of ALL) {
			expect(dispatch.settled).toBe(false);
			digest(frontend, false, next.ring.view);
		}
		expect(dispatch.settled).toBe(true);
		expect(publish()).not.toEqual(ALL);
	});

	it('floods updates of a sender with another ring', () => {
		settle();
		expect(receivers({ view: 'another', forwarded: false })).toEqual(ALL);
		expect(receivers()).toEqual(['f1']);
	});

	it('floods after a message of a frontend with another ring, until that frontend sends a digest', () => {
		settle();
		dispatch.witness('f3', view.ring.view);
		expect(receivers()).toEqual(['f1']);
		dispatch.witness('f3', 'another');
		expect(receivers()).toEqual(ALL);
		dispatch.witness('f3', view.ring.view);
		expect(receivers()).toEqual(ALL);
		digest('f3', false);
		expect(receivers()).toEqual(['f1']);
	});

	it('does not trust its table while a frontend reaches only another dispatcher', () => {
		settle();
		dispatch.setView(viewOf({ ...PARTS, silent: ['f2'] }));
		expect(dispatch.settled).toBe(false);
		dispatch.setView(viewOf(PARTS));
		expect(dispatch.settled).toBe(true);
	});

	it('floods when the digest of a frontend is older than a lease', () => {
		settle();
		now = LEASE_MS - 1;
		dispatch.expire(now);
		expect(receivers()).toEqual(['f1']);
		digest('f1', true);
		digest('f2', false);
		now = LEASE_MS;
		dispatch.expire(now);
		expect(receivers()).toEqual(ALL);
		digest('f3', false);
		expect(receivers()).toEqual(['f1']);
	});

	it('ignores a late digest with an older number or of an earlier incarnation', () => {
		settle();
		dispatch.subscribe(digestOf('f3', 'another', 1, [OWN]), now);
		expect(dispatch.settled).toBe(true);
		dispatch.subscribe(digestOf('f3', 'another', 99, [OWN], { incarnation: 0 }), now);
		expect(dispatch.settled).toBe(true);
	});
});

describe('Dispatch.publish', () => {
	it('sends updates of a topic of another dispatcher to that dispatcher only', () => {
		settle();
		dispatch.publish(new Map([[OTHERS, likes(1)]]), { view: view.ring.view, forwarded: false });
		expect(sent()).toEqual(['d2']);
	});

	it('floods forwarded updates that it does not own, and forwards them to no dispatcher', () => {
		settle();
		dispatch.publish(new Map([[OTHERS, likes(1)]]), { view: view.ring.view, forwarded: true });
		expect(sent()).toEqual(ALL);
		expect(dispatch.counters.misrouted).toBe(1);
	});

	it('floods updates of a topic that this node has just become the owner of', () => {
		settle();
		change({ dispatchers: ['d1'] });
		dispatch.publishOwn(new Map([[OTHERS, likes(1)]]));
		expect(sent()).toEqual(ALL);
	});

	it('floods once: the next update of the topic uses the table again', () => {
		settle();
		expect(receivers({ view: 'another', forwarded: false })).toEqual(ALL);
		expect(receivers()).toEqual(['f1']);
	});
});

describe('Dispatch.takeReads', () => {
	const topicsRead = () => dispatch.takeReads();

	it('returns the topics again when the table is complete again, since updates may have missed it', () => {
		settle();
		expect(topicsRead()).toEqual([]);
		dispatch.witness('f3', 'another');
		digest('f3', false);
		expect(topicsRead()).toEqual([OWN]);
	});

	it.each<[string, Partial<ViewParts>]>([
		['leaves', { likes: [] }],
		['joins', { likes: ['l1', 'l2'] }],
		['restarts', { incarnations: { l1: 2 } }],
	])('returns the topics again when a Likes node %s, since it may have stored unpublished updates', (_, parts) => {
		settle();
		change(parts);
		expect(topicsRead()).toEqual([OWN]);
	});

	it('returns no topic when only the order of the Likes nodes changes', () => {
		change({ likes: ['l1', 'l2'] });
		settle();
		change({ likes: ['l2', 'l1'] });
		expect(topicsRead()).toEqual([]);
	});
});

describe('Dispatch.setView', () => {
	it('drops the rows and the digest of a frontend that is gone', () => {
		settle();
		expect(dispatch.table.rowCount).toBe(1);
		change({ frontends: ['f2', 'f3'] });
		expect(dispatch.table.rowCount).toBe(0);
		expect(dispatch.settled).toBe(true);
		change({});
		expect(dispatch.settled).toBe(false);
	});

	it('drops the rows of the earlier incarnation of a frontend, and keeps those of the new one', () => {
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
