import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../test/registrations.ts';
import { viewOf } from '../../../test/views.ts';
import type { View } from '../../cluster/membership/view.ts';
import { Router } from '../../cluster/routing/router.ts';
import { SUBSCRIBE_DEADLINE_MS } from '../../cluster/rpc/peer-calls.ts';
import { RelayQueues } from '../../regions/relay-queues.ts';
import type { Presence } from '../../state/kinds/presence.ts';
import type { Register, Registers } from '../../state/kinds/register.ts';
import { mergeValues, type Values } from '../../state/registers.ts';
import type { Registrations } from '../../state/topics/registration.ts';
import { topicOf } from '../../state/topics/topic.ts';
import { type Updates, updateOfRegisters } from '../../state/update.ts';
import { Dispatch } from '../fan-out/dispatch.ts';
import { PresenceTracker } from './presence-tracker.ts';
import { PRESENCE_RENEWAL_MS } from './present-users.ts';
import { PRESENCE_LIFETIME_MS } from './remote-presence.ts';

const D = 3_000;
const E = 500;
const GONE = D + 2 * E;
const TICK = 100;
/** The period of digests, in milliseconds. */
const DIGEST = 2_000;
const EPOCH = 1_700_000_000_000;
const ANN = 'user:ann';
const alone = viewOf({ dispatchers: ['d1'], frontends: ['f1'] });
const both = viewOf({ dispatchers: ['d1', 'd2'], frontends: ['f1'] });

/** A dispatcher of the region `eu`, and what it sends to the frontend f1 and to the region `us`. */
class Desk {
	readonly queues = new RelayQueues({ region: 'eu', others: ['us'], windowMs: 0, greets: false });
	readonly router: Router;
	readonly dispatch: Dispatch;
	readonly presence: PresenceTracker;
	/** The registers in the store. */
	stored: Values = {};
	/** The registers of the frontend, by topic. */
	readonly shown = new Map<string, Values>();
	/** What the dispatcher sent, in order. */
	readonly sent: { at: number; to: string; topic: string; registers: Registers<Presence> }[] = [];
	#seq = 0;
	#view: View;

	constructor(view: View, self = 'd1', now = 0) {
		this.router = new Router(self, 0, view, this.queues);
		this.dispatch = new Dispatch({ self, windowMs: 0, router: this.router, view });
		const relay = (updates: Updates) => this.router.relay(updates);
		const times = { presenceMs: D, presenceGraceMs: E };
		this.presence = new PresenceTracker(
			{ self, region: 'eu', hasOtherRegions: true, ...times, dispatch: this.dispatch, relay },
			now,
		);
		this.#view = view;
	}

	setView(view: View, now: number): void {
		this.#view = view;
		this.router.setView(view);
		this.dispatch.setView(view);
		this.presence.setView(now);
	}

