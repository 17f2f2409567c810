import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../test/registrations.ts';
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
const updatesOf = (added: number, sample: Update['sample'] = []) =>
	new Map([['a', { rows: hearts(added), complete: false, sample, at: added }]]);

/** A digest of a frontend that follows exactly these topics. */
function follows(frontend: string, seq: number, topics: readonly string[], rows?: CounterRows): Registrations {
	const hash = rows && hashLikes(rows);
	const registrations = topics.map((topic) => ({ topic, count: 1, hash, revision: rows ? revisionOf(rows) : 0 }));
	return digestOf(frontend, view.ring.view, seq, [], { topics: registrations });
}

/** The only dispatcher of a cluster with three frontends. */
class Desk {
	readonly router = new Router('d1', 0, view);
	readonly dispatch: Dispatch;

	constructor(windowMs = 0, cutAnswer?: Cut) {
		this.dispatch = new Dispatch({ self: 'd1', windowMs, router: this.router, view, ...(cutAnswer && { cutAnswer }) });
	}

	/** Returns the updates that leave at this time, by frontend. */
	deliveries(now: number): Record<string, Updates> {
		this.dispatch.fanOut(now);
		const batches = this.router.take(now);
		for (const batch of batches) this.router.arrived(batch);
		return Object.fromEntries(batches.map(({ to, updates }) => [to, updates]));
	}

	/** Returns the updates of topic `a` that leave at this time, by frontend. */
	sent(now: number): Record<string, Update | undefined> {
		return Object.fromEntries(Object.entries(this.deliveries(now)).map(([to, updates]) => [to, updates.get('a')]));
	}

