import type { View } from '../src/cluster/membership/view.ts';
import { Router } from '../src/cluster/routing/router.ts';
import { SUBSCRIBE_DEADLINE_MS } from '../src/cluster/rpc/peer-calls.ts';
import { Dispatch } from '../src/dispatcher/fan-out/dispatch.ts';
import { PresenceTracker } from '../src/dispatcher/presence/presence-tracker.ts';
import { RelayQueues } from '../src/regions/relay-queues.ts';
import type { Presence } from '../src/state/kinds/presence.ts';
import type { Registers } from '../src/state/kinds/register.ts';
import { mergeValues, type Values } from '../src/state/registers.ts';
import type { Registrations } from '../src/state/topics/registration.ts';
import { type Updates, updateOfRegisters } from '../src/state/update.ts';
import { digestOf } from './registrations.ts';
import { viewOf } from './views.ts';

/** The time in which each user sends a heartbeat, in milliseconds. */
export const D = 3_000;

/** The grace of a heartbeat, in milliseconds. */
export const E = 500;

/** The time without a heartbeat after which a user is offline. */
export const GONE = D + 2 * E;

/** The time between two runs of a dispatcher. */
export const TICK = 100;

/** The wall time at 0. */
export const EPOCH = 1_700_000_000_000;

export const ANN = 'user:ann';

/** A ring of one dispatcher, with one frontend. */
export const alone = viewOf({ dispatchers: ['d1'], frontends: ['f1'] });

/** A ring of two dispatchers, with one frontend. */
export const both = viewOf({ dispatchers: ['d1', 'd2'], frontends: ['f1'] });

/** A dispatcher of the region `eu`, and what it sends to the frontend f1 and to the region `us`. */
export class PresenceDispatcher {
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

/** Returns a dispatcher that is certain of its users at GONE, and has a frontend that follows ann. */
export function certainDispatcher(): PresenceDispatcher {
	const dispatcher = new PresenceDispatcher(alone);
	dispatcher.follows(0, ANN);
	dispatcher.pass(0, GONE);
	return dispatcher;
}
