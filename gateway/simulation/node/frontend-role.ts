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
import type { World } from './environment.ts';
import type { Node } from './node.ts';
import { PulseRole } from './presence-reporter-role.ts';
import { askForEvents } from './store-access.ts';

/** So few that a pass over the viewers takes several turns, between which things happen. */
const TURN_BUDGET = 1;

/** The frontend of a node on virtual time: what ships, with messages and the store of the simulation. */
export class FrontendRole {
	readonly pulse: PulseRole;
	readonly wake: () => void;
	/** Whether it ever had a reason to give up what is missing: that the store is dead, as far as it knew. */
	get sawDeadStore(): boolean {
		return this.#sawDeadStore;
	}
	#sawDeadStore = false;
	readonly #world: World;
	readonly #node: Node;
	readonly #core: FrontendCore;

	constructor(world: World, node: Node) {
		const { process, name, router } = node;
		this.#world = world;
		this.#node = node;
		const pulse = new PulseRole(world, node);
		this.pulse = pulse;
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
			onUser: (user, isPresent) => pulse.present(user, isPresent),
			storeLives: () => this.#storeLives(),
		});
		const core = this.#core;
		this.wake = process.alarm((now) => {
			const { fetches, registrations, dueAt } = core.run(now, TURN_BUDGET);
			for (const wanted of fetches) this.#fetch(wanted);
			for (const letter of registrations) this.#register(letter);
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
		this.pulse.setRing(ring);
		this.wake();
	}

	/** Ends the connections, spread over some time; goes on when the dispatchers know. */
	drain(spreadMs: number, then: () => void): void {
		const { process } = this.#node;
		this.#core.drain(spreadMs, process.now);
		this.wake();
		const last = () => process.when(() => this.subscriptionSync.isIdle, LAST_MESSAGES_MS, then);
		process.when(() => this.#core.isEmptied, spreadMs + LAST_MESSAGES_MS, last);
	}

	/** As `storeLives` in `app.ts`. */
	#storeLives(): boolean {
		const { likes, membership } = this.#node;
		const standings = membership.view.likes.map((node) => membership.statusOf(node));
		const isReached = standings.some((standing) => standing === 'alive' || standing === 'suspect');
		const lives = likes === undefined ? isReached : this.#world.store.isOpen;
		if (!lives || !this.#core.storeWorks) this.#sawDeadStore = true;
		return lives;
	}

	#fetch(wanted: TopicFetch): void {
		const { topic, fetch } = wanted;
		const { counts } = this.#world;
		const { process } = this.#node;
		counts.add(fetch.limit === MAX_FETCHED ? 'holes of logs fetched' : 'beginnings of logs fetched');
		askForEvents(this.#world, this.#node, { topic, ...fetch }, (part) => {
			if (part !== undefined) this.#core.fetched(wanted, part, process.now);
			else {
				counts.add('fetches of logs that failed');
				// Its own store says that it does not work; another node may not have been reached.
				this.#core.fetchFailed(wanted, this.#node.likes !== undefined, process.now);
			}
			this.wake();
		});
	}

	#register(letter: RegistrationMessage): void {
		const { subscriptionSync } = this;
		const { name, process, dispatcher } = this.#node;
		const { message } = letter;
		const arrived = (updates: Updates) => {
			this.#core.deliver(updates);
			subscriptionSync.arrived(letter);
			this.wake();
		};
		if (letter.to === name) {
			const updates = dispatcher?.subscribe(message) ?? NO_UPDATES;
			// The driver awaits the call, too.
			process.after(0, () => arrived(updates));
			return;
		}
		const failed = () => {
			this.#world.counts.add('registrations told again');
			subscriptionSync.failed(letter, process.now);
			this.wake();
		};
		if (!this.#node.membership.knowsOurView(letter.to)) {
			process.after(0, failed);
			return;
		}
		call<Updates>(this.#world, {
			from: this.#node,
			to: letter.to,
			deadlineMs: SUBSCRIBE_DEADLINE_MS,
			handle: (node, word, reply) => {
				if (!node.membership.isIntroduced(word.node, message.view)) {
					this.#world.counts.add('registrations by an unknown view');
					reply(undefined);
					return;
				}
				reply(node.dispatcher?.subscribe(message) ?? NO_UPDATES);
			},
			done: (answer) => {
				if (answer === undefined) failed();
				else arrived(answer);
			},
		});
	}
}