	/** Returns a desk on which exactly these frontends follow topic `a`, without likes; all at time 0. */
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

describe('Dispatch', () => {
	it('delivers updates, merged over the window, to the frontends that follow the topic', () => {
		const desk = Desk.settled('f1', 'f2');
		for (const count of [1, 3, 2]) desk.dispatch.publish(updatesOf(count), origin);
		expect(desk.dispatch.dueAt).toBe(WINDOW_MS);
		expect(desk.deliveries(WINDOW_MS - 1)).toEqual({});
		const sent = desk.sent(WINDOW_MS);
		expect(Object.keys(sent)).toEqual(['f1', 'f2']);
		for (const update of Object.values(sent)) expect(update?.rows).toEqual(hearts(3));
		expect(desk.dispatch.dueAt).toBeUndefined();
		expect(desk.dispatch.counters).toMatchObject({ routed: 4, unsettled: 0, misrouted: 0 });
	});

	it('delivers no update of a topic without a subscription', () => {
		const desk = Desk.settled();
		desk.dispatch.publish(updatesOf(1), origin);
		expect(desk.deliveries(WINDOW_MS)).toEqual({});
		expect(desk.dispatch.dueAt).toBeUndefined();
	});

	it('reads a topic once for several frontends that register it', () => {
		const desk = new Desk();
		const { dispatch } = desk;
		dispatch.subscribe(follows('f1', 1, ['a']), 0);
		dispatch.subscribe(follows('f2', 1, ['a']), 0);
		expect(dispatch.takeReads()).toEqual(['a']);
		dispatch.subscribe(follows('f3', 1, ['a']), 0);
		dispatch.reread();
		expect(dispatch.takeReads()).toEqual([]);
		dispatch.loaded('a', { rows: hearts(4) }, 5);
		const deliveries = desk.sent(0);
		expect(Object.keys(deliveries)).toEqual(['f1', 'f2', 'f3']);
		for (const update of Object.values(deliveries)) expect(update).toMatchObject({ rows: hearts(4), complete: true });
	});

	it('keeps an update that arrives during a read of the store', () => {
		const desk = new Desk();
		const { dispatch } = desk;
		dispatch.subscribe(follows('f1', 1, ['a']), 0);
		dispatch.takeReads();
		dispatch.publish(updatesOf(5), origin);
		dispatch.loaded('a', { rows: hearts(4) }, 0);
		expect(desk.sent(0).f1).toMatchObject({ rows: hearts(5), complete: true });
	});

	it('reads at most 64 topics at a time', () => {
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

	it('repeats a failed read at the next digest', () => {
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

	it('answers the digest of a frontend that missed an update with the state', () => {
		const desk = Desk.settled('f1');
		const { dispatch } = desk;
		dispatch.publish(updatesOf(3), origin);
		desk.deliveries(WINDOW_MS);
		const { updates } = dispatch.subscribe(follows('f1', 2, ['a'], hearts(0)), 100);
		expect(updates.get('a')?.rows).toEqual(hearts(3));
		expect(dispatch.subscribe(follows('f1', 3, ['a'], hearts(3)), 200).updates.size).toBe(0);
		expect(desk.deliveries(200)).toEqual({});
	});

	it('answers a registration with as many states as fit, and sends the rest in batches', () => {
		const desk = new Desk(0, (waiting) => [new Map([...waiting].slice(0, 1)), new Map([...waiting].slice(1))]);
		const { dispatch } = desk;
		for (const frontend of view.frontends) dispatch.subscribe(follows(frontend, 1, ['a', 'b']), 0);
		for (const topic of dispatch.takeReads()) dispatch.loaded(topic, { rows: hearts(1) }, 0);
		desk.deliveries(0);
		const { updates } = dispatch.subscribe(follows('f1', 2, ['a', 'b']), 100);
		expect([...updates.keys()]).toEqual(['a']);
		expect([...(desk.deliveries(100).f1?.keys() ?? [])]).toEqual(['b']);
	});

	it('delivers updates that no node published after it reads the topic again', () => {
		const desk = Desk.settled('f1');
		const { dispatch } = desk;
		dispatch.reread();
		expect(dispatch.takeReads()).toEqual(['a']);
		dispatch.loaded('a', { rows: hearts(9) }, 0);
		expect(desk.sent(WINDOW_MS).f1?.rows).toEqual(hearts(9));
	});

	it('delivers the sample of likes to the frontends that follow the topic', () => {
		const like = { id: 'x', user: 'u', type: 'heart', at: 1 };
		const desk = Desk.settled('f1');
		const { dispatch } = desk;
		dispatch.publish(updatesOf(1, [like]), origin);
		expect(desk.sent(WINDOW_MS).f1?.sample).toEqual([like]);
	});

	it('does not trust its table after a frontend returns, until that frontend sends a digest', () => {
		const desk = Desk.settled('f1', 'f2');
		desk.dispatch.setView(viewOf({ dispatchers: ['d1'], frontends: ['f2', 'f3'] }));
		expect(desk.dispatch.settled).toBe(true);
		desk.dispatch.setView(view);
		expect(desk.dispatch.settled).toBe(false);
		desk.dispatch.subscribe(follows('f1', 2, ['a']), 1);
		expect(desk.dispatch.settled).toBe(true);
	});

	it('reads a topic when a frontend has more likes than the table', () => {
		const desk = Desk.settled('f1', 'f2');
		desk.dispatch.subscribe(follows('f1', 2, ['a'], hearts(1)), 1);
		expect(desk.dispatch.takeReads()).toEqual(['a']);
		desk.dispatch.loaded('a', { rows: hearts(2) }, 2);
		expect(desk.sent(WINDOW_MS)).toMatchObject({ f1: { rows: hearts(2) }, f2: { rows: hearts(2) } });
	});

	it('reads its topics again when a Likes node is gone or restarts', () => {
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

	it('reads a topic again after a read that began before the request', () => {
		const desk = Desk.settled('f1');
		desk.dispatch.reread();
		expect(desk.dispatch.takeReads()).toEqual(['a']);
		desk.dispatch.reread();
		expect(desk.dispatch.takeReads()).toEqual([]);
		desk.dispatch.loaded('a', { rows: hearts(1) }, 1);
		expect(desk.dispatch.takeReads()).toEqual(['a']);
	});

	it('repeats failed reads at once when a Likes node returns', () => {
		const desk = Desk.settled('f1');
		const nodes = { dispatchers: ['d1'], frontends: ['f1', 'f2', 'f3'], likes: ['l1'] };
		desk.dispatch.setView(viewOf({ ...nodes, goneLikes: ['l1'] }));
		for (const topic of desk.dispatch.takeReads()) desk.dispatch.readFailed(topic);
		expect(desk.dispatch.takeReads()).toEqual([]);
		desk.dispatch.setView(viewOf(nodes));
		expect(desk.dispatch.takeReads()).toEqual(['a']);
	});

	it('repeats a failed read in `expire`, also of a topic with a state', () => {
		const desk = Desk.settled('f1');
		desk.dispatch.reread();
		for (const topic of desk.dispatch.takeReads()) desk.dispatch.readFailed(topic);
		expect(desk.dispatch.takeReads()).toEqual([]);
		desk.dispatch.expire(1);
		expect(desk.dispatch.takeReads()).toEqual(['a']);
	});
});