	/** Sends the digest of f1, which follows these topics, and answers the reads. */
	follows(now: number, ...topics: string[]): void {
		this.presence.look(now);
		this.subscribe(digestOf('f1', this.#view.ring.view, ++this.#seq, topics), now);
		this.read(now);
	}

	subscribe(message: Registrations, now: number): void {
		const { updates, mismatched } = this.dispatch.subscribe(message, now);
		this.#note(now, message.frontend, updates);
		for (const topic of mismatched) this.presence.mismatch(topic, now, EPOCH + now);
	}

	/** Answers the reads of the store. */
	read(now: number): void {
		for (const topic of this.dispatch.takeReads()) {
			const known = this.presence.complete(topic, { rows: {}, values: this.stored }, now, EPOCH + now);
			this.dispatch.loaded(topic, known, now);
		}
	}

	beats(now: number, ...users: string[]): void {
		this.presence.heartbeat(users, now, EPOCH + now);
	}

	receives(now: number, topic: string, value: Presence, order = EPOCH + now): void {
		const update = updateOfRegisters('presence', { us: { order, value, from: 'us' } });
		this.dispatch.publishOwn(this.presence.remote.receive(new Map([[topic, update]]), now));
	}

	run(now: number): void {
		this.presence.run(now, EPOCH + now);
		this.dispatch.fanOut(now);
		for (const batch of this.router.take(now)) {
			this.router.arrived(batch);
			if (batch.kind === 'deliver') this.#note(now, batch.to, batch.updates);
		}
		for (const relay of this.queues.take(now)) {
			this.queues.arrived(relay);
			this.#note(now, relay.to, relay.updates);
		}
	}

	/** Stalls for `ms`. Returns the time from which heartbeats count again. */
	stall(from: number, ms: number): number {
		this.run(from + ms);
		return this.pass(from + ms, from + ms + SUBSCRIBE_DEADLINE_MS);
	}

	/** Runs the dispatcher until `until`. */
	pass(from: number, until: number): number {
		for (let now = from + TICK; now <= until; now += TICK) this.run(now);
		return until;
	}

	#note(at: number, to: string, updates: Updates): void {
		for (const [topic, { values }] of updates) {
			const registers = values?.presence as Registers<Presence> | undefined;
			if (registers === undefined) continue;
			this.sent.push({ at, to, topic, registers });
			if (to === 'f1') this.shown.set(topic, mergeValues(this.shown.get(topic), values) ?? {});
		}
	}

	/** Returns the presence of a user in a region, as the frontend shows it. */
	shows(topic = ANN, region = 'eu'): Presence | undefined {
		return this.shown.get(topic)?.presence?.[region]?.value as Presence | undefined;
	}

	/** Returns the notices that the frontend received of a user, in order. */
	noticesOf(topic = ANN): (boolean | undefined)[] {
		return this.sent
			.filter((one) => one.to === 'f1' && one.topic === topic)
			.map((one) => one.registers.eu?.value.online);
	}
}

let desk: Desk;
let now: number;
/** A dispatcher that is certain of its users, and has a frontend that follows ann. */
beforeEach(() => {
	desk = new Desk(alone);
	desk.follows(0, ANN);
	now = desk.pass(0, GONE);
});

describe('PresenceTracker', () => {
	it('publishes online at the first heartbeat, to viewers and to other regions', () => {
		desk.beats(now, 'ann');
		expect(desk.presence.dueAt).toBe(Number.NEGATIVE_INFINITY);
		desk.run(now);
		const online = { eu: { order: EPOCH + now, value: { online: true, lastSeen: EPOCH + now }, from: 'eu' } };
		expect(desk.sent).toEqual([
			{ at: now, to: 'f1', topic: ANN, registers: online },
			{ at: now, to: 'us', topic: ANN, registers: online },
		]);
	});

	it('publishes offline after d + 2e without a heartbeat, with the time of the last one', () => {
		desk.beats(now, 'ann');
		now = desk.pass(now, now + D);
		desk.beats(now, 'ann', 'ann');
		const last = now;
		now = desk.pass(now, last + GONE - TICK);
		expect(desk.shows()?.online).toBe(true);
		now = desk.pass(now, last + GONE + TICK);
		expect(desk.shows()).toEqual({ online: false, lastSeen: EPOCH + last });
		expect(desk.presence.counters).toEqual({ heartbeats: 3, online: 1, offline: 1, uncertain: 0 });
		expect(desk.presence.size).toBe(0);
	});

	it('delays an offline notice by at most one round while a frontend uses another view', () => {
		desk.beats(now, 'ann');
		desk.run(now);
		desk.subscribe(digestOf('f1', 'another view', 99, [ANN]), now);
		expect(desk.dispatch.settled).toBe(false);
		const later = desk.pass(now, now + 2 * GONE - TICK);
		expect(desk.shows(ANN)?.online).toBe(true);
		desk.pass(later, now + 2 * GONE + TICK);
		expect(desk.shows(ANN)?.online).toBe(false);
	});

	it('shows an overdue user not as online to a frontend that joins while views differ', () => {
		// After a stall the owner is uncertain, so no viewer was sent that bob is online.
		now = desk.stall(now, 60_000);
		desk.beats(now, 'bob');
		desk.subscribe(digestOf('f1', 'another view', 99, [ANN]), now);
		now = desk.pass(now, now + GONE + TICK);
		desk.subscribe(digestOf('f1', 'another view', 100, [ANN, 'user:bob']), now);
		desk.read(now);
		now = desk.pass(now, now + E);
		desk.presence.mismatch('user:bob', now, EPOCH + now);
		desk.run(now);
		expect([desk.dispatch.settled, desk.noticesOf('user:bob')]).toEqual([false, []]);
	});

	it('publishes nothing when a user drops and returns in time', () => {
		desk.beats(now, 'ann');
		now = desk.pass(now, now + GONE - TICK);
		desk.beats(now, 'ann');
		now = desk.pass(now, now + GONE - TICK);
		expect(desk.noticesOf()).toEqual([true]);
	});

	it('shows a user to later viewers, also before the store has it', () => {
		desk.beats(now, 'bob');
		desk.run(now);
		desk.follows(now, ANN, 'user:bob');
		desk.run(now);
		expect(desk.shows('user:bob')).toEqual({ online: true, lastSeen: EPOCH + now });
	});

	it('shows no presence of an unknown user, and the stored presence of a stored one', () => {
		desk.follows(now, ANN, 'user:unknown');
		desk.stored = { presence: { eu: { order: 5, value: { online: false, lastSeen: 4 }, from: 'eu' } } };
		desk.follows(now, ANN, 'user:unknown', 'user:old');
		desk.run(now);
		expect(desk.shows('user:unknown')).toBeUndefined();
		expect(desk.shows('user:old')).toEqual({ online: false, lastSeen: 4 });
	});

	it('shows a user as offline that is stored as online and sends no heartbeats', () => {
		desk.stored = { presence: { eu: { order: EPOCH, value: { online: true, lastSeen: 4 }, from: 'eu' } } };
		desk.follows(now, ANN, 'user:old');
		desk.run(now);
		expect(desk.shows('user:old')).toEqual({ online: false, lastSeen: 4 });
	});

	it('shows a user with heartbeats as online when the store has a newer offline register', () => {
		desk.stored = { presence: { eu: { order: EPOCH + 9e6, value: { online: false, lastSeen: 4 }, from: 'eu' } } };
		desk.beats(now, 'bob');
		desk.run(now);
		desk.follows(now, ANN, 'user:bob');
		desk.run(now);
		expect(desk.shows('user:bob')?.online).toBe(true);
		now = desk.pass(now, now + GONE + TICK);
		expect(desk.shows('user:bob')?.online).toBe(false);
	});

	it('publishes an unknown user as offline to a frontend with another state once it is certain', () => {
		const desk = new Desk(alone);
		desk.follows(0, ANN);
		desk.pass(0, GONE - TICK);
		desk.presence.mismatch(ANN, GONE - 1, EPOCH);
		desk.run(GONE - 1);
		expect(desk.sent).toEqual([]);
		desk.presence.mismatch(ANN, GONE + TICK, EPOCH + GONE);
		desk.run(GONE + TICK);
		expect(desk.sent.at(-1)?.registers).toMatchObject({ eu: { value: { online: false, lastSeen: null } } });
	});

	it('publishes a user again when a frontend has another state', () => {
		desk.beats(now, 'ann');
		desk.run(now);
		desk.presence.mismatch(ANN, now + 50, EPOCH + now + 50);
		desk.run(now + 50);
		expect(desk.sent.at(-1)?.registers.eu?.order).toBe(EPOCH + now + 50);
	});
});

describe('PresenceTracker.lastSeen', () => {
	const inStore = (topic: string) => desk.presence.lastSeen.take()?.get(topic)?.presence;

	it('returns each user that came or left once', () => {
		desk.beats(now, 'ann', 'bob');
		desk.run(now);
		const came = EPOCH + now;
		expect(inStore('user:bob')).toEqual({ eu: { order: came, value: { online: true, lastSeen: came }, from: 'eu' } });
		now = desk.pass(now, now + D);
		desk.beats(now, 'ann');
		expect(desk.presence.lastSeen.take()).toBeUndefined();
		now = desk.pass(now, now + D);
		expect(inStore('user:bob')?.eu?.value).toEqual({ online: false, lastSeen: came });
	});

	it('keeps a batch whose write failed, and newer presence over it', () => {
		desk.beats(now, 'ann');
		const batch = desk.presence.lastSeen.take();
		now = desk.pass(now, now + GONE + TICK);
		if (batch === undefined) throw new Error('no batch waits');
		desk.presence.lastSeen.failed(batch);
		expect(inStore(ANN)?.eu?.value).toMatchObject({ online: false });
	});

	it('shows presence before it is stored', () => {
		desk.beats(now, 'bob');
		const last = now;
		now = desk.pass(now, now + GONE + TICK);
		desk.presence.lastSeen.take();
		desk.stored = { presence: { eu: { order: EPOCH + last, value: { online: true, lastSeen: 1 }, from: 'eu' } } };
		desk.follows(now, ANN, 'user:bob');
		desk.run(now);
		expect(desk.shows('user:bob')).toEqual({ online: false, lastSeen: EPOCH + last });
	});
});

describe('PresenceTracker after a change of the ring', () => {
	const mine = [...Array(50).keys()].map((n) => `u${n}`).filter((user) => both.ring.owner(`user:${user}`) === 'd1');
	const others = [...Array(50).keys()].map((n) => `u${n}`).filter((user) => both.ring.owner(`user:${user}`) === 'd2');
	const [stays, goes] = [mine[0] as string, others[0] as string];

	it('forgets the users of other owners, and publishes nothing of them', () => {
		desk.follows(now, `user:${goes}`, `user:${stays}`);
		desk.beats(now, goes, stays);
		desk.run(now);
		desk.setView(both, now);
		expect(desk.presence.size).toBe(1);
		now = desk.pass(now, now + 2 * GONE);
		expect(desk.shows(`user:${goes}`)?.online).toBe(true);
		desk.beats(now, goes);
		expect(desk.presence.counters.heartbeats).toBe(2);
	});

	it('publishes a user as offline that is stored as online and sends no heartbeat for a round', () => {
		const fresh = new Desk(both, 'd1');
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
		const fresh = new Desk(both, 'd1');
		fresh.follows(0, `user:${stays}`);
		fresh.beats(100, stays);
		fresh.run(100);
		expect(fresh.shows(`user:${stays}`)?.online).toBe(true);
	});

	it('holds offline notices back for d + 2e, also of users that it owned before', () => {
		desk.follows(now, `user:${stays}`);
		desk.beats(now, stays);
		now = desk.pass(now, now + D);
		desk.setView(both, now);
		desk.follows(now, `user:${stays}`);
		const changed = now;
		now = desk.pass(now, changed + GONE - TICK);
		expect(desk.shows(`user:${stays}`)?.online).toBe(true);
		desk.pass(now, changed + GONE + TICK);
		expect(desk.shows(`user:${stays}`)?.online).toBe(false);
	});

	it('holds offline notices back after two changes that cancel out', () => {
		desk.follows(now, ANN, `user:${goes}`);
		desk.stored = { presence: { eu: { order: EPOCH + now, value: { online: true, lastSeen: 4 }, from: 'eu' } } };
		desk.setView(both, now);
		desk.setView(alone, now + TICK);
		desk.follows(now, ANN, `user:${goes}`);
		desk.follows(now, ANN, `user:${goes}`, 'user:x');
		desk.dispatch.reread();
		desk.read(now + TICK);
		const back = now + TICK;
		now = desk.pass(back, back + GONE - TICK);
		expect(desk.shows(`user:${goes}`)?.online).toBe(true);
		now = desk.pass(now, back + GONE + TICK);
		expect(desk.shows(`user:${goes}`)?.online).toBe(false);
	});
});

describe('PresenceTracker after a stall', () => {
	it('publishes no user as offline until it has received a whole round of heartbeats', () => {
		desk.beats(now, 'ann');
		desk.run(now);
		const resumed = now + 60_000;
		now = desk.pass(resumed - TICK, resumed + GONE - TICK);
		expect(desk.noticesOf()).toEqual([true]);
		desk.pass(now, resumed + GONE + TICK);
		expect(desk.noticesOf()).toEqual([true, false]);
	});

	it('drops heartbeats that waited during the stall, and publishes online at the first fresh one', () => {
		desk.follows(now, ANN, 'user:bob');
		const resumed = now + 60_000;
		// Messages that waited in sockets are handled before any timer.
		desk.beats(resumed, 'bob');
		desk.read(resumed);
		now = desk.pass(resumed, resumed + SUBSCRIBE_DEADLINE_MS);
		expect([desk.noticesOf('user:bob'), desk.presence.size]).toEqual([[], 0]);
		desk.beats(now, 'bob');
		desk.run(now);
		expect(desk.noticesOf('user:bob')).toEqual([true]);
	});

	it('sends no earlier state to a frontend that registers after the stall', () => {
		desk.beats(now, 'ann');
		now = desk.pass(now, now + E);
		expect(desk.noticesOf()).toEqual([true]);
		const resumed = now + 2 * GONE;
		// The store does not have her presence: it was down.
		desk.follows(resumed, ANN);
		now = desk.pass(resumed - TICK, resumed + GONE - TICK);
		expect(desk.noticesOf()).toEqual([true]);
		now = desk.pass(now, resumed + GONE + TICK);
		expect(desk.noticesOf()).toEqual([true, false]);
	});

	it('takes a pause of e for no stall', () => {
		desk.run(now + E);
		desk.beats(now + E, 'ann');
		desk.run(now + E);
		expect(desk.shows()?.online).toBe(true);
	});
});

describe('PresenceTracker with other regions', () => {
	const online = (at: number): Presence => ({ online: true, lastSeen: EPOCH + at });

	it('renews online users for other regions only', () => {
		desk.beats(now, 'ann');
		const start = now;
		for (; now < start + 2.5 * PRESENCE_RENEWAL_MS; now = desk.pass(now, now + D)) desk.beats(now, 'ann');
		expect(desk.noticesOf()).toEqual([true]);
		const remote = desk.sent.filter(({ to }) => to === 'us').map((one) => one.registers.eu as Register<Presence>);
		expect(remote).toHaveLength(3);
		expect(remote.every(({ value }) => value.online)).toBe(true);
		expect(remote[2]?.order).toBeGreaterThan(remote[1]?.order ?? Number.NaN);
	});

	it('shows a user of another region as online, also to later viewers, until a renewal is missing', () => {
		desk.receives(now, 'user:bob', online(now));
		expect(desk.presence.presenceOf('bob')).toEqual(online(now));
		desk.follows(now, ANN, 'user:bob');
		desk.run(now);
		expect(desk.shows('user:bob', 'us')).toEqual(online(now));
		const count = desk.sent.length;
		now = desk.pass(now, now + PRESENCE_RENEWAL_MS);
		const last = now;
		desk.receives(now, 'user:bob', online(now));
		now = desk.pass(now, last + PRESENCE_LIFETIME_MS - TICK);
		expect(desk.sent).toHaveLength(count);
		now = desk.pass(now, last + PRESENCE_LIFETIME_MS + TICK);
		expect(desk.shows('user:bob', 'us')).toEqual({ online: false, lastSeen: EPOCH + last });
		expect(desk.presence.presenceOf('bob')).toBeUndefined();
	});

	it('shows a user as online that is stored as online in another region until a renewal is missing', () => {
		desk.stored = { presence: { us: { order: EPOCH, value: online(0), from: 'us' } } };
		desk.follows(now, ANN, 'user:bob');
		desk.run(now);
		expect(desk.shows('user:bob', 'us')?.online).toBe(true);
		desk.pass(now, now + PRESENCE_LIFETIME_MS + TICK);
		expect(desk.shows('user:bob', 'us')?.online).toBe(false);
	});
});

describe('PresenceTracker while owners change, die, stall and return', () => {
	const step = fc.record({
		what: fc.constantFrom('come', 'leave', 'join', 'part', 'stall', 'kill', 'nothing'),
		user: fc.integer({ min: 0, max: 3 }),
		waits: fc.integer({ min: 0, max: 6 }),
	});
	const USERS = ['u0', 'u1', 'u2', 'u3'];

	it('shows no user as online for ever after an owner published what it did not store', () => {
		const town = new Town(USERS);
		town.act('come', 'u1');
		town.act('leave', 'u1');
		town.pass(1_000);
		town.act('part', 'u0');
		town.pass(4 * GONE);
		town.check();
	});

	it('shows no online user as offline, no offline user as online, and in the end the truth', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
				const town = new Town(USERS);
				for (const { what, user, waits } of steps) {
					town.act(what, USERS[user] as string);
					town.pass(waits * 1_000);
				}
				town.heal();
				town.pass(3 * GONE);
				town.check();
			}),
			{ numRuns: 200 },
		);
	});
});

