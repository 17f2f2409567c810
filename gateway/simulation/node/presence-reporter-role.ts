import type { Ring } from '../../src/cluster/membership/ring.ts';
import { SUBSCRIBE_DEADLINE_MS } from '../../src/cluster/rpc/peer-calls.ts';
import { type HeartbeatBatch, Heartbeats } from '../../src/frontend/presence/heartbeats.ts';
import { call } from './calls.ts';
import type { Environment } from './environment.ts';
import type { NodeContext } from './peer-port.ts';

/**
 * Sends heartbeats of a node's users to dispatchers, on virtual time: `createPresenceReporter` without
 * promises.
 */
export class PresenceReporterRole {
	readonly #environment: Environment;
	readonly #node: NodeContext;
	readonly #heartbeats: Heartbeats;
	readonly #wake: () => void;
	#closed = false;

	constructor(environment: Environment, node: NodeContext) {
		const { process, router } = node;
		this.#environment = environment;
		this.#node = node;
		const times = { everyMs: environment.presenceMs, graceMs: environment.presenceGraceMs };
		this.#heartbeats = new Heartbeats(times, router.view.ring, process.now);
		this.#wake = process.createRunLoop((now) => {
			if (this.#closed) return undefined;
			for (const batch of this.#heartbeats.take(now)) this.#send(batch);
			return this.#heartbeats.dueAt;
		});
	}

	/** Notes that the first connection of a user came, or the last one went. */
	present(user: string, isPresent: boolean): void {
		this.#heartbeats.present(user, isPresent, this.#node.process.now);
		this.#wake();
	}

	setRing(ring: Ring): void {
		this.#heartbeats.setRing(ring, this.#node.process.now);
		this.#wake();
	}

	/** Whether no heartbeat is due or in flight. */
	get isIdle(): boolean {
		return this.#heartbeats.isIdle;
	}

	/** Sends no further heartbeat. */
	close(): void {
		this.#closed = true;
	}

	#send(batch: HeartbeatBatch): void {
		const { to, users } = batch;
		const { name, process, dispatcher, membership } = this.#node;
		this.#environment.onHeartbeat(users, 'sent', this.#node);
		const done = (arrived: boolean) => {
			if (arrived) this.#heartbeats.arrived(batch);
			else {
				this.#environment.counts.add('heartbeats sent again');
				this.#heartbeats.failed(batch, process.now);
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
		call<true>(this.#environment, {
			from: this.#node,
			to,
			deadlineMs: SUBSCRIBE_DEADLINE_MS,
			handle(port, _, reply) {
				port.heartbeat(users);
				reply(true);
			},
			done: (answer) => done(answer === true),
		});
	}
}
