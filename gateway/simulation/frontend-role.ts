import { SUBSCRIBE_DEADLINE_MS } from '../src/cluster/peer-calls.ts';
import type { Ring } from '../src/cluster/ring.ts';
import type { Updates } from '../src/delivery/update.ts';
import { DIGEST_MS, TICK_MS } from '../src/frontend/frontend.ts';
import { Hub, type TopicFetch } from '../src/frontend/hub.ts';
import { MAX_FETCHED } from '../src/frontend/log-sequencer.ts';
import { createLogSupply } from '../src/frontend/log-supply.ts';
import { type Letter, Registrar } from '../src/frontend/registrar.ts';
import { call } from './calls.ts';
import type { Node } from './node.ts';
import { PulseRole } from './pulse-role.ts';
import { askForEvents } from './store-access.ts';
import type { World } from './world.ts';

/** So few that a pass over the viewers takes several turns, between which things happen. */
const TURN_BUDGET = 1;

/** As in `frontend.ts`. */
const DRAIN_STEP_MS = 100;
const LAST_WORDS_MS = 2_000;

/** The frontend of a node on virtual time. */
export class FrontendRole {
	readonly hub: Hub;
	readonly registrar: Registrar;
	readonly pulse: PulseRole;
	readonly wake: () => void;
	/** Whether it ever had a reason to give up what is missing: that the store is dead, as far as it knew. */
	get sawDeadStore(): boolean {
		return this.#sawDeadStore;
	}
	#sawDeadStore = false;
	/** As in `frontend.ts`. */
	#storeWorks = true;
	readonly #world: World;
	readonly #node: Node;

	constructor(world: World, node: Node) {
		const { process, name, cluster } = node;
		this.#world = world;
		this.#node = node;
		const pulse = new PulseRole(world, node);
		this.pulse = pulse;
		this.hub = new Hub({
			windowMs: 50,
			commentsPerSecond: 0,
			heartbeatMs: 15_000,
			blockedTimeoutMs: 30_000,
			lifetimeBye: () => new Uint8Array(),
			onCount: (topic) => this.registrar.changed(topic),
			onUser: (user, isPresent) => pulse.present(user, isPresent),
			supply: createLogSupply(() => this.#lives()),
		});
		this.registrar = new Registrar(name, node.incarnation, this.hub, cluster.view.ring);
		this.wake = process.alarm((now) => {
			for (const wanted of this.hub.takeFetches(now)) this.#fetch(wanted);
			const next = this.hub.run(now, TURN_BUDGET);
			for (const letter of this.registrar.take(now)) this.#tell(letter);
			return Math.min(next ?? Number.POSITIVE_INFINITY, this.registrar.dueAt ?? Number.POSITIVE_INFINITY);
		});
		process.every(TICK_MS, () => {
			this.hub.tick(process.now, process.now);
			this.wake();
		});
		process.every(DIGEST_MS, () => {
			this.registrar.digest();
			this.wake();
		});
		this.wake();
	}

	deliver(updates: Updates): void {
		this.hub.deliver(updates);
		this.wake();
	}

	setRing(ring: Ring): void {
		this.registrar.setRing(ring);
		this.pulse.setRing(ring);
		this.wake();
	}

	/** Ends the connections, spread over some time; goes on when the dispatchers know. */
	drain(spreadMs: number, then: () => void): void {
		const { hub, registrar } = this;
		const { process } = this.#node;
		const share = Math.ceil((hub.connectionCount * DRAIN_STEP_MS) / spreadMs);
		const step = () => {
			for (const connection of [...hub.connections()].slice(0, share)) {
				hub.end(connection, new Uint8Array(), process.now);
			}
			if (hub.connectionCount > 0) {
				process.after(DRAIN_STEP_MS, step);
				return;
			}
			hub.closeIdleTopics();
			registrar.digest();
			this.wake();
			process.when(() => registrar.isIdle, LAST_WORDS_MS, then);
		};
		step();
	}

	/** As `storeLives` in `app.ts`. */
	#lives(): boolean {
		const { likes, membership } = this.#node;
		const standings = membership.view.likes.map((node) => membership.standing(node));
		const isReached = standings.some((standing) => standing === 'alive' || standing === 'suspect');
		const storeLives = likes === undefined ? isReached : this.#world.store.isOpen;
		const lives = this.#storeWorks && storeLives;
		if (!lives) this.#sawDeadStore = true;
		return lives;
	}

	#fetch(wanted: TopicFetch): void {
		const { topic, fetch } = wanted;
		const { counts } = this.#world;
		const { process } = this.#node;
		counts.add(fetch.limit === MAX_FETCHED ? 'holes of logs fetched' : 'beginnings of logs fetched');
		askForEvents(this.#world, this.#node, { topic, ...fetch }, (part) => {
			if (part !== undefined) {
				this.#storeWorks = true;
				this.hub.fetched(wanted, part, process.now);
			} else {
				// Its own store says that it does not work; another node may not have been reached.
				if (this.#node.likes !== undefined) this.#storeWorks = false;
				counts.add('fetches of logs that failed');
				this.hub.fetchFailed(wanted, process.now);
			}
			this.wake();
		});
	}

	#tell(letter: Letter): void {
		const { registrar } = this;
		const { name, process, dispatcher } = this.#node;
		const { message } = letter;
		if (letter.to === name) {
			dispatcher?.subscribe(message);
			// The driver awaits the call, too.
			process.after(0, () => {
				registrar.arrived(letter);
				this.wake();
			});
			return;
		}
		const failed = () => {
			this.#world.counts.add('registrations told again');
			registrar.failed(letter, process.now);
			this.wake();
		};
		if (!this.#node.membership.knowsOurView(letter.to)) {
			process.after(0, failed);
			return;
		}
		call<true>(this.#world, {
			from: this.#node,
			to: letter.to,
			deadlineMs: SUBSCRIBE_DEADLINE_MS,
			handle: (node, word, reply) => {
				if (!node.membership.isIntroduced(word.node, message.view)) {
					this.#world.counts.add('registrations by an unknown view');
					reply(undefined);
					return;
				}
				node.dispatcher?.subscribe(message);
				reply(true);
			},
			done: (answer) => {
				if (answer === undefined) failed();
				else {
					registrar.arrived(letter);
					this.wake();
				}
			},
		});
	}
}
