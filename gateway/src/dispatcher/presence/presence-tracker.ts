import type { Ring } from '../../cluster/membership/ring.ts';
import { SUBSCRIBE_DEADLINE_MS } from '../../cluster/rpc/peer-calls.ts';
import { PRESENCE, type Presence } from '../../state/kinds/presence.ts';
import type { Register, Registers } from '../../state/kinds/register.ts';
import { mergeValues } from '../../state/registers.ts';
import { idOf, kindOf, topicOf } from '../../state/topics/topic.ts';
import type { Known, Updates } from '../../state/update.ts';
import type { Dispatch } from '../fan-out/dispatch.ts';
import type { LastSeenWrites } from './last-seen-writes.ts';
import { PresencePublisher } from './presence-publisher.ts';
import { PRESENCE_RENEWAL_MS, type PresentUser, PresentUsers, STORE_AGAIN_MS } from './present-users.ts';
import { RemotePresence } from './remote-presence.ts';

export interface PresenceOptions {
	/** The name of this dispatcher. */
	readonly self: string;
	/** The region of this node. */
	readonly region: string;
	/** There are others. */
	readonly isAbroad: boolean;
	/** Everybody who is there is heard of so often, in milliseconds, … */
	readonly presenceMs: number;
	/** … and may be late by so much. */
	readonly presenceGraceMs: number;
	readonly dispatch: Dispatch;
	/** Brings news to other regions, and nowhere else. */
	readonly relay: (updates: Updates) => void;
}

export interface PresenceCounters {
	/** People that were heard of. */
	heartbeats: number;
	/** How often somebody was told to be there, and to be gone. */
	online: number;
	offline: number;
	/** How often either notice was held back, because another owner may know more. */
	uncertain: number;
}

/**
 * Publishes which of the users that this dispatcher owns are online. Frontends send a heartbeat of each of their users
 * every d; the first one publishes online. d + 2e without a heartbeat publish offline: not d, so that a late heartbeat, or a
 * phone in a tunnel, shows nothing. After a start, a change of the ring and a stall, another owner may know more of every
 * user: for d + 2e this one publishes no user as offline. Then it publishes what viewers are shown otherwise.
 * Deterministic; `now` is the monotonic clock, and `wallTime`, in Unix milliseconds, orders what is published.
 */
export class PresenceTracker {
	/** What other regions say. */
	readonly abroad: RemotePresence;
	readonly counters: PresenceCounters = { heartbeats: 0, online: 0, offline: 0, uncertain: 0 };
	readonly #region: string;
	readonly #isAbroad: boolean;
	/** After so long without a heartbeat somebody is gone. */
	readonly #goneMs: number;
	readonly #graceMs: number;
	readonly #dispatch: Dispatch;
	readonly #news: PresencePublisher;
	readonly #users: PresentUsers;
	#lookedAt: number | undefined;
	/** Until then another owner may know more; undefined when this one has received all heartbeats of a whole round. */
	#uncertainUntil: number | undefined;
	/** Heartbeats that arrive before may have waited through a stall. */
	#freshFrom = Number.NEGATIVE_INFINITY;
	#ring: Ring;

