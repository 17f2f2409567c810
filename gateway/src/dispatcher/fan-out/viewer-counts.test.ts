import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { digestOf, registrationOf } from '../../../test/registrations.ts';
import { topicOf, viewOf } from '../../../test/views.ts';
import { Router } from '../../cluster/routing/router.ts';
import { RelayQueues } from '../../regions/relay-queues.ts';
import type { Registers } from '../../state/kinds/register.ts';
import type { Registrations } from '../../state/topics/registration.ts';
import { newsOfRegisters, type Update, type Updates } from '../../state/update.ts';
import { Dispatch } from './dispatch.ts';
import { COUNT_LIFETIME_MS, COUNT_PERIOD_MS, COUNT_RENEWAL_MS, ViewerCounts } from './viewer-counts.ts';

const FRONTENDS = ['f1', 'f2', 'f3'];
const view = viewOf({ dispatchers: ['d1'], frontends: FRONTENDS });
/** Wall time is so far ahead of the monotonic clock here. */
const EPOCH = 1_700_000_000_000;
const A = 'video:a';
const B = 'video:b';

/** A dispatcher of the region `eu`, and what it tells frontends and the region `us`. */
class Desk {
	readonly lanes = new RelayQueues({ region: 'eu', others: ['us'], windowMs: 0, greets: false });
	readonly router = new Router('d1', 0, view, this.lanes);
	readonly dispatch = new Dispatch({ self: 'd1', windowMs: 0, router: this.router, view });
	readonly counts = new ViewerCounts({
		region: 'eu',
		isAbroad: true,
		dispatch: this.dispatch,
		relay: (updates) => this.router.relay(updates),
	});
	/** The wall clock is off by so much. */
	skew = 0;
	#seq = 1;

	subscribe(message: Registrations, now: number): void {
		for (const topic of this.dispatch.subscribe(message, now).mismatched) this.counts.mismatch(topic);
	}

