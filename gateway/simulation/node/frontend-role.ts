import type { Ring } from '../../src/cluster/membership/ring.ts';
import { SUBSCRIBE_DEADLINE_MS } from '../../src/cluster/rpc/peer-calls.ts';
import type { Hub } from '../../src/frontend/connections/hub.ts';
import { DIGEST_MS, FrontendCore, LAST_MESSAGES_MS, TICK_MS } from '../../src/frontend/frontend-core.ts';
import type { RegistrationMessage, SubscriptionSync } from '../../src/frontend/subscriptions/subscription-sync.ts';
import { MAX_FETCHED } from '../../src/frontend/topic/log-sequencer.ts';
import type { TopicFetch } from '../../src/frontend/topic/topic-table.ts';
import { NO_UPDATES } from '../../src/outbox/batch.ts';
import type { Updates } from '../../src/state/update.ts';
import { call } from './calls.ts';
import type { Environment } from './environment.ts';
import type { NodeContext } from './peer-port.ts';
import { PresenceReporterRole } from './presence-reporter-role.ts';
import { askForEvents } from './store-access.ts';

/**
 * A budget of one viewer makes a pass over the viewers take several turns, between which messages
 * arrive.
 */
const TURN_BUDGET = 1;

/**
 * The frontend of a node on virtual time: the shipping core, with messages and the store of the
 * simulation.
 */
export class FrontendRole {
	readonly presenceReporter: PresenceReporterRole;
	readonly wake: () => void;
	/** Whether the frontend ever took the store for dead, which allows it to give up missing events. */
	get sawDeadStore(): boolean {
		return this.#sawDeadStore;
	}
	#sawDeadStore = false;
	readonly #environment: Environment;
	readonly #node: NodeContext;
	readonly #core: FrontendCore;

	constructor(environment: Environment, node: NodeContext) {
		const { process, name, router } = node;
		this.#environment = environment;
		this.#node = node;
		const presenceReporter = new PresenceReporterRole(environment, node);
		this.presenceReporter = presenceReporter;
		this.#core = new FrontendCore({
			node: name,
			incarnation: node.incarnation,
			ring: router.view.ring,
			windowMs: 50,
			commentsPerSecond: 0,
			heartbeatMs: 15_000,
			blockedTimeoutMs: 30_000,
			lifetimeBye: () => new Uint8Array(),
			shutdownBye: () => new Uint8Array(),
			onUser: (user, isPresent) => presenceReporter.present(user, isPresent),
			storeLives: () => this.#storeLives(),
		});
		const core = this.#core;
		this.wake = process.createRunLoop((now) => {
			const { fetches, registrations, dueAt } = core.run(now, TURN_BUDGET);
			for (const wanted of fetches) this.#fetch(wanted);
			for (const registration of registrations) this.#register(registration);
			return dueAt;
		});
		process.every(TICK_MS, () => {
			core.tick(process.now, process.now);
			this.wake();
		});
		process.every(DIGEST_MS, () => {
			core.digest();
			this.wake();
		});
		this.wake();
	}

	get hub(): Hub {
		return this.#core.hub;
	}

	get subscriptionSync(): SubscriptionSync {
		return this.#core.subscriptionSync;
	}

	deliver(updates: Updates): void {
		this.#core.deliver(updates);
		this.wake();
	}

	setRing(ring: Ring): void {
		this.#core.setRing(ring);
		this.presenceReporter.setRing(ring);
		this.wake();
	}

	/** Ends the connections, spread over `spreadMs`. Calls `then` once the dispatchers know. */
	drain(spreadMs: number, then: () => void): void {
		const { process } = this.#node;
		this.#core.drain(spreadMs, process.now);
		this.wake();
		const last = () => process.when(() => this.subscriptionSync.isIdle, LAST_MESSAGES_MS, then);
		process.when(() => this.#core.isEmptied, spreadMs + LAST_MESSAGES_MS, last);
	}

	/** Decides as `storeLives` in `app.ts` does. */
	#storeLives(): boolean {
		const { hasStore, membership } = this.#node;
		const statuses = membership.view.likes.map((node) => membership.statusOf(node));
		const isReached = statuses.some((status) => status === 'alive' || status === 'suspect');
		const lives = hasStore ? this.#environment.store.isOpen : isReached;
		if (!lives || !this.#core.storeWorks) this.#sawDeadStore = true;
		return lives;
	}

	#fetch(wanted: TopicFetch): void {
		const { topic, fetch } = wanted;
		const { counts } = this.#environment;
		const { process } = this.#node;
		counts.add(fetch.limit === MAX_FETCHED ? 'holes of logs fetched' : 'beginnings of logs fetched');
		askForEvents(this.#environment, this.#node, { topic, ...fetch }, (part) => {
			if (part !== undefined) this.#core.fetched(wanted, part, process.now);
			else {
				counts.add('fetches of logs that failed');
				// A local store reports that it does not work; a remote one may only be unreachable.
				this.#core.fetchFailed(wanted, this.#node.hasStore, process.now);
			}
			this.wake();
		});
	}

	#register(registration: RegistrationMessage): void {
		const { subscriptionSync } = this;
		const { name, process, dispatcher } = this.#node;
		const { message } = registration;
		const arrived = (updates: Updates) => {
			this.#core.deliver(updates);
			subscriptionSync.arrived(registration);
			this.wake();
		};
		if (registration.to === name) {
			const updates = dispatcher?.subscribe(message) ?? NO_UPDATES;
			// The driver awaits the local call as well.
			process.after(0, () => arrived(updates));
			return;
		}
		const failed = () => {
			this.#environment.counts.add('registrations sent again');
			subscriptionSync.failed(registration, process.now);
			this.wake();
		};
		if (!this.#node.membership.knowsOurView(registration.to)) {
			process.after(0, failed);
			return;
		}
		call<Updates>(this.#environment, {
			from: this.#node,
			to: registration.to,
			deadlineMs: SUBSCRIBE_DEADLINE_MS,
			handle: (port, from, reply) => reply(port.subscribe(from, message)),
			done: (answer) => {
				if (answer === undefined) failed();
				else arrived(answer);
			},
		});
	}
}
