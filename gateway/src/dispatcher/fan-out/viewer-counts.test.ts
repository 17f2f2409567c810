import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { CountingDispatcher, EPOCH, FRONTENDS, view } from '../../../test/counting-dispatcher.ts';
import { digestOf, registrationOf } from '../../../test/registrations.ts';
import { topicOf, viewOf } from '../../../test/views.ts';
import type { Registers } from '../../state/kinds/register.ts';
import { updateOfRegisters } from '../../state/update.ts';
import { COUNT_LIFETIME_MS, COUNT_PERIOD_MS, COUNT_RENEWAL_MS } from './viewer-counts.ts';

const A = 'video:a';
const B = 'video:b';

const at = (order: number, value: number, from = 'eu') => ({ order: EPOCH + order, value, from });

let desk: CountingDispatcher;
beforeEach(() => {
	desk = new CountingDispatcher();
});

describe('ViewerCounts', () => {
	it('publishes the sum over all frontends to frontends with viewers of the video and to other regions', () => {
		desk.digests(0, { f1: { [A]: 3 }, f2: { [A]: 4, [B]: 1 } });
		expect(desk.run(0)).toEqual({
			f1: { [A]: { eu: at(0, 7) } },
			f2: { [A]: { eu: at(0, 7) }, [B]: { eu: at(0, 1) } },
			us: { [A]: { eu: at(0, 7) }, [B]: { eu: at(0, 1) } },
		});
		expect(desk.dispatch.table.state(A)?.values?.viewers).toEqual({ eu: at(0, 7) });
		expect(desk.run(5)).toEqual({});
	});

	it('publishes no count until every frontend has sent a digest', () => {
		desk.registers(0, 'f1', A, 3);
		expect(desk.run(0)).toEqual({});
		desk.digests(10, { f1: { [A]: 3 } });
		expect(desk.run(10).f1).toEqual({ [A]: { eu: at(10, 3) } });
		desk.dispatch.witness('f2', 'another view');
		desk.registers(2_000, 'f1', A, 9);
		expect(desk.runUntil(250, 3_000)).toEqual([]);
		desk.digests(3_001, { f1: { [A]: 9 } });
		expect(desk.run(3_001).f1).toEqual({ [A]: { eu: at(3_001, 9) } });
	});

	it('publishes with each tick the counts that changed', () => {
		desk.digests(0, { f1: { [A]: 1 } });
		desk.run(0);
		desk.registers(100, 'f1', A, 2);
		desk.registers(200, 'f1', A, 5);
		expect(desk.run(COUNT_PERIOD_MS).f1).toEqual({ [A]: { eu: at(COUNT_PERIOD_MS, 5) } });
		desk.registers(1_100, 'f1', A, 6);
		desk.registers(1_200, 'f1', A, 5);
		expect(desk.run(2 * COUNT_PERIOD_MS)).toEqual({});
	});

	it('sends 0 to other regions when the last frontend drops the video', () => {
		desk.digests(0, { f1: { [A]: 1 } });
		desk.run(0);
		desk.registers(1_100, 'f1', A, undefined);
		expect(desk.run(1_100)).toEqual({ us: { [A]: { eu: at(1_100, 0) } } });
		expect(desk.runUntil(1_250, 2 * COUNT_RENEWAL_MS)).toEqual([]);
	});

	it('publishes the count again when a viewer joins a video without viewers', () => {
		desk.digests(0, { f1: { [A]: 1 } });
		desk.run(0);
		desk.registers(100, 'f1', A, undefined);
		desk.registers(200, 'f2', A, 1);
		expect(desk.run(COUNT_PERIOD_MS).f2).toEqual({ [A]: { eu: at(COUNT_PERIOD_MS, 1) } });
	});

	it('subtracts the viewers of a dead frontend', () => {
		desk.digests(0, { f1: { [A]: 3 }, f2: { [A]: 4 } });
		desk.run(0);
		desk.dispatch.setView(viewOf({ dispatchers: ['d1'], frontends: ['f2', 'f3'] }));
		desk.counts.setView();
		expect(desk.run(1_500).f2).toEqual({ [A]: { eu: at(1_500, 4) } });
	});

	it('counts the viewers of videos only', () => {
		desk.digests(0, { f1: { 'user:ann': 1, 'conversation:c': 2 } });
		expect(desk.run(0)).toEqual({});
	});

	it('publishes increasing orders after the clock was set back', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		desk.run(0);
		desk.skew = -60_000;
		desk.registers(1_500, 'f1', A, 4);
		expect(desk.run(1_500).f1).toEqual({ [A]: { eu: at(1, 4) } });
	});

	it('publishes the count again when the state of a frontend differs', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		for (const topic of desk.dispatch.takeReads()) desk.dispatch.loaded(topic, { rows: {} }, 0);
		desk.run(0);
		desk.dispatch.expire(1_500);
		const topics = [registrationOf(A, { count: 3, hash: 12_345 })];
		desk.subscribe(digestOf('f1', view.ring.view, 99, [], { topics }), 1_900);
		expect(desk.run(1_900).f1?.[A]).toEqual({ eu: at(1_900, 3) });
	});
});