	/** All frontends tell all they follow. */
	digests(now: number, topics: Readonly<Record<string, Readonly<Record<string, number>>>> = {}): void {
		for (const frontend of FRONTENDS) {
			const all = Object.entries(topics[frontend] ?? {}).map(([topic, count]) => registrationOf(topic, { count }));
			this.subscribe({ ...digestOf(frontend, view.ring.view, ++this.#seq), topics: all }, now);
		}
	}

	/** A frontend tells what changed; a count of undefined is that it follows the topic no more. */
	says(now: number, frontend: string, topic: string, count: number | undefined): void {
		const message = digestOf(frontend, view.ring.view, ++this.#seq, [], { digestSince: undefined });
		const topics = count === undefined ? [] : [registrationOf(topic, { count })];
		this.subscribe({ ...message, topics, dropped: count === undefined ? [topic] : [] }, now);
	}

	/** The region `us` says something. */
	hears(now: number, topic: string, count: number, order = EPOCH + now): void {
		const update = newsOfRegisters('viewers', { us: { order, value: count, from: 'us' } });
		this.dispatch.publishOwn(this.counts.hear(new Map([[topic, update]]), now));
	}

	/** What leaves at this time, by who gets it and topic. */
	run(now: number): Record<string, Record<string, Registers>> {
		this.counts.tick(now, EPOCH + now + this.skew);
		this.dispatch.fanOut(now);
		const all: [string, Updates][] = [];
		for (const parcel of this.router.take(now)) {
			this.router.arrived(parcel);
			all.push([parcel.to, parcel.updates]);
		}
		for (const relay of this.lanes.take(now)) {
			this.lanes.arrived(relay);
			all.push([relay.to, relay.updates]);
		}
		return Object.fromEntries(all.map(([to, updates]) => [to, countsIn(updates)]));
	}

	/** Runs every 250 ms until then; gives back what was sent, and when. */
	runUntil(from: number, until: number): { at: number; told: Record<string, Record<string, Registers>> }[] {
		const all: { at: number; told: Record<string, Record<string, Registers>> }[] = [];
		for (let now = from; now <= until; now += 250) {
			const told = this.run(now);
			if (Object.keys(told).length > 0) all.push({ at: now, told });
		}
		return all;
	}
}

function countsIn(updates: ReadonlyMap<string, Update>): Record<string, Registers> {
	return Object.fromEntries([...updates].map(([topic, { values }]) => [topic, values?.viewers ?? {}]));
}

const at = (order: number, value: number, from = 'eu') => ({ order: EPOCH + order, value, from });

let desk: Desk;
beforeEach(() => {
	desk = new Desk();
});

describe('the viewers of a video', () => {
	it('are published as the sum over all frontends, to those with viewers of it and to other regions', () => {
		desk.digests(0, { f1: { [A]: 3 }, f2: { [A]: 4, [B]: 1 } });
		expect(desk.run(0)).toEqual({
			f1: { [A]: { eu: at(0, 7) } },
			f2: { [A]: { eu: at(0, 7) }, [B]: { eu: at(0, 1) } },
			us: { [A]: { eu: at(0, 7) }, [B]: { eu: at(0, 1) } },
		});
		expect(desk.dispatch.table.state(A)?.values?.viewers).toEqual({ eu: at(0, 7) });
		expect(desk.run(5)).toEqual({});
	});

	it('are not told while a frontend has not told all it follows', () => {
		desk.says(0, 'f1', A, 3);
		expect(desk.run(0)).toEqual({});
		desk.digests(10, { f1: { [A]: 3 } });
		expect(desk.run(10).f1).toEqual({ [A]: { eu: at(10, 3) } });
		desk.dispatch.witness('f2', 'another view');
		desk.says(2_000, 'f1', A, 9);
		expect(desk.runUntil(250, 3_000)).toEqual([]);
		desk.digests(3_001, { f1: { [A]: 9 } });
		expect(desk.run(3_001).f1).toEqual({ [A]: { eu: at(3_001, 9) } });
	});

	it('are published with a tick, as they are then, and only when they changed', () => {
		desk.digests(0, { f1: { [A]: 1 } });
		desk.run(0);
		desk.says(100, 'f1', A, 2);
		desk.says(200, 'f1', A, 5);
		expect(desk.run(COUNT_PERIOD_MS).f1).toEqual({ [A]: { eu: at(COUNT_PERIOD_MS, 5) } });
		desk.says(1_100, 'f1', A, 6);
		desk.says(1_200, 'f1', A, 5);
		expect(desk.run(2 * COUNT_PERIOD_MS)).toEqual({});
	});

	it('are none, for other regions, when nobody follows the video any more', () => {
		desk.digests(0, { f1: { [A]: 1 } });
		desk.run(0);
		desk.says(1_100, 'f1', A, undefined);
		expect(desk.run(1_100)).toEqual({ us: { [A]: { eu: at(1_100, 0) } } });
		expect(desk.runUntil(1_250, 2 * COUNT_RENEWAL_MS)).toEqual([]);
	});

	it('are told again to who comes back to a video that everybody had left', () => {
		desk.digests(0, { f1: { [A]: 1 } });
		desk.run(0);
		desk.says(100, 'f1', A, undefined);
		desk.says(200, 'f2', A, 1);
		expect(desk.run(COUNT_PERIOD_MS).f2).toEqual({ [A]: { eu: at(COUNT_PERIOD_MS, 1) } });
	});

	it('go with the rows of a dead frontend', () => {
		desk.digests(0, { f1: { [A]: 3 }, f2: { [A]: 4 } });
		desk.run(0);
		desk.dispatch.setView(viewOf({ dispatchers: ['d1'], frontends: ['f2', 'f3'] }));
		desk.counts.setView();
		expect(desk.run(1_500).f2).toEqual({ [A]: { eu: at(1_500, 4) } });
	});

	it('are counted of videos only', () => {
		desk.digests(0, { f1: { 'user:ann': 1, 'conversation:c': 2 } });
		expect(desk.run(0)).toEqual({});
	});

	it('are told in an order that only grows, though the clock is set back', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		desk.run(0);
		desk.skew = -60_000;
		desk.says(1_500, 'f1', A, 4);
		expect(desk.run(1_500).f1).toEqual({ [A]: { eu: at(1, 4) } });
	});

	it('are told once more when a frontend knows otherwise, as from an owner whose clock was ahead', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		for (const topic of desk.dispatch.takeReads()) desk.dispatch.loaded(topic, { rows: {} }, 0);
		desk.run(0);
		desk.dispatch.expire(1_500);
		const message = digestOf('f1', view.ring.view, 99);
		const topics = [registrationOf(A, { count: 3, hash: 12_345 })];
		desk.subscribe({ ...message, topics }, 1_900);
		expect(desk.run(1_900).f1?.[A]).toEqual({ eu: at(1_900, 3) });
	});
});

describe('an owner', () => {
	it('that is new tells what it counts, and one that is none any more tells nothing', () => {
		const both = viewOf({ dispatchers: ['d1', 'd2'], frontends: FRONTENDS });
		const [mine, others] = [topicOf(both, 'd1'), topicOf(both, 'd2')];
		desk.digests(0, { f1: { [mine]: 1, [others]: 2 } });
		desk.run(0);
		desk.dispatch.setView(both);
		desk.counts.setView();
		desk.says(2_000, 'f1', others, undefined);
		for (const frontend of FRONTENDS) {
			const topics = frontend === 'f1' ? [mine] : [];
			desk.dispatch.subscribe(digestOf(frontend, both.ring.view, 500, topics), 2_000);
		}
		expect(desk.run(2_000)).toEqual({});
		desk.dispatch.setView(view);
		desk.counts.setView();
		desk.digests(2_001);
		for (const frontend of FRONTENDS) {
			const topics = frontend === 'f1' ? [mine, others] : [];
			desk.dispatch.subscribe(digestOf(frontend, view.ring.view, 501, topics), 2_100);
		}
		expect(desk.run(2_100).f1).toEqual({ [others]: { eu: at(2_100, 1) } });
	});

	it('that stood still believes its table once everybody has told all again', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		desk.run(0);
		desk.run(10_000);
		desk.says(10_000, 'f1', A, 8);
		expect(desk.run(10_250)).toEqual({});
		expect(desk.run(10_500)).toEqual({});
		desk.digests(10_600, { f1: { [A]: 8 } });
		expect(desk.run(10_600).f1).toEqual({ [A]: { eu: at(10_600, 8) } });
	});
});

describe('with other regions', () => {
	it('counts are added up, and told to who follows the video here', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		desk.run(0);
		desk.hears(100, A, 40);
		expect(desk.run(100)).toEqual({ f1: { [A]: { us: at(100, 40, 'us') } } });
		expect(desk.counts.viewers(A)).toBe(43);
	});

	it('counts are known also of videos that nobody follows here yet, and told with the first who does', () => {
		desk.digests(0);
		desk.hears(100, A, 40);
		expect(desk.run(100)).toEqual({});
		expect(desk.counts.viewers(A)).toBe(40);
		desk.says(200, 'f1', A, 1);
		expect(desk.run(200).f1).toEqual({ [A]: { eu: at(200, 1), us: at(100, 40, 'us') } });
	});

	it('a count is renewed while somebody follows the video, for other regions only', () => {
		desk.digests(0, { f1: { [A]: 3, [B]: 0 } });
		expect(desk.runUntil(0, 0)).toHaveLength(1);
		const again = desk.runUntil(250, 2.5 * COUNT_RENEWAL_MS);
		expect(again.map((one) => one.at)).toEqual([COUNT_RENEWAL_MS, 2 * COUNT_RENEWAL_MS]);
		expect(again[0]?.told).toEqual({ us: { [A]: { eu: at(COUNT_RENEWAL_MS, 3) } } });
	});

	it('a renewed count is no news for viewers', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		desk.hears(0, A, 40);
		desk.run(0);
		desk.hears(30_000, A, 40);
		desk.counts.tick(30_000, EPOCH + 30_000);
		expect(desk.run(30_001).f1).toBeUndefined();
	});

