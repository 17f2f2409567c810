/** The wait after a message that failed, in milliseconds; it doubles with each further failure, … */
const RETRY_MS = 50;

/** … up to this: a dispatcher that is behind gets further so, not more to do. */
export const MAX_RETRY_MS = 1_600;

export interface PeerQueueOptions {
	/** Entries of one message; fewer after the peer refused one as too long. */
	readonly maxEntries: number;
	/** Messages under way at a time. Default: 1. */
	readonly maxUnderWay?: number;
}

/**
 * When messages for one peer leave: at once, while fewer are under way than may be, and after a failure when a wait is over
 * that grows from 50 ms to 1,600 ms. What a message says is its sender's: a failed one is made again of what is true then.
 * Deterministic.
 */
export class PeerQueue<Message> {
	/** Entries of one message. */
	maxEntries: number;
	readonly #maxUnderWay: number;
	readonly #underWay = new Set<Message>();
	#readyAt = Number.NEGATIVE_INFINITY;
	#retryMs = RETRY_MS;

	constructor({ maxEntries, maxUnderWay = 1 }: PeerQueueOptions) {
		this.maxEntries = maxEntries;
		this.#maxUnderWay = maxUnderWay;
	}

	/** No message is under way. */
	get isIdle(): boolean {
		return this.#underWay.size === 0;
	}

	/** When the next message may leave; never while as many are under way as may be. */
	get readyAt(): number {
		return this.#underWay.size < this.#maxUnderWay ? this.#readyAt : Number.POSITIVE_INFINITY;
	}

	/** No message leaves before that time. */
	wait(until: number): void {
		this.#readyAt = Math.max(this.#readyAt, until);
	}

	/** A message leaves; it must be `arrived`, `failed` or `tooLong`. */
	sent(message: Message): void {
		this.#underWay.add(message);
	}

	/** A message is there. Returns false when it was not under way. */
	arrived(message: Message): boolean {
		if (!this.#underWay.delete(message)) return false;
		this.#retryMs = RETRY_MS;
		return true;
	}

	/** A message is not there, or its peer did not say so. Returns false when it was not under way. */
	failed(message: Message, now: number): boolean {
		if (!this.#underWay.delete(message)) return false;
		this.wait(now + this.#retryMs);
		this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
		return true;
	}

	/** The peer refused a message, which had this number of entries, as too long. Returns false when it was not under way. */
	tooLong(message: Message, entries: number, now: number): boolean {
		if (!this.failed(message, now)) return false;
		this.maxEntries = Math.max(1, Math.floor(entries / 2));
		return true;
	}
}
