import { describe, expect, it } from 'vitest';
import { viewOf } from '../../../test/views.ts';
import { Router } from '../../cluster/routing/router.ts';
import type { Cut } from '../../outbox/batch.ts';
import type { CounterRows } from '../../state/counters.ts';
import { hashLikes, revisionOf } from '../../state/counters.ts';
import type { Registrations } from '../../state/topics/registration.ts';
import type { Update, Updates } from '../../state/update.ts';
import { Dispatch } from './dispatch.ts';
import { MAX_READS } from './topic-reads.ts';

const WINDOW_MS = 10;
const view = viewOf({ dispatchers: ['d1'], frontends: ['f1', 'f2', 'f3'] });
const origin = { view: view.ring.view, forwarded: false };
const hearts = (added: number): CounterRows => ({ s: { epoch: 1, counts: { heart: [added, 0] } } });
const news = (added: number, sample: Update['sample'] = []) =>
	new Map([['a', { rows: hearts(added), complete: false, sample, at: added }]]);

/** A digest: the frontend follows these topics and no other. */
function follows(frontend: string, seq: number, topics: readonly string[], rows?: CounterRows): Registrations {
	const hash = rows && hashLikes(rows);
	const registrations = topics.map((topic) => ({ topic, count: 1, hash, revision: rows ? revisionOf(rows) : 0 }));
	const life = { frontend, incarnation: 1, view: view.ring.view };
	return { ...life, seq, digestSince: seq, topics: registrations, dropped: [] };
}

/** The only dispatcher of a cluster with three frontends, and what it gives them. */
class Desk {
	readonly router = new Router('d1', 0, view);
	readonly dispatch: Dispatch;

	constructor(windowMs = 0, cutAnswer?: Cut) {
		this.dispatch = new Dispatch({ self: 'd1', windowMs, router: this.router, view, ...(cutAnswer && { cutAnswer }) });
	}

	/** All that frontends get at this time, by frontend. */
	deliveries(now: number): Record<string, Updates> {
		this.dispatch.fanOut(now);
		const parcels = this.router.take(now);
		for (const parcel of parcels) this.router.arrived(parcel);
		return Object.fromEntries(parcels.map(({ to, updates }) => [to, updates]));
	}

	/** What they get of topic `a`. */
	told(now: number): Record<string, Update | undefined> {
		return Object.fromEntries(Object.entries(this.deliveries(now)).map(([to, updates]) => [to, updates.get('a')]));
	}

	/** Has these frontends follow topic `a` and the others nothing, and the store read with no like; all at time 0. */
	static settled(...frontends: string[]): Desk {
		const desk = new Desk(WINDOW_MS);
		for (const frontend of view.frontends) {
			desk.dispatch.subscribe(follows(frontend, 1, frontends.includes(frontend) ? ['a'] : []), 0);
		}
		for (const topic of desk.dispatch.takeReads()) desk.dispatch.loaded(topic, { rows: hearts(0) }, 0);
		desk.deliveries(0);
		return desk;
	}
}

