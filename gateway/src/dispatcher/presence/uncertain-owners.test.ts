import { beforeEach, describe, expect, it } from 'vitest';
import {
	ANN,
	alone,
	both,
	certainDispatcher,
	D,
	E,
	EPOCH,
	GONE,
	PresenceDispatcher,
	TICK,
} from '../../../test/presence-dispatcher.ts';
import { SUBSCRIBE_DEADLINE_MS } from '../../cluster/rpc/peer-calls.ts';

let dispatcher: PresenceDispatcher;
let now: number;
beforeEach(() => {
	dispatcher = certainDispatcher();
	now = GONE;
});

describe('PresenceTracker after a change of the ring', () => {
	const mine = [...Array(50).keys()].map((n) => `u${n}`).filter((user) => both.ring.owner(`user:${user}`) === 'd1');
	const others = [...Array(50).keys()].map((n) => `u${n}`).filter((user) => both.ring.owner(`user:${user}`) === 'd2');
	const [stays, goes] = [mine[0] as string, others[0] as string];

	it('forgets the users of other owners, and publishes nothing of them', () => {
		dispatcher.follows(now, `user:${goes}`, `user:${stays}`);
		dispatcher.beats(now, goes, stays);
		dispatcher.run(now);
		dispatcher.setView(both, now);
		expect(dispatcher.presence.size).toBe(1);
		now = dispatcher.pass(now, now + 2 * GONE);
		expect(dispatcher.shows(`user:${goes}`)?.online).toBe(true);
		dispatcher.beats(now, goes);
		expect(dispatcher.presence.counters.heartbeats).toBe(2);
	});

	it('publishes a user as offline that is stored as online and sends no heartbeat for a round', () => {
		const fresh = new PresenceDispatcher(both, 'd1');
		fresh.stored = { presence: { eu: { order: EPOCH - 1, value: { online: true, lastSeen: 4 }, from: 'eu' } } };
		fresh.follows(0, `user:${stays}`, `user:${mine[1]}`);
		fresh.beats(0, stays);
		fresh.pass(0, GONE - TICK);
		expect(fresh.noticesOf(`user:${stays}`)).toEqual([true]);
		expect(fresh.noticesOf(`user:${mine[1]}`)).toEqual([true]);
		fresh.beats(GONE - TICK, stays);
		fresh.pass(GONE - TICK, GONE + TICK);
		expect(fresh.noticesOf(`user:${stays}`)).toEqual([true]);
		expect(fresh.shows(`user:${mine[1]}`)).toEqual({ online: false, lastSeen: 4 });
	});

	it('publishes online at once a user that viewers see as offline', () => {
		const fresh = new PresenceDispatcher(both, 'd1');
		fresh.follows(0, `user:${stays}`);
		fresh.beats(100, stays);
		fresh.run(100);
		expect(fresh.shows(`user:${stays}`)?.online).toBe(true);
	});

	it('holds offline notices back for d + 2e, also of users that it owned before', () => {
		dispatcher.follows(now, `user:${stays}`);
		dispatcher.beats(now, stays);
		now = dispatcher.pass(now, now + D);
		dispatcher.setView(both, now);
		dispatcher.follows(now, `user:${stays}`);
		const changed = now;
		now = dispatcher.pass(now, changed + GONE - TICK);
		expect(dispatcher.shows(`user:${stays}`)?.online).toBe(true);
		dispatcher.pass(now, changed + GONE + TICK);
		expect(dispatcher.shows(`user:${stays}`)?.online).toBe(false);
	});

	it('holds offline notices back after two changes that cancel out', () => {
		dispatcher.follows(now, ANN, `user:${goes}`);
		dispatcher.stored = { presence: { eu: { order: EPOCH + now, value: { online: true, lastSeen: 4 }, from: 'eu' } } };
		dispatcher.setView(both, now);
		dispatcher.setView(alone, now + TICK);
		dispatcher.follows(now, ANN, `user:${goes}`);
		dispatcher.follows(now, ANN, `user:${goes}`, 'user:x');
		dispatcher.dispatch.reread();
		dispatcher.read(now + TICK);
		const back = now + TICK;
		now = dispatcher.pass(back, back + GONE - TICK);
		expect(dispatcher.shows(`user:${goes}`)?.online).toBe(true);
		now = dispatcher.pass(now, back + GONE + TICK);
		expect(dispatcher.shows(`user:${goes}`)?.online).toBe(false);
	});
});

describe('PresenceTracker after a stall', () => {
	it('publishes no user as offline until it has received a whole round of heartbeats', () => {
		dispatcher.beats(now, 'ann');
		dispatcher.run(now);
		const resumed = now + 60_000;
		now = dispatcher.pass(resumed - TICK, resumed + GONE - TICK);
		expect(dispatcher.noticesOf()).toEqual([true]);
		dispatcher.pass(now, resumed + GONE + TICK);
		expect(dispatcher.noticesOf()).toEqual([true, false]);
	});

	it('drops heartbeats that waited during the stall, and publishes online at the first fresh one', () => {
		dispatcher.follows(now, ANN, 'user:bob');
		const resumed = now + 60_000;
		// Messages that waited in sockets are handled before any timer.
		dispatcher.beats(resumed, 'bob');
		dispatcher.read(resumed);
		now = dispatcher.pass(resumed, resumed + SUBSCRIBE_DEADLINE_MS);
		expect([dispatcher.noticesOf('user:bob'), dispatcher.presence.size]).toEqual([[], 0]);
		dispatcher.beats(now, 'bob');
		dispatcher.run(now);
		expect(dispatcher.noticesOf('user:bob')).toEqual([true]);
	});

	it('sends no earlier state to a frontend that registers after the stall', () => {
		dispatcher.beats(now, 'ann');
		now = dispatcher.pass(now, now + E);
		expect(dispatcher.noticesOf()).toEqual([true]);
		const resumed = now + 2 * GONE;
		// The store does not have her presence: it was down.
		dispatcher.follows(resumed, ANN);
		now = dispatcher.pass(resumed - TICK, resumed + GONE - TICK);
		expect(dispatcher.noticesOf()).toEqual([true]);
		now = dispatcher.pass(now, resumed + GONE + TICK);
		expect(dispatcher.noticesOf()).toEqual([true, false]);
	});

	it('takes a pause of e for no stall', () => {
		dispatcher.run(now + E);
		dispatcher.beats(now + E, 'ann');
		dispatcher.run(now + E);
		expect(dispatcher.shows()?.online).toBe(true);
	});
});