describe('ViewerCounts after a change of the ring or a stall', () => {
	it('publishes the counts of a new owner, and none of a former owner', () => {
		const both = viewOf({ dispatchers: ['d1', 'd2'], frontends: FRONTENDS });
		const [mine, others] = [topicOf(both, 'd1'), topicOf(both, 'd2')];
		desk.digests(0, { f1: { [mine]: 1, [others]: 2 } });
		desk.run(0);
		desk.dispatch.setView(both);
		desk.counts.setView();
		desk.registers(2_000, 'f1', others, undefined);
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

	it('publishes again after a stall once every frontend has sent a digest', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		desk.run(0);
		desk.run(10_000);
		desk.registers(10_000, 'f1', A, 8);
		expect(desk.run(10_250)).toEqual({});
		expect(desk.run(10_500)).toEqual({});
		desk.digests(10_600, { f1: { [A]: 8 } });
		expect(desk.run(10_600).f1).toEqual({ [A]: { eu: at(10_600, 8) } });
	});
});

describe('ViewerCounts with other regions', () => {
	it('adds up the counts of all regions, and sends them to frontends with viewers of the video', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		desk.run(0);
		desk.receives(100, A, 40);
		expect(desk.run(100)).toEqual({ f1: { [A]: { us: at(100, 40, 'us') } } });
		expect(desk.counts.viewers(A)).toBe(43);
	});

	it('keeps counts of videos without a local viewer, and sends them with the first one', () => {
		desk.digests(0);
		desk.receives(100, A, 40);
		expect(desk.run(100)).toEqual({});
		expect(desk.counts.viewers(A)).toBe(40);
		desk.registers(200, 'f1', A, 1);
		expect(desk.run(200).f1).toEqual({ [A]: { eu: at(200, 1), us: at(100, 40, 'us') } });
	});

	it('renews the count of a video with viewers for other regions only', () => {
		desk.digests(0, { f1: { [A]: 3, [B]: 0 } });
		expect(desk.runUntil(0, 0)).toHaveLength(1);
		const again = desk.runUntil(250, 2.5 * COUNT_RENEWAL_MS);
		expect(again.map((one) => one.at)).toEqual([COUNT_RENEWAL_MS, 2 * COUNT_RENEWAL_MS]);
		expect(again[0]?.sent).toEqual({ us: { [A]: { eu: at(COUNT_RENEWAL_MS, 3) } } });
	});

	it('sends no update to viewers when another region renews a count', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		desk.receives(0, A, 40);
		desk.run(0);
		desk.receives(30_000, A, 40);
		desk.counts.tick(30_000, EPOCH + 30_000);
		expect(desk.run(30_001).f1).toBeUndefined();
	});

	it('expires a count that its region does not renew for 90 s', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		desk.receives(0, A, 40);
		desk.runUntil(0, COUNT_LIFETIME_MS / 2);
		desk.receives(COUNT_LIFETIME_MS / 2, A, 40);
		const end = 1.5 * COUNT_LIFETIME_MS;
		const reachesFrontends = ({ sent }: { sent: Record<string, unknown> }) => sent.f1 !== undefined;
		expect(desk.runUntil(COUNT_LIFETIME_MS / 2 + 250, end - 250).filter(reachesFrontends)).toEqual([]);
		expect(desk.run(end).f1).toEqual({ [A]: { us: at(COUNT_LIFETIME_MS / 2 + 1, 0, 'us') } });
		expect(desk.counts.viewers(A)).toBe(3);
		desk.receives(end + 10, A, 41);
		expect(desk.run(end + 10).f1).toEqual({ [A]: { us: at(end + 10, 41, 'us') } });
	});

	it('ignores a count that is older than the known one', () => {
		desk.digests(0);
		desk.receives(100, A, 40, EPOCH + 100);
		desk.receives(110, A, 7, EPOCH + 50);
		expect(desk.counts.viewers(A)).toBe(40);
	});

	it('ignores counts that a region sends for another region', () => {
		desk.digests(0, { f1: { [A]: 3 } });
		desk.run(0);
		const forged: Registers = {
			ap: { order: EPOCH, value: 9, from: 'us' },
			eu: { order: EPOCH, value: 9, from: 'us' },
		};
		desk.counts.receive(new Map([[A, updateOfRegisters('viewers', forged)]]), 1);
		expect(desk.counts.viewers(A)).toBe(3);
	});
});

describe('ViewerCounts after random registrations', () => {
	const step = fc.record({
		waits: fc.integer({ min: 0, max: 1_500 }),
		frontend: fc.constantFrom(...FRONTENDS),
		topic: fc.constantFrom(A, B),
		count: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
	});

	it('has published the count of the table by the next tick', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
				const one = new CountingDispatcher();
				one.digests(0);
				/** The counts of the other region. */
				const remote = new Map<string, number>();
				let now = 0;
				let tickedAt = 0;
				const wait = (until: number) => {
					for (; tickedAt + COUNT_PERIOD_MS <= until; tickedAt += COUNT_PERIOD_MS) {
						const { us = {} } = one.run(tickedAt + COUNT_PERIOD_MS);
						for (const [topic, registers] of Object.entries(us)) remote.set(topic, registers.eu?.value as number);
					}
					now = until;
				};
				for (const { waits, frontend, topic, count } of steps) {
					wait(now + waits);
					one.registers(now, frontend, topic, count);
				}
				wait(now + COUNT_PERIOD_MS);
				for (const topic of [A, B]) {
					const { table } = one.dispatch;
					expect(remote.get(topic) ?? 0).toBe(table.viewers(topic));
					if (table.has(topic)) expect(table.state(topic)?.values?.viewers?.eu?.value).toBe(table.viewers(topic));
				}
			}),
		);
	});
});
