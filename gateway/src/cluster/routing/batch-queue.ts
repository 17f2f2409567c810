import type { Cut } from '../../outbox/batch.ts';
import { Outbox } from '../../outbox/outbox.ts';
import type { Updates } from '../../state/update.ts';
import { MAX_HALVINGS } from '../rpc/batches.ts';

/** An owner that has not answered for this long is unresponsive, in milliseconds: its updates go to every frontend as well. */
export const DOUBT_MS = 50;

/** A batch for a node: updates that it publishes as the owner of their topics, or delivers to its viewers. */
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
	/** Only for owners: the node did not answer in time, so its updates flood until it does. */
	unresponsive = false;
	/** When its updates were last delivered indirectly. */
	indirectAt = Number.NEGATIVE_INFINITY;
	readonly #kind: PeerBatch['kind'];
	#inFlight: PeerBatch | undefined;
	#sentAt = 0;
	#failingSince: number | undefined;
	/** How often its batches were halved, because the node refuses longer ones. */
	#halvings = 0;

	/** `windowMs`: at most one batch leaves in it. */
	constructor(to: string, kind: PeerBatch['kind'], windowMs: number) {
		this.to = to;
		this.#kind = kind;
		this.outbox = new Outbox(windowMs);
	}

	/** The batch that has not been answered. */
	get inFlight(): PeerBatch | undefined {
		return this.#inFlight;
	}

	/** Since when no batch arrives; undefined while they do. */
	get failingSince(): number | undefined {
		return this.#failingSince;
	}

	/** When the node is unresponsive; undefined while it need not answer, or is so already. */
	get answerDueAt(): number | undefined {
		if (this.#kind === 'deliver' || this.#inFlight === undefined || this.unresponsive) return undefined;
		return this.#sentAt + DOUBT_MS;
	}

	/** Returns the batch that leaves now; undefined when none does. `cutOf` cuts by how often batches were halved. */
	take(now: number, cutOf?: (halvings: number) => Cut): PeerBatch | undefined {
		const updates = this.outbox.take(now, cutOf?.(this.#halvings));
		if (updates === undefined) return undefined;
		this.#sentAt = now;
		this.#inFlight = { to: this.to, kind: this.#kind, updates };
		return this.#inFlight;
	}

	/** The batch in flight arrived. */
	arrived({ updates }: PeerBatch): void {
		this.#inFlight = undefined;
		this.#failingSince = undefined;
		this.unresponsive = false;
		this.outbox.arrived(updates);
	}

	/** The batch in flight did not arrive: it waits again. */
	failed({ updates }: PeerBatch, now: number): void {
		this.#inFlight = undefined;
		this.#failingSince ??= now;
		this.outbox.failed(updates, now);
	}

	/** The node refused the batch in flight as too long. Returns false, and drops it, when it was the shortest. */
	tooLong({ updates }: PeerBatch, now: number): boolean {
		this.#inFlight = undefined;
		if (this.#halvings < MAX_HALVINGS) {
			this.#halvings++;
			this.outbox.failed(updates, now);
			return true;
		}
		// Never the same again: a digest, or the next read of the store, brings it.
		this.outbox.arrived(updates);
		return false;
	}

	/** Returns all that did not arrive, and is empty after it. */
	giveUp(): Updates {
		this.#failingSince = undefined;
		return this.outbox.clear();
	}
}
