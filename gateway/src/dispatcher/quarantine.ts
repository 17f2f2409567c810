import { Ring } from '../cluster/ring.ts';

/** So many changes of the ring are told apart; beyond them a topic counts as gained by all of them. */
const MAX_RINGS = 8;

/**
 * How far what this dispatcher knows of who is there can be believed. `gained`: it owns the topic for so short a time that
 * somebody may be there whom it has not heard of. `stalled`: it stood still, so what it hears may be of the past.
 */
export type Doubt = 'none' | 'gained' | 'stalled';

/**
 * Topics about which this dispatcher is not sure yet: those that it has just gained, and after a stall all of them. After a
 * whole round of heartbeats it is. Deterministic.
 */
export class Quarantine {
	readonly #self: string;
	readonly #lengthMs: number;
	/** Rings that were gone by until lately, each with the time until which what it gave to others is in doubt. */
	#rings: { readonly ring: Ring; readonly until: number }[];
	#stalledUntil = Number.NEGATIVE_INFINITY;

	/** It has just started, so it has gained all that it owns. */
	constructor(self: string, lengthMs: number, now: number) {
		this.#self = self;
		this.#lengthMs = lengthMs;
		this.#rings = [{ ring: new Ring([]), until: /* mutant: doubts-at-start */ now + lengthMs }];
	}

	/** `ring` was gone by until now. */
	left(ring: Ring, now: number): void {
		this.#rings.push({ ring, until: now + this.#lengthMs });
		if (this.#rings.length <= MAX_RINGS) return;
		const [oldest, next] = this.#rings.splice(0, 2);
		if (oldest === undefined || next === undefined) return;
		this.#rings.unshift({ ring: new Ring([]), until: next.until });
	}

	stalled(now: number): void {
		this.#stalledUntil = now + this.#lengthMs;
	}

	/** Whether a topic that is owned now is in doubt. */
	of(topic: string, now: number): Doubt {
		if (now < this.#stalledUntil) return 'stalled';
		return this.endOf(topic) > now ? 'gained' : 'none';
	}

	/** Until when a topic that is owned now is in doubt; a past time when it is not. */
	endOf(topic: string): number {
		let end = this.#stalledUntil;
		for (const { ring, until } of this.#rings) {
			if (until > end && ring.owner(topic) !== this.#self) end = until;
		}
		return end;
	}

	/** Whether some topics are in doubt no more since this was asked last. */
	takeEnded(now: number): boolean {
		const hasEnded = this.dueAt !== undefined && this.dueAt <= now;
		this.#rings = this.#rings.filter(({ until }) => until > now);
		if (this.#stalledUntil <= now) this.#stalledUntil = Number.NEGATIVE_INFINITY;
		return hasEnded;
	}

	/** When some topics will be in doubt no more; undefined when there are none. */
	get dueAt(): number | undefined {
		let due = this.#stalledUntil === Number.NEGATIVE_INFINITY ? undefined : this.#stalledUntil;
		for (const { until } of this.#rings) if (due === undefined || until < due) due = until;
		return due;
	}
}
