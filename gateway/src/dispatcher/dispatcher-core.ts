import type { View } from '../cluster/membership/view.ts';
import { NO_LIKES } from '../state/counters.ts';
import { PRESENCE, type Presence, presenceIn } from '../state/kinds/presence.ts';
import type { Registers } from '../state/kinds/register.ts';
import type { RegistrationAnswer, Registrations } from '../state/topics/registration.ts';
import { topicOf } from '../state/topics/topic.ts';
import type { Known, Updates } from '../state/update.ts';
import { Dispatch, type DispatchCounters, type DispatchOptions, type Origin } from './fan-out/dispatch.ts';
import { COUNT_PERIOD_MS, ViewerCounts } from './fan-out/viewer-counts.ts';
import { type PresenceCounters, type PresenceOptions, PresenceTracker } from './presence/presence-tracker.ts';

/** The period of repeated reads of active topics, in milliseconds: they find unpublished updates. */
export const REREAD_MS = 30_000;

/** The period in which leases end and failed reads are repeated, in milliseconds. */
export const EXPIRE_MS = 5_000;

/** The longest time between two runs, in milliseconds: a run that comes later shows a stall. */
const TICK_MS = 250;

export type DispatcherCoreOptions = DispatchOptions &
	Pick<PresenceOptions, 'region' | 'hasOtherRegions' | 'presenceMs' | 'presenceGraceMs'>;

/** The state of topics in the store; undefined when a read failed. */
export type Read = ReadonlyMap<string, Known> | undefined;

/**
 * The state machine of a dispatcher: the subscription table, the counts of viewers, and presence.
 * Deterministic: it has no timers and no promises. `now` is the monotonic clock; `wallTime`, in Unix
 * milliseconds, orders what it publishes.
 */
export class DispatcherCore {
	readonly dispatch: Dispatch;
	readonly counts: ViewerCounts;
	readonly presence: PresenceTracker;
	readonly #tick: Period;
	readonly #count: Period;
	readonly #expire: Period;
	readonly #reread: Period;

	constructor(options: DispatcherCoreOptions, now: number) {
		this.dispatch = new Dispatch(options);
		const parts = { ...options, dispatch: this.dispatch, relay: (updates: Updates) => options.router.relay(updates) };
		this.counts = new ViewerCounts(parts);
		this.presence = new PresenceTracker(parts, now);
		this.#tick = new Period(Math.min(TICK_MS, options.presenceGraceMs / 4), now);
		this.#count = new Period(COUNT_PERIOD_MS, now);
		this.#expire = new Period(EXPIRE_MS, now);
		this.#reread = new Period(REREAD_MS, now);
	}

	get counters(): DispatchCounters & PresenceCounters {
		return { ...this.dispatch.counters, ...this.presence.counters };
	}

	/** Takes updates from the Likes service or another dispatcher. */
	publish(updates: Updates, origin: Origin, now: number): void {
		this.dispatch.publish(this.#withoutRenewals(updates, now), origin);
	}

	/** Takes updates of topics that this dispatcher owns by its own ring. */
	publishOwn(updates: Updates, now: number): void {
		this.dispatch.publishOwn(this.#withoutRenewals(updates, now));
	}

	/** Registers the topics of a frontend. Returns what the frontend does not have. */
	subscribe(message: Registrations, now: number, wallTime: number): RegistrationAnswer {
		this.presence.look(now);
		const { mismatched, ...answer } = this.dispatch.subscribe(message, now);
		for (const topic of mismatched) {
			this.counts.mismatch(topic);
			this.presence.mismatch(topic, now, wallTime);
		}
		return answer;
	}

	/** Replaces the view of the cluster. */
	setView(view: View, now: number): void {
		this.dispatch.setView(view);
		this.counts.setView();
		this.presence.setView(now);
	}

	/** Does what is due. Returns the topics to read from the store; each must come back in `loaded`. */
	run(now: number, wallTime: number): readonly string[] {
		this.#tick.isOver(now);
		if (this.#reread.isOver(now)) this.dispatch.reread();
		if (this.#expire.isOver(now)) this.dispatch.expire(now);
		if (this.#count.isOver(now)) this.counts.tick(now, wallTime);
		this.presence.run(now, wallTime);
		const reads = this.dispatch.takeReads();
		this.dispatch.fanOut(now);
		return reads;
	}

	/** Takes the result of a read of these topics. `at` is the time of the read, in Unix milliseconds. */
	loaded(topics: readonly string[], read: Read, at: number, now: number, wallTime: number): void {
		for (const topic of topics) {
			if (read === undefined) this.dispatch.readFailed(topic);
			else this.dispatch.loaded(topic, this.#complete(topic, read, now, wallTime), at);
		}
	}

	/** Returns the presence of a user by what the store and this dispatcher know. */
	presenceIn(read: ReadonlyMap<string, Known>, user: string, now: number, wallTime: number): Presence {
		const { values } = this.#complete(topicOf('user', user), read, now, wallTime);
		return presenceIn((values?.[PRESENCE.name] ?? {}) as Registers<Presence>);
	}

	/** The time of the next `run`. */
	get dueAt(): number {
		const { dispatch, presence } = this;
		const periods = [this.#tick, this.#count, this.#expire, this.#reread].map((period) => period.dueAt);
		return Math.min(...periods, dispatch.dueAt ?? Number.POSITIVE_INFINITY, presence.dueAt ?? Number.POSITIVE_INFINITY);
	}

	/** Returns the updates without those that only renew a known register of another region. */
	#withoutRenewals(updates: Updates, now: number): Updates {
		return this.presence.remote.receive(this.counts.receive(updates, now), now);
	}

	#complete(topic: string, read: ReadonlyMap<string, Known>, now: number, wallTime: number): Known {
		return this.presence.complete(topic, read.get(topic) ?? { rows: NO_LIKES }, now, wallTime);
	}
}

/** A period of a repeated task; after a stall the task runs once, and not once for each missed period. */
class Period {
	readonly #everyMs: number;
	dueAt: number;

	constructor(everyMs: number, now: number) {
		this.#everyMs = everyMs;
		this.dueAt = now + everyMs;
	}

	/** Returns whether the period is over, and then begins the next one. */
	isOver(now: number): boolean {
		if (now < this.dueAt) return false;
		this.dueAt = now + this.#everyMs;
		return true;
	}
}
