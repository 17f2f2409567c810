import { beforeEach, describe, expect, it } from 'vitest';
import {
	ANN,
	certainDispatcher,
	D,
	EPOCH,
	GONE,
	type PresenceDispatcher,
	TICK,
} from '../../../test/presence-dispatcher.ts';
import type { Presence } from '../../state/kinds/presence.ts';
import type { Register } from '../../state/kinds/register.ts';
import { PRESENCE_RENEWAL_MS } from './present-users.ts';
import { PRESENCE_LIFETIME_MS } from './remote-presence.ts';

let dispatcher: PresenceDispatcher;
let now: number;
beforeEach(() => {
	dispatcher = certainDispatcher();
	now = GONE;
});

describe('PresenceTracker with other regions', () => {
	const online = (at: number): Presence => ({ online: true, lastSeen: EPOCH + at });

	it('renews online users for other regions only', () => {
		dispatcher.beats(now, 'ann');
		const start = now;
		for (; now < start + 2.5 * PRESENCE_RENEWAL_MS; now = dispatcher.pass(now, now + D)) dispatcher.beats(now, 'ann');
		expect(dispatcher.noticesOf()).toEqual([true]);
		const remote = dispatcher.sent.filter(({ to }) => to === 'us').map((one) => one.registers.eu as Register<Presence>);
		expect(remote).toHaveLength(3);
		expect(remote.every(({ value }) => value.online)).toBe(true);
		expect(remote[2]?.order).toBeGreaterThan(remote[1]?.order ?? Number.NaN);
	});

	it('shows a user of another region as online, also to later viewers, until a renewal is missing', () => {
		dispatcher.receives(now, 'user:bob', online(now));
		expect(dispatcher.presence.presenceOf('bob')).toEqual(online(now));
		dispatcher.follows(now, ANN, 'user:bob');
		dispatcher.run(now);
		expect(dispatcher.shows('user:bob', 'us')).toEqual(online(now));
		const count = dispatcher.sent.length;
		now = dispatcher.pass(now, now + PRESENCE_RENEWAL_MS);
		const last = now;
		dispatcher.receives(now, 'user:bob', online(now));
		now = dispatcher.pass(now, last + PRESENCE_LIFETIME_MS - TICK);
		expect(dispatcher.sent).toHaveLength(count);
		now = dispatcher.pass(now, last + PRESENCE_LIFETIME_MS + TICK);
		expect(dispatcher.shows('user:bob', 'us')).toEqual({ online: false, lastSeen: EPOCH + last });
		expect(dispatcher.presence.presenceOf('bob')).toBeUndefined();
	});

	it('shows a user as online that is stored as online in another region until a renewal is missing', () => {
		dispatcher.stored = { presence: { us: { order: EPOCH, value: online(0), from: 'us' } } };
		dispatcher.follows(now, ANN, 'user:bob');
		dispatcher.run(now);
		expect(dispatcher.shows('user:bob', 'us')?.online).toBe(true);
		dispatcher.pass(now, now + PRESENCE_LIFETIME_MS + TICK);
		expect(dispatcher.shows('user:bob', 'us')?.online).toBe(false);
	});
});
