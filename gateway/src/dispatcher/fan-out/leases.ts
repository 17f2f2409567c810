import { type DigestedTopic, DigestSums } from '../../state/topics/digest-sums.ts';
import type { Registrations } from '../../state/topics/registration.ts';

/**
 * The lease of a frontend, in milliseconds: its rows go together when none of its messages renews it.
 */
export const LEASE_MS = 30_000;

/** A frontend with a lease. */
export interface Subscriber {
	readonly frontend: string;
	readonly incarnation: number;
	/** The highest number of a message. */
	seq: number;
	endsAt: number;
	/** The sums over its rows and the states of their topics. */
	readonly sums: DigestSums;
}

/** The frontends that send registrations. Deterministic; `now` is the monotonic clock of the owner. */
export class Leases {
	readonly #subscribers = new Map<string, Subscriber>();
	readonly #read: (subscriber: Subscriber, topic: string) => DigestedTopic | undefined;

	/** `read` returns what the sums of a frontend have of a topic. */
	constructor(read: (subscriber: Subscriber, topic: string) => DigestedTopic | undefined) {
		this.#read = read;
	}

	/** Returns a frontend; with `before`, only one of an earlier incarnation. */
	of(frontend: string, before = Number.POSITIVE_INFINITY): Subscriber | undefined {
		const subscriber = this.#subscribers.get(frontend);
		return subscriber !== undefined && subscriber.incarnation < before ? subscriber : undefined;
	}

	/**
	 * Begins the lease of the frontend of a message again, and returns it. Returns undefined for a message
	 * that comes after a later one: the frontend does not wait for it any more, and sends again, with a
	 * higher number, what may not have arrived. The caller ends leases of earlier incarnations.
	 */
	renew({ frontend, incarnation, seq }: Registrations, now: number): Subscriber | undefined {
		let subscriber = this.#subscribers.get(frontend);
		if (subscriber === undefined) {
			const sums = new DigestSums((topic) => this.#read(begun, topic));
			const begun: Subscriber = { frontend, incarnation, seq, endsAt: now, sums };
			this.#subscribers.set(frontend, begun);
			subscriber = begun;
		}
		if (subscriber.incarnation > incarnation) return undefined;
		if (subscriber.seq > seq) return undefined;
		subscriber.seq = seq;
		subscriber.endsAt = now + LEASE_MS;
		return subscriber;
	}

	/** Ends a lease. */
	end({ frontend }: Subscriber): void {
		this.#subscribers.delete(frontend);
	}

	/** Returns the frontends whose lease is over. */
	over(now: number): Subscriber[] {
		return [...this.#subscribers.values()].filter(({ endsAt }) => endsAt <= now);
	}
}
