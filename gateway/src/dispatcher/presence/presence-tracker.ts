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
	/** Whether the cluster has other regions. */
	readonly hasOtherRegions: boolean;
	/** The period of the heartbeats of each user, in milliseconds. */
	readonly presenceMs: number;
	/** The longest delay of a heartbeat, in milliseconds. */
	readonly presenceGraceMs: number;
	readonly dispatch: Dispatch;
	/** Sends updates to other regions only. */
	readonly relay: (updates: Updates) => void;
}

export interface PresenceCounters {
	/** Heartbeats of users. */
	heartbeats: number;
	/** Users published as online, and as offline. */
	online: number;
	offline: number;
	/** Notices held back, because another owner may know more. */
	uncertain: number;
}

/**
 * Publishes which of the users that this dispatcher owns are online. Frontends send a heartbeat of
 * each of their users every d (`presenceMs`). The first one publishes the user as online. d + 2e
 * without a heartbeat publish the user as offline, where e is `presenceGraceMs`: a late heartbeat, or
 * a phone in a tunnel, changes nothing. After a start, a change of the ring and a stall, another owner
 * may know more of every user: for d + 2e this one publishes no user as offline. Then it corrects the
 * users that viewers see wrongly. Deterministic; `now` is the monotonic clock, and `wallTime`, in Unix
 * milliseconds, orders the registers.
 */
export class PresenceTracker {
	/** The presence of users in other regions. */
	readonly remote: RemotePresence;
	readonly counters: PresenceCounters = { heartbeats: 0, online: 0, offline: 0, uncertain: 0 };
	readonly #region: string;
	readonly #hasOtherRegions: boolean;
	/** A user without a heartbeat for this long is gone, in milliseconds. */
	readonly #goneMs: number;
	readonly #graceMs: number;
	readonly #dispatch: Dispatch;
	readonly #publisher: PresencePublisher;
	readonly #users: PresentUsers;
	#lookedAt: number | undefined;
	/** Until then another owner may know more; undefined after a whole round of heartbeats. */
	#uncertainUntil: number | undefined;
	/** Heartbeats that arrive earlier may have waited during a stall. */
	#freshFrom = Number.NEGATIVE_INFINITY;
	#ring: Ring;

