import type { Ring } from '../../src/cluster/membership/ring.ts';
import { SUBSCRIBE_DEADLINE_MS } from '../../src/cluster/rpc/peer-calls.ts';
import { type HeartbeatBatch, Heartbeats } from '../../src/frontend/presence/heartbeats.ts';
import { call } from './calls.ts';
import type { World } from './environment.ts';
import type { Node } from './node.ts';

/** Tells the dispatchers who is there at a node, on virtual time: `createPresenceReporter` without promises. */
export class PulseRole {
	readonly #world: World;
	readonly #node: Node;
	readonly #heartbeats: Heartbeats;
	readonly #wake: () => void;
	#closed = false;

	constructor(world: World, node: Node) {
		const { process, router } = node;
		this.#world = world;
		this.#node = node;
		const times = { everyMs: world.presenceMs, graceMs: world.presenceGraceMs };
		this.#heartbeats = new Heartbeats(times, router.view.ring, process.now);
		this.#wake = process.alarm((now) => {
			if (this.#closed) return undefined;
			for (const beat of this.#heartbeats.take(now)) this.#send(beat);
			return this.#heartbeats.dueAt;
		});
	}

	/** The first connection of somebody came, or the last one went. */
	present(user: string, isPresent: boolean): void {
		this.#heartbeats.present(user, isPresent, this.#node.process.now);
		this.#wake();
	}

	setRing(ring: Ring): void {
		this.#heartbeats.setRing(ring, this.#node.process.now);
		this.#wake();
	}

	/** Nothing is to be told now. */
	get isIdle(): boolean {
		return this.#heartbeats.isIdle;
	}

	/** Says nothing more. */
	close(): void {
		this.#closed = true;
	}

	#send(beat: HeartbeatBatch): void {
		const { to, users } = beat;
		const { name, process, dispatcher, membership } = this.#node;
		this.#world.onHeartbeat(users, 'sent', this.#node);
		const done = (arrived: boolean) => {
			if (arrived) this.#heartbeats.arrived(beat);
			else {
				this.#world.counts.add('heartbeats sent again');
				this.#heartbeats.failed(beat, process.now);
			}
			this.#wake();
		};
		if (to === name) {
			dispatcher?.heartbeat(users);
			process.after(0, () => done(true));
			return;
		}
		if (!membership.knowsOurView(to)) {
			process.after(0, () => done(false));
			return;
		}
		call<true>(this.#world, {
			from: this.#node,
			to,
			deadlineMs: SUBSCRIBE_DEADLINE_MS,
			handle(node, _, reply) {
				node.dispatcher?.heartbeat(users);
				reply(true);
			},
			done: (answer) => done(answer === true),
		});
	}
}
