import { beforeEach, describe, expect, it } from 'vitest';
import { EVERY, GRACE, one, TIMES, two } from '../../../test/heartbeats.ts';
import { viewOf } from '../../../test/views.ts';
import { type HeartbeatBatch, Heartbeats, MAX_LEFT, MAX_USERS_PER_MESSAGE } from './heartbeats.ts';

const users = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`);

/** Returns the messages until `until`, with the time of each; each arrives at once. */
function run(heartbeats: Heartbeats, from: number, until: number): { at: number; beat: HeartbeatBatch }[] {
	const all: { at: number; beat: HeartbeatBatch }[] = [];
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
	heartbeats = new Heartbeats(TIMES, one, 0);
});

describe('Heartbeats', () => {
	it('sends one message at once for the users that come within 20 ms', () => {
		heartbeats.present('ann', true, 5);
		heartbeats.present('bob', true, 15);
		expect(heartbeats.dueAt).toBe(25);
		expect(heartbeats.take(24)).toEqual([]);
		expect(heartbeats.take(25)).toEqual([{ to: 'd1', users: ['ann', 'bob'] }]);
	});

	it('sends one heartbeat for each user in a period, spread evenly over it', () => {
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

	it('repeats the heartbeats of users that are online, and of those that have just gone', () => {
		for (const user of ['ann', 'bob', 'cem']) heartbeats.present(user, true, 0);
		run(heartbeats, 0, 20);
		heartbeats.present('cem', false, 30);
		run(heartbeats, 30, 990);
		heartbeats.present('bob', false, 1_000);
		run(heartbeats, 1_000, 30 + 2 * GRACE);
		heartbeats.repeat(40 + 2 * GRACE);
		const [batch, ...more] = run(heartbeats, 40 + 2 * GRACE, 60 + 2 * GRACE).map(({ beat }) => beat);
		expect([batch?.users.toSorted(), more]).toEqual([['ann', 'bob'], []]);
	});

	it('sends one last heartbeat when a user goes, at any time of the period', () => {
		heartbeats.present('ann', true, 0);
		run(heartbeats, 0, 20);
		heartbeats.present('ann', false, 50);
		expect(heartbeats.isIdle).toBe(false);
		expect(run(heartbeats, 50, 3 * EVERY)).toEqual([{ at: 70, beat: { to: 'd1', users: ['ann'] } }]);
		expect([heartbeats.dueAt, heartbeats.isIdle, heartbeats.size]).toEqual([undefined, true, 0]);
	});

	it('sends one heartbeat for a user that goes before the first, and for one that is back at once', () => {
		heartbeats.present('bob', true, 0);
		heartbeats.present('bob', false, 1);
		heartbeats.present('ann', true, 1);
		heartbeats.present('ann', false, 2);
		heartbeats.present('ann', true, 3);
		expect(run(heartbeats, 0, 50)).toEqual([{ at: 20, beat: { to: 'd1', users: ['bob', 'ann'] } }]);
	});

	it('sends the users of a message that is too long in shorter ones, and never the same message', () => {
		const all = users(500);
		for (const user of all) heartbeats.present(user, true, 0);
		const refused: string[] = [];
		const taken: string[] = [];
		for (let now = 0; now <= EVERY; now += 10) {
			for (const beat of heartbeats.take(now)) {
				if (beat.users.length <= 40) {
					taken.push(...beat.users);
					heartbeats.arrived(beat);
					continue;
				}
				refused.push(beat.users.join());
				heartbeats.tooLong(beat, now);
			}
		}
		expect([...new Set(taken)].sort()).toEqual([...all].sort());
		expect(refused.length).toBeGreaterThan(0);
		expect(refused).toEqual([...new Set(refused)]);
	});

	it('delays no other users for a user whose name alone is too long', () => {
		for (const user of ['ann', 'long', 'bob']) heartbeats.present(user, true, 0);
		const taken: string[] = [];
		let refusedAlone = 0;
		for (let now = 0; now < EVERY / 2; now += 10) {
			for (const beat of heartbeats.take(now)) {
				if (beat.users.includes('long')) {
					refusedAlone += beat.users.length === 1 ? 1 : 0;
					heartbeats.tooLong(beat, now);
				} else {
					taken.push(...beat.users);
					heartbeats.arrived(beat);
				}
			}
		}
		expect(new Set(taken)).toEqual(new Set(['ann', 'bob']));
		expect(refusedAlone).toBeLessThan(3);
	});

	it('sends another heartbeat for a user that goes while one is in flight', () => {
		heartbeats.present('ann', true, 0);
		const [first] = heartbeats.take(20);
		heartbeats.present('ann', false, 30);
		heartbeats.arrived(first as HeartbeatBatch);
		const [last] = heartbeats.take(50);
		expect(last).toEqual({ to: 'd1', users: ['ann'] });
		expect(heartbeats.isIdle).toBe(false);
		heartbeats.arrived(last as HeartbeatBatch);
		expect(heartbeats.isIdle).toBe(true);
	});

	it('retries the last heartbeat of a user until its dispatcher may have reported it offline, and no longer', () => {
		heartbeats.present('ann', true, 0);
		run(heartbeats, 0, 50);
		heartbeats.present('ann', false, 100);
		let tries = 0;
		for (let now = 100; now < 100 + 4 * GRACE; now += 10) {
			for (const beat of heartbeats.take(now)) {
				expect(now).toBeLessThan(100 + 2 * GRACE);
				heartbeats.failed(beat, now);
				tries++;
			}
		}
		expect(tries).toBeGreaterThan(4);
		expect([heartbeats.dueAt, heartbeats.isIdle]).toEqual([undefined, true]);
	});

	it('retries lost heartbeats with growing pauses, without users that went too long ago', () => {
		heartbeats = new Heartbeats({ everyMs: EVERY, graceMs: 25 }, one, 0);
		heartbeats.present('ann', true, 0);
		heartbeats.present('bob', true, 0);
		const [lost] = heartbeats.take(20);
		heartbeats.present('bob', false, 30);
		expect(heartbeats.take(40)).toEqual([]);
		heartbeats.failed(lost as HeartbeatBatch, 40);
		expect(heartbeats.take(89)).toEqual([]);
		const [again] = heartbeats.take(90);
		expect(again?.users).toEqual(['ann']);
		heartbeats.failed(again as HeartbeatBatch, 90);
		expect(heartbeats.take(189)).toEqual([]);
		expect(heartbeats.take(190)).toEqual([{ to: 'd1', users: ['ann'] }]);
	});

	it('sends heartbeats at once to a new owner, only for the users of that owner', () => {
		const all = users(100);
		for (const user of all) heartbeats.present(user, true, 0);
		run(heartbeats, 0, 50);
		heartbeats.setRing(two, 50);
		const moved = run(heartbeats, 50, 80);
		const expected = all.filter((user) => two.owner(`user:${user}`) === 'd2');
		expect(moved.map(({ beat }) => beat.to)).toEqual(['d2']);
		expect(moved[0]?.beat.users.toSorted()).toEqual(expected.toSorted());
	});

	it('sends heartbeats at once to an owner that restarted, and to the first owner', () => {
		const none = new Heartbeats(TIMES, viewOf({}).ring, 0);
		none.present('ann', true, 0);
		expect(run(none, 0, 100)).toEqual([]);
		none.setRing(one, 100);
		expect(run(none, 100, 150)).toEqual([{ at: 120, beat: { to: 'd1', users: ['ann'] } }]);
		none.setRing(viewOf({ dispatchers: ['d1'], incarnations: { d1: 2 } }).ring, 150);
		expect(run(none, 150, 190)).toEqual([{ at: 170, beat: { to: 'd1', users: ['ann'] } }]);
	});

	it('sends pending and in-flight last heartbeats to the new owner', () => {
		const [waits, goes] = users(100).filter((user) => two.owner(`user:${user}`) === 'd2') as [string, string];
		const stays = users(100).find((user) => two.owner(`user:${user}`) === 'd1') as string;
		for (const user of [waits, goes, stays]) heartbeats.present(user, true, 0);
		run(heartbeats, 0, 50);
		for (const user of [goes, stays]) heartbeats.present(user, false, 100);
		const [underWay] = heartbeats.take(120);
		expect(underWay?.users).toEqual([goes, stays]);
		heartbeats.present(waits, false, 125);
		heartbeats.setRing(two, 130);
		expect(heartbeats.take(150)).toEqual([{ to: 'd2', users: [goes, waits] }]);
		heartbeats.arrived(underWay as HeartbeatBatch);
		expect(heartbeats.take(200)).toEqual([]);
	});

	it('sends a last heartbeat to the next owner when the owner vanishes', () => {
		const [user] = users(100).filter((one) => two.owner(`user:${one}`) === 'd2') as [string];
		const all = new Heartbeats(TIMES, two, 0);
		all.present(user, true, 0);
		run(all, 0, 50);
		all.present(user, false, 100);
		const [lost] = all.take(120);
		expect(lost).toEqual({ to: 'd2', users: [user] });
		all.setRing(one, 130);
		all.failed(lost as HeartbeatBatch, 1_120);
		expect(run(all, 130, 2 * EVERY)).toEqual([{ at: 150, beat: { to: 'd1', users: [user] } }]);
	});

	it('sends a delivered last heartbeat also to the next owner, and to no owner after 2e', () => {
		const [user] = users(100).filter((one) => two.owner(`user:${one}`) === 'd2') as [string];
		heartbeats.present(user, true, 0);
		run(heartbeats, 0, 50);
		heartbeats.present(user, false, 100);
		expect(run(heartbeats, 100, 200)).toEqual([{ at: 120, beat: { to: 'd1', users: [user] } }]);
		// For a moment d1 passed for the owner. By its own ring d2 was the owner all the time, and misses the last
		// heartbeat.
		heartbeats.setRing(two, 300);
		expect(run(heartbeats, 300, 400)).toEqual([{ at: 320, beat: { to: 'd2', users: [user] } }]);
		heartbeats.setRing(one, 100 + 2 * GRACE);
		expect(run(heartbeats, 100 + 2 * GRACE, 2 * EVERY)).toEqual([]);
	});

	it('sends heartbeats of very many users in several messages, with time between them', () => {
		for (const user of users(2 * MAX_USERS_PER_MESSAGE + 1)) heartbeats.present(user, true, 0);
		const sent = run(heartbeats, 0, 99);
		expect(sent.map(({ at, beat }) => [at, beat.users.length])).toEqual([[20, MAX_USERS_PER_MESSAGE]]);
		const rest = run(heartbeats, 100, 600).filter(({ beat }) => beat.users.length > 500);
		expect(rest[0]).toMatchObject({ at: 220 });
	});

	it('drops the last heartbeats of the first users when more go at once than it remembers', () => {
		const none = new Heartbeats({ everyMs: EVERY, graceMs: 60_000 }, viewOf({}).ring, 0);
		for (const user of users(MAX_LEFT + 1)) {
			none.present(user, true, 0);
			none.present(user, false, 0);
		}
		none.setRing(one, 100);
		const reported = new Set(run(none, 100, 20_000).flatMap(({ beat }) => beat.users));
		expect([reported.size, reported.has('u0'), reported.has('u1')]).toEqual([MAX_LEFT, false, true]);
		expect(none.isIdle).toBe(true);
	});

	it('sends one heartbeat for each user after a stall, not one for each missed period', () => {
		for (const user of users(50)) heartbeats.present(user, true, 0);
		run(heartbeats, 0, 100);
		const after = run(heartbeats, 10 * EVERY, 10 * EVERY + 50);
		expect(after.flatMap(({ beat }) => beat.users).sort()).toEqual(users(50).sort());
	});
});
