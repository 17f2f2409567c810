import type { Ring } from '../cluster/membership/ring.ts';
import type { Router } from '../cluster/routing/router.ts';
import { SubscriptionTable } from '../dispatcher/fan-out/subscription-table.ts';
import { type RegistrationMessage, SubscriptionSync } from '../frontend/subscriptions/subscription-sync.ts';
import { type Cut, cutNothing } from '../outbox/batch.ts';
import type { RegistrationAnswer, Registrations } from '../state/topics/registration.ts';
import { followedTopic } from '../state/topics/topic.ts';
import type { Update, Updates } from '../state/update.ts';

export interface WorkersCoreOptions {
	/** The name of the node, under which the topics of all workers are registered. */
	readonly frontend: string;
	readonly incarnation: number;
	readonly ring: Ring;
	/** The router to the workers. */
	readonly router: Pick<Router, 'deliverAll'>;
	/** Splits the answer to a registration; the rest follows in batches. No split by default. */
	readonly cutAnswer?: Cut;
}

/** The result of a run: messages for dispatchers, and the time of the next run; undefined for none. */
export interface WorkersTurn {
	/** The caller reports the outcome of each with `registered`, or with `failed` or `tooLong` of the subscription sync. */
	readonly registrations: readonly RegistrationMessage[];
	readonly dueAt: number | undefined;
}

/**
 * Joins the workers of a node into one frontend. To a worker it is the owner of every topic, to the
 * owners it is the frontend that follows what any worker follows. It is the only owner that a worker
 * ever has, and gives it the state when the worker registers, so it floods nothing. Deterministic.
 */
export class WorkersCore {
	readonly subscriptionSync: SubscriptionSync;
	readonly #table = new SubscriptionTable();
	readonly #router: WorkersCoreOptions['router'];
	readonly #cutAnswer: Cut;

	constructor({ frontend, incarnation, ring, router, cutAnswer = cutNothing }: WorkersCoreOptions) {
		this.#router = router;
		this.#cutAnswer = cutAnswer;
		const topics = {
			registration: (topic: string) => this.#table.registration(topic),
			topicNames: () => this.#table.topics(),
		};
		this.subscriptionSync = new SubscriptionSync(frontend, incarnation, topics, ring);
	}

	/** The number of topics that workers follow. */
	get topicCount(): number {
		return this.#table.topicCount;
	}

	/** Takes updates of dispatchers, and hands each to the workers that follow its topic. */
	deliver(updates: Updates): void {
		/** One batch for each set of workers, which is merged and encoded once for all of them. */
		const batches = new Map<string, { readonly workers: Iterable<string>; readonly batch: Map<string, Update> }>();
		for (const [topic, update] of updates) {
			if (!this.#table.has(topic)) continue;
			const followed = followedTopic(topic);
			// Comments that are not complete stand in the registration of their video.
			if (this.#table.merge(topic, update).length > 0) this.subscriptionSync.changed(followed);
			else this.subscriptionSync.touched(followed);
			const audience = this.#table.audience(topic);
			const known = batches.get(audience);
			if (known !== undefined) known.batch.set(topic, update);
			else batches.set(audience, { workers: this.#table.frontends(topic), batch: new Map([[topic, update]]) });
		}
		for (const { workers, batch } of batches.values()) this.#router.deliverAll(workers, batch);
	}

	/** Registers the topics of a worker. Returns what the worker does not have. */
	subscribe(message: Registrations, now: number): RegistrationAnswer {
		const { updates, reads, buckets } = this.#table.subscribe(message, now);
		for (const topic of reads) this.subscriptionSync.changed(followedTopic(topic));
		const [answer, ...rest] = this.#cutAnswer(updates);
		for (const part of rest) if (part?.size) this.#router.deliverAll([message.frontend], part);
		return { updates: answer, buckets };
	}

	/** Takes the answer of a dispatcher to a registration. */
	registered(registration: RegistrationMessage, { updates, buckets }: RegistrationAnswer): void {
		this.deliver(updates);
		this.subscriptionSync.arrived(registration, buckets);
	}

	/** Drops the rows of a worker that ended. */
	dropWorker(worker: string): void {
		this.#table.dropFrontend(worker);
	}

	/** Drops the rows of workers that sent nothing for 30 s. */
	expire(now: number): void {
		this.#table.expire(now);
	}

	/** Returns what dispatchers miss. */
	run(now: number): WorkersTurn {
		for (const topic of this.#table.takeRecounted()) this.subscriptionSync.changed(topic);
		const registrations = this.subscriptionSync.take(now);
		return { registrations, dueAt: this.subscriptionSync.dueAt };
	}
}
