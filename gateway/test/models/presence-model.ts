import { expect } from 'vitest';
import type { View } from '../../src/cluster/membership/view.ts';
import type { Presence } from '../../src/state/kinds/presence.ts';
import type { Register } from '../../src/state/kinds/register.ts';
import { mergeValues, type Values } from '../../src/state/registers.ts';
import { topicOf } from '../../src/state/topics/topic.ts';
import { both, D, EPOCH, GONE, PresenceDispatcher, TICK } from '../presence-dispatcher.ts';
import { viewOf } from '../views.ts';

/** The period of digests, in milliseconds. */
const DIGEST_MS = 2_000;

/** Two dispatchers, a frontend whose heartbeats follow the ring, and a viewer that follows all users. */
export class PresenceModel {
	now = 0;
	readonly #users: readonly string[];
	readonly #topics: readonly string[];
	#dispatchers = new Map<string, PresenceDispatcher>();
	#view = both;
	/** The dispatcher that stalls; its messages wait. */
	#stopped: string | undefined;
	readonly #waiting: (readonly string[])[] = [];
	readonly #here = new Set<string>();
	/** When each user came online or left. */
	readonly #since = new Map<string, number>();
	readonly #shown = new Map<string, Register<Presence>>();
	/** The registers in the store, by topic. */
	readonly #stored = new Map<string, Values>();

	constructor(users: readonly string[]) {
		this.#users = users;
		this.#topics = users.map((user) => topicOf('user', user));
		for (const self of ['d1', 'd2']) this.#start(self);
		this.pass(2 * GONE);
	}

	/** Lets a user come or leave, or a dispatcher join, part, stall or be killed. Does nothing where that is not possible. */
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
			this.#dispatchers.delete('d1');
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
		const dispatcher = this.#dispatchers.get(stopped);
		for (const users of this.#waiting.splice(0)) dispatcher?.beats(this.now, ...users);
		dispatcher?.run(this.now);
		this.#look();
		this.pass(1_000);
		dispatcher?.setView(this.#view, this.now);
		this.#follow();
	}

	/** Runs the dispatchers and the frontend for `ms`. */
	pass(ms: number): void {
		const end = this.now + ms;
		while (this.now < end) {
			this.now += TICK;
			// One heartbeat of each user in d, at different times.
			for (const [index, user] of this.#users.entries()) {
				if (this.#here.has(user) && this.now % D === index * TICK) this.#beat([user]);
			}
			for (const [name, dispatcher] of this.#dispatchers) {
				if (name === this.#stopped) continue;
				// The store receives presence late.
				if (this.now % 1_000 === 0) this.#store(dispatcher);
				this.#read(dispatcher);
				if (this.now % DIGEST_MS === 0) this.#compare(name, dispatcher);
				dispatcher.run(this.now);
			}
			this.#look();
		}
	}

	/** Throws unless the viewer sees as online the users that are. */
	check(): void {
		for (const user of this.#users) {
			expect([user, this.#shown.get(topicOf('user', user))?.value.online ?? false]).toEqual([
				user,
				this.#here.has(user),
			]);
		}
	}

	#start(self: string): void {
		this.#dispatchers.set(self, new PresenceDispatcher(this.#view, self, this.now));
		this.#follow();
	}

	#go(view: View): void {
		if (view === this.#view) return;
		this.#view = view;
		for (const [name, dispatcher] of this.#dispatchers) if (name !== this.#stopped) dispatcher.setView(view, this.now);
		this.#follow();
		// Each user with a new owner sends a heartbeat at once.
		this.#beat([...this.#here]);
	}

	#follow(): void {
		for (const [name, dispatcher] of this.#dispatchers) {
			const own = this.#topics.filter((topic) => this.#view.ring.owner(topic) === name);
			if (name !== this.#stopped) dispatcher.follows(this.now, ...own);
		}
	}

	#beat(users: readonly string[]): void {
		for (const [name, dispatcher] of this.#dispatchers) {
			const own = users.filter((user) => this.#view.ring.owner(topicOf('user', user)) === name);
			if (own.length === 0) continue;
			if (name === this.#stopped) this.#waiting.push(own);
			else dispatcher.beats(this.now, ...own);
		}
	}

	/** Compares the frontend with the table: the owner sends a state that differs, and handles the mismatch. */
	#compare(name: string, dispatcher: PresenceDispatcher): void {
		for (const topic of this.#topics) {
			const { complete, values } = dispatcher.dispatch.table.state(topic) ?? {};
			if (!complete || this.#view.ring.owner(topic) !== name) continue;
			const known = values?.presence?.eu as Register<Presence> | undefined;
			if (known?.order === this.#shown.get(topic)?.order) continue;
			if (known !== undefined) dispatcher.sent.push({ at: this.now, to: 'f1', topic, registers: { eu: known } });
			dispatcher.presence.mismatch(topic, this.now, EPOCH + this.now);
		}
	}

	#store(dispatcher: PresenceDispatcher): void {
		for (const [topic, values] of dispatcher.presence.lastSeen.take() ?? []) {
			this.#stored.set(topic, mergeValues(this.#stored.get(topic), values) ?? {});
		}
	}

	#read(dispatcher: PresenceDispatcher): void {
		for (const topic of dispatcher.dispatch.takeReads()) {
			const stored = { rows: {}, values: this.#stored.get(topic) ?? {} };
			const known = dispatcher.presence.complete(topic, stored, this.now, EPOCH + this.now);
			dispatcher.dispatch.loaded(topic, known, this.now);
		}
	}

	/** Shows what reached the frontend, and checks that it is true. */
	#look(): void {
		for (const dispatcher of this.#dispatchers.values()) {
			for (const { to, topic, registers } of dispatcher.sent.splice(0)) {
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
