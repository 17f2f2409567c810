import type { Ring } from '../cluster/membership/ring.ts';
import { earliest } from '../runtime/earliest.ts';
import type { Updates } from '../state/update.ts';
import type { LogPage } from '../store/log-store.ts';
import { Hub, type HubOptions, TURN_BUDGET } from './connections/hub.ts';
import { PollViewers } from './poll-viewers.ts';
import { type RegistrationMessage, SubscriptionSync } from './subscriptions/subscription-sync.ts';
import { createLogSupply } from './topic/log-supply.ts';
import type { TopicFetch } from './topic/topic-table.ts';

/** The period of {@link FrontendCore.tick}, in milliseconds. */
export const TICK_MS = 1_000;

/** The period of {@link FrontendCore.digest}, in milliseconds; what got lost between two heals then. */
export const DIGEST_MS = 10_000;

/** The last messages to the dispatchers may take this long, in milliseconds; rows that are left expire. */
export const LAST_WORDS_MS = 2_000;

/** A frontend that drains ends at least this many connections … */
const STEP_CONNECTIONS = 50;

/** … in this time, in milliseconds: few viewers need no spreading. */
const STEP_MS = 100;

export interface FrontendCoreOptions extends Omit<HubOptions, 'onCount' | 'supply'> {
	readonly node: string;
	readonly incarnation: number;
	readonly ring: Ring;
	/** Whether the store of this region works, as far as this node knows. */
	readonly storeLives: () => boolean;
	/** The last frame of a connection that ends since the node drains. */
	readonly shutdownBye: () => Uint8Array;
}

/** What a run of the core wants: messages to send, events to fetch, and when to run next. */
export interface FrontendTurn {
	/** Each must come back in `fetched` or `fetchFailed`. */
	readonly fetches: readonly TopicFetch[];
	/** Each must come back in `arrived`, `failed` or `tooLong` of the registrar. */
	readonly letters: readonly RegistrationMessage[];
	/** Undefined when nothing is due before it is woken. */
	readonly dueAt: number | undefined;
}

/** The machines of a frontend as one: viewers, their topics, and what dispatchers know of them. Deterministic. */
export class FrontendCore {
	readonly hub: Hub;
	readonly registrar: SubscriptionSync;
	readonly pollViewers: PollViewers;
	/** Whether the store did the last that it was asked for; one that only takes long is judged by `storeLives`. */
	#storeWorks = true;
	#isDraining = false;
	#isEmptied = false;

	constructor(options: FrontendCoreOptions) {
		const { node, incarnation, ring, storeLives, lifetimeBye, shutdownBye } = options;
		this.hub = new Hub({
			...options,
			lifetimeBye: () => (this.#isDraining ? shutdownBye() : lifetimeBye()),
			onCount: (topic) => this.registrar.changed(topic),
			supply: createLogSupply(() => storeLives() && this.#storeWorks),
		});
		this.registrar = new SubscriptionSync(node, incarnation, this.hub.topics, ring);
		const { topics, users } = this.hub;
		this.pollViewers = new PollViewers({
			onTopic: (topic, change, now) => topics.countPolling(topic, change, now),
			onUser: (user, isPresent) => (isPresent ? users.come(user) : users.go(user)),
		});
	}

	get storeWorks(): boolean {
		return this.#storeWorks;
	}

	/** It takes no new viewers any more. */
	get isDraining(): boolean {
		return this.#isDraining;
	}

	/** It drained: no viewer is left, and the registrar sends that. */
	get isEmptied(): boolean {
		return this.#isEmptied;
	}

	deliver(updates: Updates): void {
		this.hub.topics.deliver(updates);
	}

	setRing(ring: Ring): void {
		this.registrar.setRing(ring);
	}

	/** Sends at most `budget` viewers what is due. */
	run(now: number, budget = TURN_BUDGET): FrontendTurn {
		const fetches = this.hub.topics.takeFetches(now);
		const next = this.hub.run(now, budget);
		if (this.#isDraining && !this.#isEmptied && this.hub.connectionCount === 0) this.#empty(now);
		const letters = this.registrar.take(now);
		return { fetches, letters, dueAt: earliest(next, this.registrar.dueAt) };
	}

	/** To be called every {@link TICK_MS}. `wallTime`: in Unix milliseconds. */
	tick(now: number, wallTime: number): void {
		this.pollViewers.expire(now);
		this.hub.tick(now, wallTime);
	}

	/** To be called every {@link DIGEST_MS}: every dispatcher gets all topics. */
	digest(): void {
		this.registrar.digest();
	}

	/** The store answered. */
	fetched(wanted: TopicFetch, page: LogPage, now: number): void {
		this.#storeWorks = true;
		this.hub.topics.fetched(wanted, page, now);
	}

	/** The store was not read. `isBroken`: it said so; a node that does not answer says nothing of its store. */
	fetchFailed(wanted: TopicFetch, isBroken: boolean, now: number): void {
		if (isBroken) this.#storeWorks = false;
		this.hub.topics.fetchFailed(wanted, now);
	}

	/** Ends all connections, many of them spread over `spreadMs`: each gets what is pending, and the bye of a shutdown. */
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
		this.registrar.digest();
	}
}
