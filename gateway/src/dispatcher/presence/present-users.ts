import { TimingWheel } from '../../runtime/timing-wheel.ts';
import { topicOf } from '../../state/topics/topic.ts';

/** The period in which other regions receive again that a user is online, in milliseconds. */
export const PRESENCE_RENEWAL_MS = 30_000;

/** The period in which the store receives the last heartbeat, in milliseconds: a crash loses one. */
export const STORE_AGAIN_MS = 300_000;

/** The number of ticks in one round of the wheel. */
const WHEEL_SLOTS = 512;

/** A user with connections. */
export interface PresentUser {
	readonly user: string;
	/** The time of the last heartbeat, by the monotonic clock, and in Unix milliseconds. */
	receivedAt: number;
	lastSeen: number;
	/** When other regions receive it again, by the monotonic clock. */
	renewAt: number;
	/** When the store receives it again, by the monotonic clock. */
	storeAt: number;
}

export interface PresentUsersOptions {
	/** A user without a heartbeat for this long is gone, in milliseconds; the grace is part of it. */
	readonly goneMs: number;
	readonly graceMs: number;
	/** Whether the cluster has other regions. */
	readonly hasOtherRegions: boolean;
}

/** The users of one dispatcher on a timing wheel. Deterministic; `now` is the monotonic clock. */
export class PresentUsers {
	readonly #goneMs: number;
	readonly #hasOtherRegions: boolean;
	readonly #users = new Map<string, PresentUser>();
	readonly #wheel: TimingWheel<PresentUser>;

	constructor({ goneMs, graceMs, hasOtherRegions }: PresentUsersOptions, now: number) {
		this.#goneMs = goneMs;
		this.#hasOtherRegions = hasOtherRegions;
		this.#wheel = new TimingWheel(Math.max(5, Math.min(100, Math.floor(graceMs / 5))), WHEEL_SLOTS, now);
	}

	get size(): number {
		return this.#users.size;
	}

	get(user: string): PresentUser | undefined {
		return this.#users.get(user);
	}

	all(): PresentUser[] {
		return [...this.#users.values()];
	}

	/** Notes a heartbeat of a user, with the wall time in Unix milliseconds. */
	receive(user: string, now: number, wallTime: number): PresentUser {
		const known = this.#users.get(user);
		if (known !== undefined) {
			known.receivedAt = now;
			known.lastSeen = wallTime;
			return known;
		}
		const present = {
			user,
			receivedAt: now,
			lastSeen: wallTime,
			renewAt: now + PRESENCE_RENEWAL_MS,
			storeAt: now + STORE_AGAIN_MS,
		};
		this.#users.set(user, present);
		this.watch(present);
		return present;
	}

	remove(user: string): void {
		this.#users.delete(user);
	}

	/** Forgets the users of other owners. */
	keepOnly(isOwn: (topic: string) => boolean): void {
		for (const user of this.#users.keys()) if (!isOwn(topicOf('user', user))) this.#users.delete(user);
	}

	/** Sets when `take` returns a user; by default at the end of its presence, or at a renewal. */
	watch(present: PresentUser, at = this.#nextLook(present)): void {
		this.#wheel.add(present, at);
	}

	/** Returns the users whose timers fired; the caller must `watch` or `remove` each. */
	take(now: number): PresentUser[] {
		return this.#wheel.take(now).filter((present) => this.#users.get(present.user) === present);
	}

	/** When `take` returns users next; undefined while no user waits. */
	get dueAt(): number | undefined {
		return this.#wheel.dueAt;
	}

	#nextLook({ receivedAt, renewAt }: PresentUser): number {
		const goneAt = receivedAt + this.#goneMs;
		return this.#hasOtherRegions ? Math.min(goneAt, renewAt) : goneAt;
	}
}