	constructor(options: PresenceOptions, now: number) {
		const { region, hasOtherRegions, presenceMs, presenceGraceMs, dispatch, relay } = options;
		this.#region = region;
		this.#hasOtherRegions = hasOtherRegions;
		// mutant: outlives-a-period
		this.#goneMs = presenceMs + 2 * presenceGraceMs;
		this.#graceMs = presenceGraceMs;
		this.#dispatch = dispatch;
		this.#publisher = new PresencePublisher({ region, dispatch, relay });
		this.#users = new PresentUsers({ goneMs: this.#goneMs, graceMs: presenceGraceMs, hasOtherRegions }, now);
		this.#uncertainUntil = /* mutant: uncertain-at-start */ now + this.#goneMs;
		this.remote = new RemotePresence({ region, dispatch, publisher: this.#publisher });
		this.#ring = dispatch.ring;
	}

	/** The presence that waits for the store. */
	get lastSeen(): LastSeenWrites {
		return this.#publisher.lastSeen;
	}

	/** The number of users that are online by the heartbeats of this dispatcher. */
	get size(): number {
		return this.#users.size;
	}

	/** Takes heartbeats of users. Ignores users of other owners. */
	heartbeat(users: readonly string[], now: number, wallTime: number): void {
		this.look(now);
		// The frontend has given up this heartbeat and sent it again, or the user is gone. A fresh one comes again after d.
		if (now < this.#freshFrom) return;
		for (const user of users) {
			const isNew = this.#users.get(user) === undefined;
			if (isNew && !this.#dispatch.owns(topicOf('user', user))) continue;
			const present = this.#users.receive(user, now, wallTime);
			if (isNew) this.#arrive(present, now, wallTime);
			this.counters.heartbeats++;
		}
	}

	/** Takes a new view. After a change of the ring, forgets the users of other owners. */
	setView(now: number): void {
		const { ring } = this.#dispatch;
		if (ring === this.#ring) return;
		// mutant: uncertain-after-ring
		this.#uncertainUntil = now + this.#goneMs;
		this.#ring = ring;
		const isOwn = (topic: string) => this.#dispatch.owns(topic);
		// mutant: drops-users-of-others
		this.#users.keepOnly(isOwn);
		this.#publisher.keepOnly(isOwn);
		this.remote.keepOnly(isOwn);
	}

	/** Notes a different state at a frontend: an owner whose clock is ahead may have published it. */
	mismatch(topic: string, now: number, wallTime: number): void {
		if (!isUser(topic) || !this.#dispatch.owns(topic)) return;
		const entry = this.#users.get(idOf(topic));
		const shown = this.#publisher.shown(topic)[this.#region];
		if (entry !== undefined) {
			if (!this.#isOverdue(entry, now))
				this.#publisher.put(topic, { online: true, lastSeen: entry.lastSeen }, wallTime);
		} else if (!this.#isUncertain(now)) {
			// Also for a user without a state on the table: a former owner may have published a state and not stored it.
			this.#publisher.put(topic, { lastSeen: null, ...shown?.value, online: false }, wallTime);
		}
	}

	/** Returns the stored state with newer presence: the store receives it late, or never in a crash. */
	complete(topic: string, known: Known, now: number, wallTime: number): Known {
		if (!isUser(topic)) return known;
		const unstored = { [PRESENCE.name]: this.lastSeen.of(topic) };
		const stored = (mergeValues(known.values, unstored)?.[PRESENCE.name] ?? {}) as Registers<Presence>;
		const own = this.#own(topic, stored[this.#region], now, wallTime);
		const newer = this.remote.newerThan(topic, stored, now);
		const registers = { ...stored, ...(own && { [this.#region]: own }), ...newer };
		if (Object.keys(registers).length === 0) return known;
		return { ...known, values: { ...known.values, [PRESENCE.name]: registers } };
	}

	/** Returns the presence of a user without a read of the store; undefined when only the store knows it. */
	presenceOf(user: string): Presence | undefined {
		const entry = this.#users.get(user);
		if (entry !== undefined) return { online: true, lastSeen: entry.lastSeen };
		return this.remote.presenceOf(topicOf('user', user));
	}

	/** Publishes what is due. The caller runs it more often than every e: a longer pause is a stall. */
	run(now: number, wallTime: number): void {
		this.look(now);
		if (this.#uncertainUntil !== undefined && !this.#isUncertain(now)) {
			this.#uncertainUntil = undefined;
			// mutant: publishes-when-certain
			this.#correct(now, wallTime);
		}
		for (const entry of this.#users.take(now)) this.#lookAfter(entry, now, wallTime);
		this.remote.run(now);
		this.#publisher.send();
	}

	/** When `run` is due next; undefined while nothing waits. */
	get dueAt(): number | undefined {
		if (!this.#publisher.isEmpty) return Number.NEGATIVE_INFINITY;
		const dues = [this.#users.dueAt, this.#uncertainUntil, this.remote.dueAt].filter((due) => due !== undefined);
		return dues.length === 0 ? undefined : Math.min(...dues);
	}

	/**
	 * Notices a stall. The caller runs it before it handles messages that arrived during the stall. Other
	 * owners may have published since, so this one continues like one that has just started, and keeps
	 * only the time of the last heartbeat of each user.
	 */
	look(now: number): void {
		const before = this.#lookedAt ?? now;
		this.#lookedAt = Math.max(before, now);
		// mutant: detects-stall
		if (now - before <= this.#graceMs) return;
		this.#uncertainUntil = now + this.#goneMs;
		this.#freshFrom = now + SUBSCRIBE_DEADLINE_MS;
		this.remote.excuse(now);
		this.#forget();
	}

	/** Drops the state of all users: the store has it, or other owners publish it. */
	#forget(): void {
		this.#publisher.forget();
		this.#dispatch.table.forget(isUser);
		this.#dispatch.reread(isUser);
	}

	/** Publishes a user at the first heartbeat, unless viewers may see the user as online already. */
	#arrive({ user, lastSeen }: PresentUser, now: number, wallTime: number): void {
		const topic = topicOf('user', user);
		const online = { online: true, lastSeen };
		// The user may have been online all the time: then viewers know it.
		const { complete } = this.#dispatch.table.state(topic) ?? {};
		const isShown = complete !== true || this.#publisher.shown(topic)[this.#region]?.value.online === true;
		if (this.#isUncertain(now) && isShown) {
			this.counters.uncertain++;
			if (this.#hasOtherRegions) this.#publisher.renew(topic, lastSeen, wallTime);
			return;
		}
		// mutant: publishes-online
		this.#publish(topic, online, wallTime);
	}

	/** Handles a user whose timer fired. */
	#lookAfter(entry: PresentUser, now: number, wallTime: number): void {
		const topic = topicOf('user', entry.user);
		if (!this.#isOverdue(entry, now)) {
			if (now >= entry.renewAt) {
				entry.renewAt = now + PRESENCE_RENEWAL_MS;
				this.#publisher.renew(topic, entry.lastSeen, wallTime);
			}
			if (now >= entry.storeAt) {
				entry.storeAt = now + STORE_AGAIN_MS;
				const register = this.#publisher.register({ online: true, lastSeen: entry.lastSeen }, -1, wallTime);
				this.lastSeen.keep(topic, { [this.#region]: register });
			}
			// mutant: watches-again
			this.#users.watch(entry);
			return;
		}
		// A frontend that uses another view may send the heartbeats of this user to another owner.
		const unsureUntil = this.#dispatch.settled ? 0 : Math.min(now + this.#graceMs, entry.receivedAt + 2 * this.#goneMs);
		const sureAt = Math.max(this.#uncertainUntil ?? 0, unsureUntil);
		// mutant: waits-until-sure
		if (sureAt > now) {
			this.counters.uncertain++;
			this.#users.watch(entry, sureAt);
			return;
		}
		this.#users.remove(entry.user);
		this.#publish(topic, { online: false, lastSeen: entry.lastSeen }, wallTime);
	}

	/** Returns whether another owner may know more: then no user is published as offline. */
	#isUncertain(now: number): boolean {
		return this.#uncertainUntil !== undefined && now < this.#uncertainUntil;
	}

	/** Returns whether a user sent this owner no heartbeat for d + 2e; another owner may have received one. */
	#isOverdue({ receivedAt }: PresentUser, now: number): boolean {
		return now >= receivedAt + this.#goneMs;
	}

	/** Publishes the users that viewers see wrongly. */
	#correct(now: number, wallTime: number): void {
		for (const topic of this.#dispatch.table.topics()) {
			if (!isUser(topic) || !this.#dispatch.owns(topic)) continue;
			const entry = this.#users.get(idOf(topic));
			const shown = this.#publisher.shown(topic)[this.#region];
			const isHere = entry !== undefined && !this.#isOverdue(entry, now);
			if (isHere && !shown?.value.online) this.#publish(topic, { online: true, lastSeen: entry.lastSeen }, wallTime);
			// The timer of a user with an entry publishes the offline notice.
			if (entry === undefined && shown?.value.online) this.#publish(topic, { ...shown.value, online: false }, wallTime);
		}
	}

	/** Returns the register of this region for a user, given the stored one; undefined for none. */
	#own(
		topic: string,
		stored: Register<Presence> | undefined,
		now: number,
		wallTime: number,
	): Register<Presence> | undefined {
		if (!this.#dispatch.owns(topic)) return stored;
		const shown = this.#publisher.shown(topic)[this.#region];
		const newest = shown === undefined || (stored?.order ?? -1) > shown.order ? stored : shown;
		const entry = this.#users.get(idOf(topic));
		// mutant: shows-no-uncertain
		if (entry === undefined && this.#isUncertain(now)) return newest;
		// mutant: shows-no-overdue
		if (entry !== undefined && this.#isOverdue(entry, now)) return newest;
		const online = entry !== undefined;
		// Also when the stored register is newer: viewers need no second notice of the same presence.
		if (shown?.value.online === online && newest?.value.online === online) return shown;
		if (newest === undefined && !online) return undefined;
		if (newest?.value.online === online) return newest;
		const lastSeen = entry?.lastSeen ?? newest?.value.lastSeen ?? null;
		const register = this.#publisher.register({ online, lastSeen }, newest?.order ?? -1, wallTime);
		this.lastSeen.keep(topic, { [this.#region]: register });
		return register;
	}

	#publish(topic: string, presence: Presence, wallTime: number): void {
		this.counters[presence.online ? 'online' : 'offline']++;
		this.#publisher.put(topic, presence, wallTime);
	}
}

function isUser(topic: string): boolean {
	return kindOf(topic) === 'user';
}
