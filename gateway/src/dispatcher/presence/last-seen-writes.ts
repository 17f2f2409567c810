import { PRESENCE } from '../../state/kinds/presence.ts';
import type { Registers } from '../../state/kinds/register.ts';
import { mergeValues, type Values } from '../../state/registers.ts';

/** People whose presence waits for the store; what is told of further ones is not stored until it changes again. */
const MAX_WAITING = 100_000;

/** What is kept at a time. */
const BATCH_SIZE = 1_000;

/** Presence that waits for the store, which nobody waits for: of each person the newest. Deterministic. */
export class LastSeenWrites {
	#waiting = new Map<string, Values>();
	/** The last batch: a read that began before it was kept does not have it. */
	#taken: ReadonlyMap<string, Values> = new Map();

	keep(topic: string, registers: Registers): void {
		const before = this.#waiting.get(topic);
		if (before === undefined && this.#waiting.size >= MAX_WAITING) return;
		const values = mergeValues(before, { [PRESENCE.name]: registers });
		if (values !== undefined) this.#waiting.set(topic, values);
	}

	/** What may not be in the store yet of a topic. */
	of(topic: string): Registers {
		return mergeValues(this.#taken.get(topic), this.#waiting.get(topic))?.[PRESENCE.name] ?? {};
	}

	/** Drops all that is not in the store. */
	forget(): void {
		this.#waiting = new Map();
		this.#taken = new Map();
	}

	/** A batch for the store, by topic; undefined when nothing waits. One at a time. */
	take(): ReadonlyMap<string, Values> | undefined {
		this.#taken = new Map();
		if (this.#waiting.size === 0) return undefined;
		const batch = new Map([...this.#waiting].slice(0, BATCH_SIZE));
		for (const topic of batch.keys()) this.#waiting.delete(topic);
		this.#taken = batch;
		return batch;
	}

	/** A batch is not in the store: it waits again, unless `forget` was called since. */
	failed(batch: ReadonlyMap<string, Values>): void {
		if (batch !== this.#taken) return;
		for (const [topic, values] of batch) this.keep(topic, values[PRESENCE.name] ?? {});
	}
}
