import type { Ring } from '../cluster/membership/ring.ts';
import { earliest } from '../runtime/earliest.ts';
import type { RegistrationAnswer } from '../state/topics/registration.ts';
import type { Updates } from '../state/update.ts';
import type { LogPage } from '../store/log-store.ts';
import { Hub, type HubOptions, TURN_BUDGET } from './connections/hub.ts';
import { PollViewers } from './poll-viewers.ts';
import { type RegistrationMessage, SubscriptionSync } from './subscriptions/subscription-sync.ts';
import { createLogSupply } from './topic/log-supply.ts';
import type { TopicFetch } from './topic/topic-table.ts';

/** The period of {@link FrontendCore.tick}, in milliseconds. */
export const TICK_MS = 1_000;

/**
 * The period of {@link FrontendCore.digest}, in milliseconds. A digest repairs what was lost since the
 * last one.
 */
export const DIGEST_MS = 10_000;

/**
 * The longest time that the last messages to the dispatchers take, in milliseconds; rows that are left
 * expire.
 */
export const LAST_MESSAGES_MS = 2_000;

/** A frontend that drains ends at least this many connections in one step: few viewers need no spreading. */
const STEP_CONNECTIONS = 50;

/** The time of one step of a frontend that drains, in milliseconds. */
const STEP_MS = 100;

export interface FrontendCoreOptions extends Omit<HubOptions, 'onCount' | 'onState' | 'supply'> {
	readonly node: string;
	/** The name under which it registers topics; that of the node by default. */
	readonly frontend?: string | undefined;
	readonly incarnation: number;
	readonly ring: Ring;
	/** Returns whether the store of this region works, as far as this node knows. */
	readonly storeLives: () => boolean;
	/** Returns the last frame of a connection that ends because the node drains. */
	readonly shutdownBye: () => Uint8Array;
}

/** The result of a run of the core: messages to send, events to fetch, and the time of the next run. */
export interface FrontendTurn {
	/** The caller reports the outcome of each with `fetched` or `fetchFailed`. */
	readonly fetches: readonly TopicFetch[];
	/**
	 * The caller reports the outcome of each with `registered`, or with `failed` or `tooLong` of the
	 * subscription sync.
	 */
	readonly registrations: readonly RegistrationMessage[];
	/** Undefined when nothing is due until the core is woken. */
	readonly dueAt: number | undefined;
}

/**
 * Joins the deterministic parts of a frontend: viewers, their topics, and their subscriptions at
 * dispatchers.
 */
export class FrontendCore {
	readonly hub: Hub;
	readonly subscriptionSync: SubscriptionSync;
	readonly pollViewers: PollViewers;
	/** Whether the last read of the store succeeded; `storeLives` judges a store that is only slow. */
	#storeWorks = true;
	#isDraining = false;
	#isEmptied = false;

	constructor(options: FrontendCoreOptions) {
		const { node, frontend = node, incarnation, ring, storeLives, lifetimeBye, shutdownBye } = options;
		this.hub = new Hub({
			...options,
			lifetimeBye: () => (this.#isDraining ? shutdownBye() : lifetimeBye()),
			onCount: (topic) => this.subscriptionSync.changed(topic),
			onState: (topic) => this.subscriptionSync.touched(topic),
			supply: createLogSupply(() => storeLives() && this.#storeWorks),
		});
		this.subscriptionSync = new SubscriptionSync(frontend, incarnation, this.hub.topics, ring);
		const { topics, users } = this.hub;
		this.pollViewers = new PollViewers({
			onTopic: (topic, change, now) => topics.countPolling(topic, change, now),
			onUser: (user, isPresent) => (isPresent ? users.come(user) : users.go(user)),
		});
	}

	get storeWorks(): boolean {
		return this.#storeWorks;
	}

	/** Whether the node drains and takes no new viewers. */
	get isDraining(): boolean {
		return this.#isDraining;
	}

	/** Whether the node drained: no viewer is left, and digests report that to the dispatchers. */
	get isEmptied(): boolean {
		return this.#isEmptied;
	}

	deliver(updates: Updates): void {
		this.hub.topics.deliver(updates);
	}

	/** Takes the answer of a dispatcher to a registration. */
	registered(registration: RegistrationMessage, { updates, buckets }: RegistrationAnswer): void {
		this.deliver(updates);
		this.subscriptionSync.arrived(registration, buckets);
	}

	setRing(ring: Ring): void {
		this.subscriptionSync.setRing(ring);
	}

	/** Sends viewers what is due, at most `budget` of them. */
	run(now: number, budget = TURN_BUDGET): FrontendTurn {
		const fetches = this.hub.topics.takeFetches(now);
		const next = this.hub.run(now, budget);
		if (this.#isDraining && !this.#isEmptied && this.hub.connectionCount === 0) this.#empty(now);
		const registrations = this.subscriptionSync.take(now);
		return { fetches, registrations, dueAt: earliest(next, this.subscriptionSync.dueAt) };
	}

	/** Ends what has expired; runs every {@link TICK_MS}. `wallTime`: in Unix milliseconds. */
	tick(now: number, wallTime: number): void {
		this.pollViewers.expire(now);
		this.hub.tick(now, wallTime);
	}

	/** Sends every dispatcher a digest of all topics; runs every {@link DIGEST_MS}. */
	digest(): void {
		this.subscriptionSync.digest();
	}

	/** Takes the events that the store returned. */
	fetched(wanted: TopicFetch, page: LogPage, now: number): void {
		this.#storeWorks = true;
		this.hub.topics.fetched(wanted, page, now);
	}

	/**
	 * Takes the failure of a read. `isBroken`: the store reported it; a node that does not answer proves
	 * nothing about its store.
	 */
	fetchFailed(wanted: TopicFetch, isBroken: boolean, now: number): void {
		if (isBroken) this.#storeWorks = false;
		this.hub.topics.fetchFailed(wanted, now);
	}

	/**
	 * Ends all connections, spread over at most `spreadMs`. Each viewer gets what is pending, and a `bye`
	 * with `shutdown`.
	 */
	drain(spreadMs: number, now: number): void {
		this.#isDraining = true;
		const connections = [...this.hub.connections()];
		const steps = Math.ceil(connections.length / STEP_CONNECTIONS) - 1;
		const overMs = Math.min(spreadMs, steps * STEP_MS);
		for (const [index, connection] of connections.entries()) {
			this.hub.endBy(connection, now + (overMs * index) / connections.length, now);
		}
	}

	#empty(now: number): void {
		this.#isEmptied = true;
		this.pollViewers.clear(now);
		this.hub.topics.closeIdle();
		this.subscriptionSync.digest();
	}
}