describe('a dispatcher', () => {
	it('delivers news to the frontends that follow the topic, merged over the window', () => {
		const desk = Desk.settled('f1', 'f2');
		for (const count of [1, 3, 2]) desk.dispatch.publish(news(count), origin);
		expect(desk.dispatch.dueAt).toBe(WINDOW_MS);
		expect(desk.deliveries(WINDOW_MS - 1)).toEqual({});
		const told = desk.told(WINDOW_MS);
		expect(Object.keys(told)).toEqual(['f1', 'f2']);
		for (const update of Object.values(told)) expect(update?.rows).toEqual(hearts(3));
		expect(desk.dispatch.dueAt).toBeUndefined();
		expect(desk.dispatch.counters).toMatchObject({ routed: 4, unsettled: 0, misrouted: 0 });
	});

	it('delivers nothing of a topic that nobody follows', () => {
		const desk = Desk.settled();
		desk.dispatch.publish(news(1), origin);
		expect(desk.deliveries(WINDOW_MS)).toEqual({});
		expect(desk.dispatch.dueAt).toBeUndefined();
	});

	it('reads a topic once, however many frontends ask for it', () => {
		const desk = new Desk();
		const { dispatch } = desk;
		dispatch.subscribe(follows('f1', 1, ['a']), 0);
		dispatch.subscribe(follows('f2', 1, ['a']), 0);
		expect(dispatch.takeReads()).toEqual(['a']);
		dispatch.subscribe(follows('f3', 1, ['a']), 0);
		dispatch.reread();
		expect(dispatch.takeReads()).toEqual([]);
		dispatch.loaded('a', { rows: hearts(4) }, 5);
		const deliveries = desk.told(0);
		expect(Object.keys(deliveries)).toEqual(['f1', 'f2', 'f3']);
		for (const update of Object.values(deliveries)) expect(update).toMatchObject({ rows: hearts(4), complete: true });
	});

	it('keeps news that came while the store was read', () => {
		const desk = new Desk();
		const { dispatch } = desk;
		dispatch.subscribe(follows('f1', 1, ['a']), 0);
		dispatch.takeReads();
		dispatch.publish(news(5), origin);
		dispatch.loaded('a', { rows: hearts(4) }, 0);
		expect(desk.told(0).f1).toMatchObject({ rows: hearts(5), complete: true });
	});

	it('reads so many topics at a time and no more', () => {
		const { dispatch } = new Desk();
		const topics = Array.from({ length: MAX_READS + 10 }, (_, index) => `t${index}`);
		dispatch.subscribe(follows('f1', 1, topics), 0);
		const first = dispatch.takeReads();
		expect(first).toHaveLength(MAX_READS);
		expect(dispatch.takeReads()).toEqual([]);
		dispatch.loaded(first[0] ?? '', { rows: {} }, 0);
		dispatch.readFailed(first[1] ?? '');
		const second = dispatch.takeReads();
		expect(second).toHaveLength(2);
		for (const topic of [...first.slice(2), ...second]) dispatch.loaded(topic, { rows: {} }, 0);
		expect(new Set([...first, ...second, ...dispatch.takeReads()])).toEqual(new Set(topics));
	});

	it('reads again, at the next digest, a topic whose read failed', () => {
		const desk = new Desk();
		const { dispatch } = desk;
		dispatch.subscribe(follows('f1', 1, ['a']), 0);
		dispatch.takeReads();
		dispatch.readFailed('a');
		expect(dispatch.takeReads()).toEqual([]);
		expect(desk.deliveries(0)).toEqual({});
		dispatch.subscribe(follows('f1', 2, ['a']), 0);
		expect(dispatch.takeReads()).toEqual(['a']);
	});

	it('heals a frontend that missed news when its digest shows it', () => {
		const desk = Desk.settled('f1');
		const { dispatch } = desk;
		dispatch.publish(news(3), origin);
		desk.deliveries(WINDOW_MS);
		const { updates } = dispatch.subscribe(follows('f1', 2, ['a'], hearts(0)), 100);
		expect(updates.get('a')?.rows).toEqual(hearts(3));
		expect(dispatch.subscribe(follows('f1', 3, ['a'], hearts(3)), 200).updates.size).toBe(0);
		expect(desk.deliveries(200)).toEqual({});
	});

	it('answers a registration with as much as fits, and sends the rest in batches', () => {
		const desk = new Desk(0, (waiting) => [new Map([...waiting].slice(0, 1)), new Map([...waiting].slice(1))]);
		const { dispatch } = desk;
		for (const frontend of view.frontends) dispatch.subscribe(follows(frontend, 1, ['a', 'b']), 0);
		for (const topic of dispatch.takeReads()) dispatch.loaded(topic, { rows: hearts(1) }, 0);
		desk.deliveries(0);
		const { updates } = dispatch.subscribe(follows('f1', 2, ['a', 'b']), 100);
		expect([...updates.keys()]).toEqual(['a']);
		expect([...(desk.deliveries(100).f1?.keys() ?? [])]).toEqual(['b']);
	});

	it('finds by reading again what was never published', () => {
		const desk = Desk.settled('f1');
		const { dispatch } = desk;
		dispatch.reread();
		expect(dispatch.takeReads()).toEqual(['a']);
		dispatch.loaded('a', { rows: hearts(9) }, 0);
		expect(desk.told(WINDOW_MS).f1?.rows).toEqual(hearts(9));
	});

	it('hands the sample of likes to those who were there', () => {
		const like = { id: 'x', user: 'u', type: 'heart', at: 1 };
		const desk = Desk.settled('f1');
		const { dispatch } = desk;
		dispatch.publish(news(1, [like]), origin);
		expect(desk.told(WINDOW_MS).f1?.sample).toEqual([like]);
	});

	it('does not trust its table when a frontend comes back that was taken for gone, until it has told all again', () => {
		const desk = Desk.settled('f1', 'f2');
		desk.dispatch.setView(viewOf({ dispatchers: ['d1'], frontends: ['f2', 'f3'] }));
		expect(desk.dispatch.settled).toBe(true);
		desk.dispatch.setView(view);
		expect(desk.dispatch.settled).toBe(false);
		desk.dispatch.subscribe(follows('f1', 2, ['a']), 1);
		expect(desk.dispatch.settled).toBe(true);
	});

	it('reads a topic of which a frontend knows more than it does', () => {
		const desk = Desk.settled('f1', 'f2');
		desk.dispatch.subscribe(follows('f1', 2, ['a'], hearts(1)), 1);
		expect(desk.dispatch.takeReads()).toEqual(['a']);
		desk.dispatch.loaded('a', { rows: hearts(2) }, 2);
		expect(desk.told(WINDOW_MS)).toMatchObject({ f1: { rows: hearts(2) }, f2: { rows: hearts(2) } });
	});

	it('reads its topics again when a Likes node is gone, or begins a new life', () => {
		const desk = Desk.settled('f1');
		const nodes = { dispatchers: ['d1'], frontends: ['f1', 'f2', 'f3'], likes: ['l1'] };
		desk.dispatch.setView(viewOf(nodes));
		for (const topic of desk.dispatch.takeReads()) desk.dispatch.loaded(topic, { rows: hearts(0) }, 0);
		desk.dispatch.setView(viewOf({ ...nodes, goneLikes: ['l1'] }));
		expect(desk.dispatch.takeReads()).toEqual(['a']);
		desk.dispatch.loaded('a', { rows: hearts(0) }, 0);
		desk.dispatch.setView(viewOf({ ...nodes, incarnations: { l1: 2 } }));
		expect(desk.dispatch.takeReads()).toEqual(['a']);
	});

	it('reads again what was being read already when something made that necessary', () => {
		const desk = Desk.settled('f1');
		desk.dispatch.reread();
		expect(desk.dispatch.takeReads()).toEqual(['a']);
		desk.dispatch.reread();
		expect(desk.dispatch.takeReads()).toEqual([]);
		desk.dispatch.loaded('a', { rows: hearts(1) }, 1);
		expect(desk.dispatch.takeReads()).toEqual(['a']);
	});

	it('reads again after a while what could not be read, though it has a state to serve', () => {
		const desk = Desk.settled('f1');
		desk.dispatch.reread();
		for (const topic of desk.dispatch.takeReads()) desk.dispatch.readFailed(topic);
		expect(desk.dispatch.takeReads()).toEqual([]);
		desk.dispatch.expire(1);
		expect(desk.dispatch.takeReads()).toEqual(['a']);
	});
});