	constructor(options: PresenceOptions, now: number) {
		const { region, isAbroad, presenceMs, presenceGraceMs, dispatch, relay } = options;
		this.#region = region;
		this.#isAbroad = isAbroad;
		// mutant: outlives-a-period
		this.#goneMs = presenceMs + 2 * presenceGraceMs;
		this.#graceMs = presenceGraceMs;
		this.#dispatch = dispatch;
		this.#news = new PresencePublisher({ region, dispatch, relay });
		this.#users = new PresentUsers({ goneMs: this.#goneMs, graceMs: presenceGraceMs, isAbroad }, now);
		this.#uncertainUntil = /* mutant: uncertain-at-start */ now + this.#goneMs;
		this.abroad = new RemotePresence({ region, dispatch, news: this.#news });
		this.#ring = dispatch.ring;
	}

	/** What is to be stored. */
	get lastSeen(): LastSeenWrites {
		return this.#news.lastSeen;
	}

	/** People who are there, by what this dispatcher knows. */
	get size(): number {
		return this.#users.size;
	}

	/** A frontend has connections of these users. Users of other owners are left out. */
	heartbeat(users: readonly string[], now: number, wallTime: number): void {
		this.look(now);
		// Its frontend has given it up and sent it again, or the user is long gone. A fresh one is repeated after a period.
		if (now < this.#freshFrom) return;
		for (const user of users) {
			const isNew = this.#users.get(user) === undefined;
			if (isNew && !this.#dispatch.owns(topicOf('user', user))) continue;
			const present = this.#users.receive(user, now, wallTime);
			if (isNew) this.#arrive(present, now, wallTime);
			this.counters.heartbeats++;
		}
	}

	/** The dispatcher goes by another ring, perhaps. It forgets the users of other owners, and publishes nothing of them. */
	setView(now: number): void {
		const { ring } = this.#dispatch;
		if (ring === this.#ring) return;
		// mutant: uncertain-after-ring
		this.#uncertainUntil = now + this.#goneMs;
		this.#ring = ring;
		const isOwn = (topic: string) => this.#dispatch.owns(topic);
		// mutant: drops-users-of-others
		this.#users.keepOnly(isOwn);
		this.#news.keepOnly(isOwn);
		this.abroad.keepOnly(isOwn);
	}

	/** A frontend has another state of a user: an owner whose clock is ahead may have published it. */
	mismatch(topic: string, now: number, wallTime: number): void {
		if (!isUser(topic) || !this.#dispatch.owns(topic)) return;
		const entry = this.#users.get(idOf(topic));
		const shown = this.#news.shown(topic)[this.#region];
		if (entry !== undefined) {
			if (!this.#isOverdue(entry, now)) this.#news.put(topic, { online: true, lastSeen: entry.lastSeen }, wallTime);
		} else if (!this.#isUncertain(now)) {
			// Also of a user without a state here: an owner that is gone may have published what it had no time to store.
			this.#news.put(topic, { lastSeen: null, ...shown?.value, online: false }, wallTime);
		}
	}

	/** What the store knows of a topic, with what is known here: the store is told late, and not after a crash. */
	complete(topic: string, known: Known, now: number, wallTime: number): Known {
		if (!isUser(topic)) return known;
		const late = { [PRESENCE.name]: this.lastSeen.of(topic) };
		const stored = (mergeValues(known.values, late)?.[PRESENCE.name] ?? {}) as Registers<Presence>;
		const own = this.#own(topic, stored[this.#region], now, wallTime);
		const newer = this.abroad.newerThan(topic, stored, now);
		const registers = { ...stored, ...(own && { [this.#region]: own }), ...newer };
		if (Object.keys(registers).length === 0) return known;
		return { ...known, values: { ...known.values, [PRESENCE.name]: registers } };
	}

	/** Whether somebody is there, without a look into the store; undefined when only that can tell. */
	presenceOf(user: string): Presence | undefined {
		const entry = this.#users.get(user);
		if (entry !== undefined) return { online: true, lastSeen: entry.lastSeen };
		return this.abroad.presenceOf(topicOf('user', user));
	}

	/** Tells what is due. To be called also when nothing is, more often than every e: that is how it notices stalls. */
	run(now: number, wallTime: number): void {
		this.look(now);
		if (this.#uncertainUntil !== undefined && !this.#isUncertain(now)) {
			this.#uncertainUntil = undefined;
			// mutant: publishes-when-certain
			this.#correct(now, wallTime);
		}
		for (const entry of this.#users.take(now)) this.#lookAfter(entry, now, wallTime);
		this.abroad.run(now);
		this.#news.send();
	}

	/** When `run` has something to do next; undefined when not before something changes. */
	get dueAt(): number | undefined {
		if (!this.#news.isEmpty) return Number.NEGATIVE_INFINITY;
		const dues = [this.#users.dueAt, this.#uncertainUntil, this.abroad.dueAt].filter((due) => due !== undefined);
		return dues.length === 0 ? undefined : Math.min(...dues);
	}

	/**
	 * Notices a stall; call it before anything that arrived during one is handled. Other owners may have published since,
	 * so this one goes on as one that has just started, and keeps only the time of each user's last heartbeat.
	 */
	look(now: number): void {
		const before = this.#lookedAt ?? now;
		this.#lookedAt = Math.max(before, now);
		// mutant: detects-stall
		if (now - before <= this.#graceMs) return;
		this.#uncertainUntil = now + this.#goneMs;
		this.#freshFrom = now + SUBSCRIBE_DEADLINE_MS;
		this.abroad.excuse(now);
		this.#forget();
	}

	/** What it published before is in the store, or other owners publish it. */
	#forget(): void {
		this.#news.forget();
		this.#dispatch.table.forget(isUser);
		this.#dispatch.reread(isUser);
	}

	/** The first heartbeat of a user arrived. */
	#arrive({ user, lastSeen }: PresentUser, now: number, wallTime: number): void {
		const topic = topicOf('user', user);
		const online = { online: true, lastSeen };
		// The user may have been online all the time, which viewers know then.
		const { complete } = this.#dispatch.table.state(topic) ?? {};
		const isShown = complete !== true || this.#news.shown(topic)[this.#region]?.value.online === true;
		if (this.#isUncertain(now) && isShown) {
			this.counters.uncertain++;
			if (this.#isAbroad) this.#news.renew(topic, lastSeen, wallTime);
			return;
		}
		// mutant: publishes-online
		this.#tell(topic, online, wallTime);
	}

	/** The wheel came round to somebody. */
	#lookAfter(entry: PresentUser, now: number, wallTime: number): void {
		const topic = topicOf('user', entry.user);
		if (!this.#isOverdue(entry, now)) {
			if (now >= entry.renewAt) {
				entry.renewAt = now + PRESENCE_RENEWAL_MS;
				this.#news.renew(topic, entry.lastSeen, wallTime);
			}
			if (now >= entry.storeAt) {
				entry.storeAt = now + STORE_AGAIN_MS;
				const register = this.#news.register({ online: true, lastSeen: entry.lastSeen }, -1, wallTime);
				this.lastSeen.keep(topic, { [this.#region]: register });
			}
			// mutant: watches-again
			this.#users.watch(entry);
			return;
		}
		// While some frontend goes by another view, it may tell somebody else of them.
		const unsureUntil = this.#dispatch.settled ? 0 : Math.min(now + this.#graceMs, entry.heardAt + 2 * this.#goneMs);
		const sureAt = Math.max(this.#uncertainUntil ?? 0, unsureUntil);
		// mutant: waits-until-sure
		if (sureAt > now) {
			this.counters.uncertain++;
			this.#users.watch(entry, sureAt);
			return;
		}
		this.#users.remove(entry.user);
		this.#tell(topic, { online: false, lastSeen: entry.lastSeen }, wallTime);
	}

	/** Whether another owner may know more: then no user is gone yet. */
	#isUncertain(now: number): boolean {
		return this.#uncertainUntil !== undefined && now < this.#uncertainUntil;
	}

	/** Whether a user is gone, unless another owner received a heartbeat: until that is sure, nothing is published. */
	#isOverdue({ heardAt }: PresentUser, now: number): boolean {
		return now >= heardAt + this.#goneMs;
	}

	/** Publishes the users that viewers are shown otherwise. */
	#correct(now: number, wallTime: number): void {
		for (const topic of this.#dispatch.table.topics()) {
			if (!isUser(topic) || !this.#dispatch.owns(topic)) continue;
			const entry = this.#users.get(idOf(topic));
			const shown = this.#news.shown(topic)[this.#region];
			const isHere = entry !== undefined && !this.#isOverdue(entry, now);
			if (isHere && !shown?.value.online) this.#tell(topic, { online: true, lastSeen: entry.lastSeen }, wallTime);
			// The wheel looks after users with an entry.
			if (entry === undefined && shown?.value.online) this.#tell(topic, { ...shown.value, online: false }, wallTime);
		}
	}

	/** What is to be known of somebody in this region, given what the store has; undefined when that is nothing. */
	#own(
		topic: string,
		stored: Register<Presence> | undefined,
		now: number,
		wallTime: number,
	): Register<Presence> | undefined {
		if (!this.#dispatch.owns(topic)) return stored;
		const shown = this.#news.shown(topic)[this.#region];
		const newest = shown === undefined || (stored?.order ?? -1) > shown.order ? stored : shown;
		const entry = this.#users.get(idOf(topic));
		// mutant: shows-no-uncertain
		if (entry === undefined && this.#isUncertain(now)) return newest;
		// mutant: shows-no-overdue
		if (entry !== undefined && this.#isOverdue(entry, now)) return newest;
		const online = entry !== undefined;
		// Also when it is stored of a later time: nobody has to hear again that somebody is there.
		if (shown?.value.online === online && newest?.value.online === online) return shown;
		if (newest === undefined && !online) return undefined;
		if (newest?.value.online === online) return newest;
		const lastSeen = entry?.lastSeen ?? newest?.value.lastSeen ?? null;
		const register = this.#news.register({ online, lastSeen }, newest?.order ?? -1, wallTime);
		this.lastSeen.keep(topic, { [this.#region]: register });
		return register;
	}

	#tell(topic: string, presence: Presence, wallTime: number): void {
		this.counters[presence.online ? 'online' : 'offline']++;
		this.#news.put(topic, presence, wallTime);
	}
}

function isUser(topic: string): boolean {
	return kindOf(topic) === 'user';
}
