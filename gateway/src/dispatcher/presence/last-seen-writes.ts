import { PRESENCE } from '../../state/kinds/presence.ts';
import type { Registers } from '../../state/kinds/register.ts';
import { mergeValues, type Values } from '../../state/registers.ts';

/** The most users whose presence waits; that of further users is not stored until it changes again. */
const MAX_WAITING = 100_000;

/** The most users of one write. */
const BATCH_SIZE = 1_000;

/** The presence that waits for the store: the newest of each user. Deterministic. */
export class LastSeenWrites {
	#waiting = new Map<string, Values>();
	/** The last batch: a read that began before its write does not contain it. */
	#taken: ReadonlyMap<string, Values> = new Map();

	keep(topic: string, registers: Registers): void {
		const before = this.#waiting.get(topic);
		if (before === undefined && this.#waiting.size >= MAX_WAITING) return;
		const values = mergeValues(before, { [PRESENCE.name]: registers });
		if (values !== undefined) this.#waiting.set(topic, values);
	}

	/** Returns the registers of a topic that the store may not have yet. */
	of(topic: string): Registers {
		return mergeValues(this.#taken.get(topic), this.#waiting.get(topic))?.[PRESENCE.name] ?? {};
	}

	/** Drops everything that waits. */
	forget(): void {
		this.#waiting = new Map();
		this.#taken = new Map();
	}

	/** Returns a batch for the store, by topic; undefined when nothing waits. One batch at a time. */
	take(): ReadonlyMap<string, Values> | undefined {
		this.#taken = new Map();
		if (this.#waiting.size === 0) return undefined;
		const batch = new Map([...this.#waiting].slice(0, BATCH_SIZE));
		for (const topic of batch.keys()) this.#waiting.delete(topic);
		this.#taken = batch;
		return batch;
	}

	/** Puts a batch back whose write failed, unless `forget` was called since. */
	failed(batch: ReadonlyMap<string, Values>): void {
		if (batch !== this.#taken) return;
		for (const [topic, values] of batch) this.keep(topic, values[PRESENCE.name] ?? {});
	}
}