	it('a count that is not renewed is over after a while', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		desk.hears(0, A, 40);
		desk.runUntil(0, COUNT_LIFETIME_MS / 2);
		desk.hears(COUNT_LIFETIME_MS / 2, A, 40);
		const end = 1.5 * COUNT_LIFETIME_MS;
		const tellsFrontends = ({ told }: { told: Record<string, unknown> }) => told.f1 !== undefined;
		expect(desk.runUntil(COUNT_LIFETIME_MS / 2 + 250, end - 250).filter(tellsFrontends)).toEqual([]);
		expect(desk.run(end).f1).toEqual({ [A]: { us: at(COUNT_LIFETIME_MS / 2 + 1, 0, 'us') } });
		expect(desk.counts.viewers(A)).toBe(3);
		desk.hears(end + 10, A, 41);
		expect(desk.run(end + 10).f1).toEqual({ [A]: { us: at(end + 10, 41, 'us') } });
	});

	it('a count that was overtaken by a newer one changes nothing', () => {
		desk.digests(0);
		desk.hears(100, A, 40, EPOCH + 100);
		desk.hears(110, A, 7, EPOCH + 50);
		expect(desk.counts.viewers(A)).toBe(40);
	});

	it('says nothing for another region than its own, and is not told for itself by others', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		desk.run(0);
		const forged: Registers = {
			ap: { order: EPOCH, value: 9, from: 'us' },
			eu: { order: EPOCH, value: 9, from: 'us' },
		};
		desk.counts.hear(new Map([[A, newsOfRegisters('viewers', forged)]]), 1);
		expect(desk.counts.viewers(A)).toBe(3);
	});
});

describe('whatever frontends say', () => {
	const step = fc.record({
		waits: fc.integer({ min: 0, max: 1_500 }),
		frontend: fc.constantFrom(...FRONTENDS),
		topic: fc.constantFrom(A, B),
		count: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
	});

	it('the last count that was published is what the table counts, with the first tick after', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
				const one = new Desk();
				one.digests(0);
				/** What the other region knows. */
				const abroad = new Map<string, number>();
				let now = 0;
				let tickedAt = 0;
				const wait = (until: number) => {
					for (; tickedAt + COUNT_PERIOD_MS <= until; tickedAt += COUNT_PERIOD_MS) {
						const { us = {} } = one.run(tickedAt + COUNT_PERIOD_MS);
						for (const [topic, registers] of Object.entries(us)) abroad.set(topic, registers.eu?.value as number);
					}
					now = until;
				};
				for (const { waits, frontend, topic, count } of steps) {
					wait(now + waits);
					one.says(now, frontend, topic, count);
				}
				wait(now + COUNT_PERIOD_MS);
				for (const topic of [A, B]) {
					const { table } = one.dispatch;
					expect(abroad.get(topic) ?? 0).toBe(table.viewers(topic));
					if (table.has(topic)) expect(table.state(topic)?.values?.viewers?.eu?.value).toBe(table.viewers(topic));
				}
			}),
		);
	});
});
