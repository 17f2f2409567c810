import type { Cut } from '../../outbox/batch.ts';
import { Outbox } from '../../outbox/outbox.ts';
import type { Updates } from '../../state/update.ts';
import { MAX_HALVINGS } from '../rpc/batches.ts';

/** The time after which a silent owner is unresponsive, in milliseconds: its updates also flood. */
export const UNRESPONSIVE_MS = 50;

/** A batch for a node, which publishes its updates as their owner, or delivers them to its viewers. */
export interface PeerBatch {
	readonly to: string;
	readonly kind: 'publish' | 'deliver';
	readonly updates: Updates;
}

/** The updates for one node: one batch is in flight, and the rest merges. Deterministic. */
export class BatchQueue {
	/** The node. */
	readonly to: string;
	readonly outbox: Outbox;
	/** Only for owners: whether the node did not answer in time; then its updates flood until it answers. */
	unresponsive = false;
	/** When its updates were last delivered indirectly. */
	indirectAt = Number.NEGATIVE_INFINITY;
	readonly #kind: PeerBatch['kind'];
	#inFlight: PeerBatch | undefined;
	#sentAt = 0;
	#failingSince: number | undefined;
	/** How often the length of batches was halved, because the node refused longer ones. */
	#halvings = 0;

	/** `windowMs`: at most one batch leaves in this time. */
	constructor(to: string, kind: PeerBatch['kind'], windowMs: number) {
		this.to = to;
		this.#kind = kind;
		this.outbox = new Outbox(windowMs);
	}

	/** The batch without an answer. */
	get inFlight(): PeerBatch | undefined {
		return this.#inFlight;
	}

	/** When batches began to fail; undefined while they arrive. */
	get failingSince(): number | undefined {
		return this.#failingSince;
	}

	/** When the node becomes unresponsive; undefined when it is already, and without a batch to answer. */
	get answerDueAt(): number | undefined {
		if (this.#kind === 'deliver' || this.#inFlight === undefined || this.unresponsive) return undefined;
		return this.#sentAt + UNRESPONSIVE_MS;
	}

	/** Returns the batch that leaves now; undefined without one. `cutOf` cuts by the halvings. */
	take(now: number, cutOf?: (halvings: number) => Cut): PeerBatch | undefined {
		const updates = this.outbox.take(now, cutOf?.(this.#halvings));
		if (updates === undefined) return undefined;
		this.#sentAt = now;
		this.#inFlight = { to: this.to, kind: this.#kind, updates };
		return this.#inFlight;
	}

	/** Notes that the batch in flight arrived. */
	arrived({ updates }: PeerBatch): void {
		this.#inFlight = undefined;
		this.#failingSince = undefined;
		this.unresponsive = false;
		this.outbox.arrived(updates);
	}

	/** Notes that the batch in flight did not arrive: it waits again. */
	failed({ updates }: PeerBatch, now: number): void {
		this.#inFlight = undefined;
		this.#failingSince ??= now;
		this.outbox.failed(updates, now);
	}

	/** Halves batches after a refusal. Returns false, and drops the batch, at the shortest length. */
	tooLong({ updates }: PeerBatch, now: number): boolean {
		this.#inFlight = undefined;
		if (this.#halvings < MAX_HALVINGS) {
			this.#halvings++;
			this.outbox.failed(updates, now);
			return true;
		}
		// The queue never sends it again: a digest, or the next read of the store, brings its content.
		this.outbox.arrived(updates);
		return false;
	}

	/** Returns all updates that did not arrive, and empties the queue. */
	giveUp(): Updates {
		this.#failingSince = undefined;
		return this.outbox.clear();
	}
}
