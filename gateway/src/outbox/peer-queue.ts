/** The wait after a failed message, in milliseconds; it doubles with each further failure. */
const RETRY_MS = 50;

/**
 * The longest wait after a failed message, in milliseconds, so that retries do not add load to a
 * dispatcher that is behind.
 */
export const MAX_RETRY_MS = 1_600;

export interface PeerQueueOptions {
	/** The most entries of one message; fewer after the peer refused one as too long. */
	readonly maxEntries: number;
}

/**
 * Decides when messages for one peer leave: one after the other, and after a failure with a wait that
 * grows from 50 ms to 1,600 ms. It keeps no content: the sender
 * creates a failed message again from its present state. Deterministic.
 */
export class PeerQueue<Message> {
	/** The most entries of one message. */
	maxEntries: number;
	#inFlight: Message | undefined;
	#readyAt = Number.NEGATIVE_INFINITY;
	#retryMs = RETRY_MS;

	constructor({ maxEntries }: PeerQueueOptions) {
		this.maxEntries = maxEntries;
	}

	/** Whether no message is in flight. */
	get isIdle(): boolean {
		return this.#inFlight === undefined;
	}

	/** When the next message may leave; infinite while one is in flight. */
	get readyAt(): number {
		return this.isIdle ? this.#readyAt : Number.POSITIVE_INFINITY;
	}

	/** Lets no message leave before that time. */
	wait(until: number): void {
		this.#readyAt = Math.max(this.#readyAt, until);
	}

	/** Notes that a message leaves; it must come back in `arrived`, `failed` or `tooLong`. */
	sent(message: Message): void {
		this.#inFlight = message;
	}

	/** Notes that a message arrived. Returns false when it was not in flight. */
	arrived(message: Message): boolean {
		if (!this.#settle(message)) return false;
		this.#retryMs = RETRY_MS;
		return true;
	}

	/** Notes a message without a confirmation. Returns false when it was not in flight. */
	failed(message: Message, now: number): boolean {
		if (!this.#settle(message)) return false;
		this.wait(now + this.#retryMs);
		this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
		return true;
	}

	/** Halves the entries after a refusal as too long. Returns false when it was not in flight. */
	tooLong(message: Message, entries: number, now: number): boolean {
		if (!this.failed(message, now)) return false;
		this.maxEntries = Math.max(1, Math.floor(entries / 2));
		return true;
	}

	#settle(message: Message): boolean {
		if (this.#inFlight !== message) return false;
		this.#inFlight = undefined;
		return true;
	}
}