/** Two dispatchers, a frontend whose heartbeats follow the ring, and a viewer that follows all users. */
class Town {
	now = 0;
	readonly #users: readonly string[];
	readonly #topics: readonly string[];
	#desks = new Map<string, Desk>();
	#view = both;
	/** The dispatcher that stalls; its messages wait. */
	#stopped: string | undefined;
	readonly #waiting: (readonly string[])[] = [];
	readonly #here = new Set<string>();
	/** When each user came online or left. */
	readonly #since = new Map<string, number>();
	readonly #shown = new Map<string, Register<Presence>>();
	#stored: Values = {};
	readonly #storedOf = new Map<string, Values>();

	constructor(users: readonly string[]) {
		this.#users = users;
		this.#topics = users.map((user) => topicOf('user', user));
		for (const self of ['d1', 'd2']) this.#start(self);
		this.pass(2 * GONE);
	}

	act(what: string, user: string): void {
		if (what === 'come' || what === 'leave') {
			const isHere = what === 'come';
			if (this.#here.has(user) === isHere) return;
			this.#since.set(user, this.now);
			if (!isHere) {
				this.#here.delete(user);
				return;
			}
			this.#here.add(user);
			this.#beat([user]);
		}
		if (what === 'join' && this.#stopped === undefined) this.#go(both);
		if (what === 'part' && this.#stopped === undefined) this.#go(viewOf({ dispatchers: ['d2'], frontends: ['f1'] }));
		if (what === 'stall' && this.#stopped === undefined && this.#view === both) {
			// The other node takes over, which the stalled one learns only after the stall.
			this.#stopped = 'd1';
			this.pass(1_000);
			this.#go(viewOf({ dispatchers: ['d2'], frontends: ['f1'] }));
		} else if (what === 'stall' && this.#stopped !== undefined) this.heal();
		if (what === 'kill' && this.#stopped === undefined && this.#view === both) {
			this.#desks.delete('d1');
			this.pass(500);
			this.#go(viewOf({ dispatchers: ['d2'], frontends: ['f1'] }));
			this.#start('d1');
		}
	}

	/** Ends the stall; messages that waited in sockets come first. */
	heal(): void {
		const stopped = this.#stopped;
		if (stopped === undefined) return;
		this.#stopped = undefined;
		const desk = this.#desks.get(stopped);
		for (const users of this.#waiting.splice(0)) desk?.beats(this.now, ...users);
		desk?.run(this.now);
		this.#look();
		this.pass(1_000);
		desk?.setView(this.#view, this.now);
		this.#follow();
	}

	pass(ms: number): void {
		const end = this.now + ms;
		while (this.now < end) {
			this.now += TICK;
			// One heartbeat of each user in d, at different times.
			for (const [index, user] of this.#users.entries()) {
				if (this.#here.has(user) && this.now % D === index * TICK) this.#beat([user]);
			}
			for (const [name, desk] of this.#desks) {
				if (name === this.#stopped) continue;
				// The store receives presence late.
				if (this.now % 1_000 === 0) this.#store(desk);
				this.#read(desk);
				if (this.now % DIGEST === 0) this.#compare(name, desk);
				desk.run(this.now);
			}
			this.#look();
		}
	}

	check(): void {
		for (const user of this.#users) {
			expect([user, this.#shown.get(topicOf('user', user))?.value.online ?? false]).toEqual([
				user,
				this.#here.has(user),
			]);
		}
	}

	#start(self: string): void {
		this.#desks.set(self, new Desk(this.#view, self, this.now));
		this.#follow();
	}

	#go(view: View): void {
		if (view === this.#view) return;
		this.#view = view;
		for (const [name, desk] of this.#desks) if (name !== this.#stopped) desk.setView(view, this.now);
		this.#follow();
		// Each user with a new owner sends a heartbeat at once.
		this.#beat([...this.#here]);
	}

	#follow(): void {
		for (const [name, desk] of this.#desks) {
			const own = this.#topics.filter((topic) => this.#view.ring.owner(topic) === name);
			if (name !== this.#stopped) desk.follows(this.now, ...own);
		}
	}

	#beat(users: readonly string[]): void {
		for (const [name, desk] of this.#desks) {
			const own = users.filter((user) => this.#view.ring.owner(topicOf('user', user)) === name);
			if (own.length === 0) continue;
			if (name === this.#stopped) this.#waiting.push(own);
			else desk.beats(this.now, ...own);
		}
	}

	/** Compares the frontend with the table: the owner sends a state that differs, and handles the mismatch. */
	#compare(name: string, desk: Desk): void {
		for (const topic of this.#topics) {
			const { complete, values } = desk.dispatch.table.state(topic) ?? {};
			if (!complete || this.#view.ring.owner(topic) !== name) continue;
			const known = values?.presence?.eu as Register<Presence> | undefined;
			if (known?.order === this.#shown.get(topic)?.order) continue;
			if (known !== undefined) desk.sent.push({ at: this.now, to: 'f1', topic, registers: { eu: known } });
			desk.presence.mismatch(topic, this.now, EPOCH + this.now);
		}
	}

	#store(desk: Desk): void {
		for (const [topic, values] of desk.presence.lastSeen.take() ?? []) {
			this.#storedOf.set(topic, mergeValues(this.#storedOf.get(topic), values) ?? {});
		}
	}

	#read(desk: Desk): void {
		for (const topic of desk.dispatch.takeReads()) {
			this.#stored = this.#storedOf.get(topic) ?? {};
			const known = { rows: {}, values: this.#stored };
			desk.dispatch.loaded(topic, desk.presence.complete(topic, known, this.now, EPOCH + this.now), this.now);
		}
	}

	/** Shows what reached the frontend, and checks that it is true. */
	#look(): void {
		for (const desk of this.#desks.values()) {
			for (const { to, topic, registers } of desk.sent.splice(0)) {
				const next = registers.eu;
				const before = this.#shown.get(topic);
				if (to !== 'f1' || next === undefined || next.order <= (before?.order ?? -1)) continue;
				this.#shown.set(topic, next);
				const user = topic.slice('user:'.length);
				const since = this.now - (this.#since.get(user) ?? 0);
				const { online } = next.value;
				if (online === (before?.value.online ?? false)) continue;
				if (!online && this.#here.has(user))
					expect(since, `${user} is online, and shown as offline`).toBeLessThan(GONE);
				if (online && !this.#here.has(user))
					expect(since, `${user} is offline, and shown as online`).toBeLessThan(GONE);
			}
		}
	}
}
