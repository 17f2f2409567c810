import { topicOf } from '../../state/topics/topic.ts';
import { TimingWheel } from './timing-wheel.ts';

/** The period in which other regions receive again that a user is there, in milliseconds. */
export const PRESENCE_RENEWAL_MS = 30_000;

/** The period in which the store receives the time of a user's last heartbeat, in milliseconds: a crash loses no more. */
export const STORE_AGAIN_MS = 300_000;

/** Ticks in a round of the wheel. */
const WHEEL_SLOTS = 512;

/** A user with connections. */
export interface PresentUser {
	readonly user: string;
	/** The time of the last heartbeat, by the monotonic clock, and in Unix milliseconds. */
	heardAt: number;
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
	/** There are other regions. */
	readonly isAbroad: boolean;
}

/** The users that sent heartbeats to one dispatcher, on a timing wheel. Deterministic; `now` is the monotonic clock. */
export class PresentUsers {
	readonly #goneMs: number;
	readonly #isAbroad: boolean;
	readonly #users = new Map<string, PresentUser>();
	readonly #wheel: TimingWheel<PresentUser>;

	constructor({ goneMs, graceMs, isAbroad }: PresentUsersOptions, now: number) {
		this.#goneMs = goneMs;
		this.#isAbroad = isAbroad;
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

	/** A heartbeat of a user arrived, with the wall time in Unix milliseconds. */
	receive(user: string, now: number, wallTime: number): PresentUser {
		const known = this.#users.get(user);
		if (known !== undefined) {
			known.heardAt = now;
			known.lastSeen = wallTime;
			return known;
		}
		const present = {
			user,
			heardAt: now,
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

	/** `take` returns a user again at a time; by default when the user may be gone, or other regions receive it again. */
	watch(present: PresentUser, at = this.#nextLook(present)): void {
		this.#wheel.add(present, at);
	}

	/** The users to look at now; the caller must `watch` or `remove` each. */
	take(now: number): PresentUser[] {
		return this.#wheel.take(now).filter((present) => this.#users.get(present.user) === present);
	}

	/** When `take` returns users next; undefined while there are none. */
	get dueAt(): number | undefined {
		return this.#wheel.dueAt;
	}

	#nextLook({ heardAt, renewAt }: PresentUser): number {
		const goneAt = heardAt + this.#goneMs;
		return this.#isAbroad ? Math.min(goneAt, renewAt) : goneAt;
	}
}
