import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { viewOf } from '../../test/views.ts';
import { type Beat, Heartbeats, MAX_USERS_PER_MESSAGE } from './heartbeats.ts';

const EVERY = 10_000;
const one = viewOf({ dispatchers: ['d1'] }).ring;
const two = viewOf({ dispatchers: ['d1', 'd2'] }).ring;
const users = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`);

/** What leaves until then, each message arrived at once, with the time that it left. */
function run(heartbeats: Heartbeats, from: number, until: number): { at: number; beat: Beat }[] {
	const all: { at: number; beat: Beat }[] = [];
	for (let now = from; now <= until; now += 10) {
		for (const beat of heartbeats.take(now)) {
			heartbeats.arrived(beat);
			all.push({ at: now, beat });
		}
	}
	return all;
}

let heartbeats: Heartbeats;
beforeEach(() => {
	heartbeats = new Heartbeats(EVERY, one, 0);
});

describe('heartbeats', () => {
	it('of who comes leave at once, with those who come in the same moment', () => {
		heartbeats.present('ann', true, 5);
		heartbeats.present('bob', true, 15);
		expect(heartbeats.dueAt).toBe(25);
		expect(heartbeats.take(24)).toEqual([]);
		expect(heartbeats.take(25)).toEqual([{ to: 'd1', users: ['ann', 'bob'] }]);
	});

	it('are one for each person in a period, spread evenly over it', () => {
		const all = users(2_000);
		for (const user of all) heartbeats.present(user, true, 0);
		run(heartbeats, 0, EVERY);
		const round = run(heartbeats, EVERY + 10, 2 * EVERY);
		expect(round.flatMap(({ beat }) => beat.users).sort()).toEqual([...all].sort());
		for (const { beat } of round) expect(beat.users.length).toBeLessThan(60);
		const half = round.filter(({ at }) => at <= 1.5 * EVERY).flatMap(({ beat }) => beat.users);
		expect(half.length).toBeGreaterThan(800);
		expect(half.length).toBeLessThan(1_200);
	});

	it('stop without a word when somebody is gone', () => {
		heartbeats.present('ann', true, 0);
		run(heartbeats, 0, 100);
		heartbeats.present('ann', false, 100);
		expect(run(heartbeats, 100, 2 * EVERY)).toEqual([]);
		expect(heartbeats.dueAt).toBeUndefined();
		heartbeats.present('bob', true, 0);
		heartbeats.present('bob', false, 1);
		expect(run(heartbeats, 2 * EVERY, 3 * EVERY)).toEqual([]);
	});

	it('that are lost are sent again, later each time, without those who are gone', () => {
		heartbeats.present('ann', true, 0);
		heartbeats.present('bob', true, 0);
		const [lost] = heartbeats.take(20);
		heartbeats.present('bob', false, 30);
		expect(heartbeats.take(40)).toEqual([]);
		heartbeats.failed(lost as Beat, 40);
		expect(heartbeats.take(89)).toEqual([]);
		const [again] = heartbeats.take(90);
		expect(again?.users).toEqual(['ann']);
		heartbeats.failed(again as Beat, 90);
		expect(heartbeats.take(189)).toEqual([]);
		expect(heartbeats.take(190)).toEqual([{ to: 'd1', users: ['ann'] }]);
	});

	it('go at once to a new owner, and only for those whose owner it is', () => {
		const all = users(100);
		for (const user of all) heartbeats.present(user, true, 0);
		run(heartbeats, 0, 50);
		heartbeats.setRing(two, 50);
		const moved = run(heartbeats, 50, 80);
		const expected = all.filter((user) => two.owner(`user:${user}`) === 'd2');
		expect(moved.map(({ beat }) => beat.to)).toEqual(['d2']);
		expect(moved[0]?.beat.users.toSorted()).toEqual(expected.toSorted());
	});

	it('go at once to an owner that began anew, and to the first there is', () => {
		const none = new Heartbeats(EVERY, viewOf({}).ring, 0);
		none.present('ann', true, 0);
		expect(run(none, 0, 100)).toEqual([]);
		none.setRing(one, 100);
		expect(run(none, 100, 150)).toEqual([{ at: 120, beat: { to: 'd1', users: ['ann'] } }]);
		none.setRing(viewOf({ dispatchers: ['d1'], incarnations: { d1: 2 } }).ring, 150);
		expect(run(none, 150, 190)).toEqual([{ at: 170, beat: { to: 'd1', users: ['ann'] } }]);
	});

	it('of very many leave in several messages, with time between them', () => {
		for (const user of users(2 * MAX_USERS_PER_MESSAGE + 1)) heartbeats.present(user, true, 0);
		const sent = run(heartbeats, 0, 99);
		expect(sent.map(({ at, beat }) => [at, beat.users.length])).toEqual([[20, MAX_USERS_PER_MESSAGE]]);
		const rest = run(heartbeats, 100, 600).filter(({ beat }) => beat.users.length > 500);
		expect(rest[0]).toMatchObject({ at: 220 });
	});

	it('are one for each person after a stall, and not one for each period that was missed', () => {
		for (const user of users(50)) heartbeats.present(user, true, 0);
		run(heartbeats, 0, 100);
		const after = run(heartbeats, 10 * EVERY, 10 * EVERY + 50);
		expect(after.flatMap(({ beat }) => beat.users).sort()).toEqual(users(50).sort());
	});
});

describe('whatever happens', () => {
	const step = fc.record({
		what: fc.constantFrom('come', 'leave', 'ring', 'lose', 'wait'),
		user: fc.integer({ min: 0, max: 9 }),
		waits: fc.integer({ min: 0, max: 4_000 }),
	});

	it('who is there is told of within a period to who owns them, and nobody else is', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
				const all = new Heartbeats(EVERY, one, 0);
				const here = new Set<string>();
				let ring = one;
				let now = 0;
				const pass = (ms: number, lose: boolean) => {
					const told = new Set<string>();
					for (const end = now + ms; now < end; now += 20) {
						for (const beat of all.take(now)) {
							for (const user of beat.users) {
								expect(here).toContain(user);
								expect(ring.owner(`user:${user}`)).toBe(beat.to);
								told.add(user);
							}
							if (lose) all.failed(beat, now);
							else all.arrived(beat);
						}
					}
					return told;
				};
				for (const { what, user, waits } of steps) {
					if (what === 'come') here.add(`u${user}`);
					if (what === 'leave') here.delete(`u${user}`);
					if (what === 'come' || what === 'leave') all.present(`u${user}`, what === 'come', now);
					if (what === 'ring') {
						ring = ring === one ? two : one;
						all.setRing(ring, now);
					}
					pass(waits, what === 'lose');
				}
				expect(all.size).toBe(here.size);
				expect([...pass(EVERY + 2_000, false)].sort()).toEqual([...here].sort());
			}),
			{ numRuns: 50 },
		);
	});
});
