import { beforeEach, describe, expect, it } from 'vitest';
import {
	ANN,
	alone,
	certainDispatcher,
	D,
	E,
	EPOCH,
	GONE,
	PresenceDispatcher,
	TICK,
} from '../../../test/presence-dispatcher.ts';
import { digestOf } from '../../../test/registrations.ts';

let dispatcher: PresenceDispatcher;
let now: number;
beforeEach(() => {
	dispatcher = certainDispatcher();
	now = GONE;
});

describe('PresenceTracker', () => {
	it('publishes online at the first heartbeat, to viewers and to other regions', () => {
		dispatcher.beats(now, 'ann');
		expect(dispatcher.presence.dueAt).toBe(Number.NEGATIVE_INFINITY);
		dispatcher.run(now);
		const online = { eu: { order: EPOCH + now, value: { online: true, lastSeen: EPOCH + now }, from: 'eu' } };
		expect(dispatcher.sent).toEqual([
			{ at: now, to: 'f1', topic: ANN, registers: online },
			{ at: now, to: 'us', topic: ANN, registers: online },
		]);
	});

	it('publishes offline after d + 2e without a heartbeat, with the time of the last one', () => {
		dispatcher.beats(now, 'ann');
		now = dispatcher.pass(now, now + D);
		dispatcher.beats(now, 'ann', 'ann');
		const last = now;
		now = dispatcher.pass(now, last + GONE - TICK);
		expect(dispatcher.shows()?.online).toBe(true);
		now = dispatcher.pass(now, last + GONE + TICK);
		expect(dispatcher.shows()).toEqual({ online: false, lastSeen: EPOCH + last });
		expect(dispatcher.presence.counters).toEqual({ heartbeats: 3, online: 1, offline: 1, uncertain: 0 });
		expect(dispatcher.presence.size).toBe(0);
	});

	it('delays an offline notice by at most one round while a frontend uses another view', () => {
		dispatcher.beats(now, 'ann');
		dispatcher.run(now);
		dispatcher.subscribe(digestOf('f1', 'another view', 99, [ANN]), now);
		expect(dispatcher.dispatch.settled).toBe(false);
		const later = dispatcher.pass(now, now + 2 * GONE - TICK);
		expect(dispatcher.shows(ANN)?.online).toBe(true);
		dispatcher.pass(later, now + 2 * GONE + TICK);
		expect(dispatcher.shows(ANN)?.online).toBe(false);
	});

	it('shows an overdue user not as online to a frontend that joins while views differ', () => {
		// After a stall the owner is uncertain, so no viewer was sent that bob is online.
		now = dispatcher.stall(now, 60_000);
		dispatcher.beats(now, 'bob');
		dispatcher.subscribe(digestOf('f1', 'another view', 99, [ANN]), now);
		now = dispatcher.pass(now, now + GONE + TICK);
		dispatcher.subscribe(digestOf('f1', 'another view', 100, [ANN, 'user:bob']), now);
		dispatcher.read(now);
		now = dispatcher.pass(now, now + E);
		dispatcher.presence.mismatch('user:bob', now, EPOCH + now);
		dispatcher.run(now);
		expect([dispatcher.dispatch.settled, dispatcher.noticesOf('user:bob')]).toEqual([false, []]);
	});

	it('publishes nothing when a user drops and returns in time', () => {
		dispatcher.beats(now, 'ann');
		now = dispatcher.pass(now, now + GONE - TICK);
		dispatcher.beats(now, 'ann');
		now = dispatcher.pass(now, now + GONE - TICK);
		expect(dispatcher.noticesOf()).toEqual([true]);
	});

	it('shows a user to later viewers, also before the store has it', () => {
		dispatcher.beats(now, 'bob');
		dispatcher.run(now);
		dispatcher.follows(now, ANN, 'user:bob');
		dispatcher.run(now);
		expect(dispatcher.shows('user:bob')).toEqual({ online: true, lastSeen: EPOCH + now });
	});

	it('shows no presence of an unknown user, and the stored presence of a stored one', () => {
		dispatcher.follows(now, ANN, 'user:unknown');
		dispatcher.stored = { presence: { eu: { order: 5, value: { online: false, lastSeen: 4 }, from: 'eu' } } };
		dispatcher.follows(now, ANN, 'user:unknown', 'user:old');
		dispatcher.run(now);
		expect(dispatcher.shows('user:unknown')).toBeUndefined();
		expect(dispatcher.shows('user:old')).toEqual({ online: false, lastSeen: 4 });
	});

	it('shows a user as offline that is stored as online and sends no heartbeats', () => {
		dispatcher.stored = { presence: { eu: { order: EPOCH, value: { online: true, lastSeen: 4 }, from: 'eu' } } };
		dispatcher.follows(now, ANN, 'user:old');
		dispatcher.run(now);
		expect(dispatcher.shows('user:old')).toEqual({ online: false, lastSeen: 4 });
	});

	it('shows a user with heartbeats as online when the store has a newer offline register', () => {
		dispatcher.stored = { presence: { eu: { order: EPOCH + 9e6, value: { online: false, lastSeen: 4 }, from: 'eu' } } };
		dispatcher.beats(now, 'bob');
		dispatcher.run(now);
		dispatcher.follows(now, ANN, 'user:bob');
		dispatcher.run(now);
		expect(dispatcher.shows('user:bob')?.online).toBe(true);
		now = dispatcher.pass(now, now + GONE + TICK);
		expect(dispatcher.shows('user:bob')?.online).toBe(false);
	});

	it('publishes an unknown user as offline to a frontend with another state once it is certain', () => {
		const dispatcher = new PresenceDispatcher(alone);
		dispatcher.follows(0, ANN);
		dispatcher.pass(0, GONE - TICK);
		dispatcher.presence.mismatch(ANN, GONE - 1, EPOCH);
		dispatcher.run(GONE - 1);
		expect(dispatcher.sent).toEqual([]);
		dispatcher.presence.mismatch(ANN, GONE + TICK, EPOCH + GONE);
		dispatcher.run(GONE + TICK);
		expect(dispatcher.sent.at(-1)?.registers).toMatchObject({ eu: { value: { online: false, lastSeen: null } } });
	});

	it('publishes a user again when a frontend has another state', () => {
		dispatcher.beats(now, 'ann');
		dispatcher.run(now);
		dispatcher.presence.mismatch(ANN, now + 50, EPOCH + now + 50);
		dispatcher.run(now + 50);
		expect(dispatcher.sent.at(-1)?.registers.eu?.order).toBe(EPOCH + now + 50);
	});
});

describe('PresenceTracker.lastSeen', () => {
	const inStore = (topic: string) => dispatcher.presence.lastSeen.take()?.get(topic)?.presence;

	it('returns each user that came or left once', () => {
		dispatcher.beats(now, 'ann', 'bob');
		dispatcher.run(now);
		const came = EPOCH + now;
		expect(inStore('user:bob')).toEqual({ eu: { order: came, value: { online: true, lastSeen: came }, from: 'eu' } });
		now = dispatcher.pass(now, now + D);
		dispatcher.beats(now, 'ann');
		expect(dispatcher.presence.lastSeen.take()).toBeUndefined();
		now = dispatcher.pass(now, now + D);
		expect(inStore('user:bob')?.eu?.value).toEqual({ online: false, lastSeen: came });
	});

	it('keeps a batch whose write failed, and newer presence over it', () => {
		dispatcher.beats(now, 'ann');
		const batch = dispatcher.presence.lastSeen.take();
		now = dispatcher.pass(now, now + GONE + TICK);
		if (batch === undefined) throw new Error('no batch waits');
		dispatcher.presence.lastSeen.failed(batch);
		expect(inStore(ANN)?.eu?.value).toMatchObject({ online: false });
	});

	it('shows presence before it is stored', () => {
		dispatcher.beats(now, 'bob');
		const last = now;
		now = dispatcher.pass(now, now + GONE + TICK);
		dispatcher.presence.lastSeen.take();
		dispatcher.stored = { presence: { eu: { order: EPOCH + last, value: { online: true, lastSeen: 1 }, from: 'eu' } } };
		dispatcher.follows(now, ANN, 'user:bob');
		dispatcher.run(now);
		expect(dispatcher.shows('user:bob')).toEqual({ online: false, lastSeen: EPOCH + last });
	});
});
