import type { Register, Registers } from '../../state/kinds/register.ts';
import { onlyRegistersOf, type Update } from '../../state/update.ts';

export interface RemoteValuesOptions {
	/** The name of their kind; its keys are regions. */
	readonly kind: string;
	/** The own region. */
	readonly region: string;
	/** What a region does not say again for so long, in milliseconds, is over. */
	readonly lifetimeMs: number;
	/** Topics of which something is remembered; what is said of further ones is shown, and does not end by itself. */
	readonly maxTopics: number;
}

interface Heard {
	readonly topic: string;
	readonly region: string;
	/** By the monotonic clock. */
	readonly at: number;
}

/**
 * What other regions say of topics that are owned here, whether or not somebody here follows them: as long as they say it
 * again. Deterministic.
 */
export class RemoteValues<Value> {
	readonly #options: RemoteValuesOptions;
	readonly #values = new Map<string, Map<string, Register<Value>>>();
	/** Those of them by when they were heard: the first is the oldest. */
	readonly #heard = new Map<string, Heard>();

	constructor(options: RemoteValuesOptions) {
		this.#options = options;
	}

	/** What other regions say of a topic. */
	of(topic: string): Registers<Value> {
		const known = this.#values.get(topic);
		return known === undefined ? {} : Object.fromEntries(known);
	}

	/** Takes in what regions say, each for itself. */
	hear(topic: string, said: Registers, now: number): void {
		for (const [region, register] of Object.entries(said as Registers<Value>)) {
			if (region === this.#options.region || register.from !== region) continue;
			const known = this.#values.get(topic) ?? new Map<string, Register<Value>>();
			const before = known.get(region);
			// Relays overtake each other.
			if (before !== undefined && before.order >= register.order) continue;
			if (known.size === 0) {
				if (this.#values.size >= this.#options.maxTopics) continue;
				this.#values.set(topic, known);
			}
			known.set(region, register);
			const key = `${topic} ${region}`;
			this.#heard.delete(key);
			this.#heard.set(key, { topic, region, at: now });
		}
	}

	/** Forgets topics that are not owned here any more. */
	keepOnly(isOwn: (topic: string) => boolean): void {
		for (const { topic, region } of this.#heard.values()) if (!isOwn(topic)) this.#forget(topic, region);
	}

	/** This node heard nothing for a while, which says nothing of the others. */
	excuse(now: number): void {
		for (const [key, heard] of this.#heard) this.#heard.set(key, { ...heard, at: now });
	}

	/** Forgets what was not said again for too long, and gives it back by topic. */
	expire(now: number): ReadonlyMap<string, Registers<Value>> {
		const over = new Map<string, Registers<Value>>();
		for (const { topic, region, at } of this.#heard.values()) {
			if (at + this.#options.lifetimeMs > now) break;
			const register = this.#forget(topic, region);
			if (register !== undefined) over.set(topic, { ...over.get(topic), [region]: register });
		}
		return over;
	}

	/** When `expire` has something to do; undefined when never. */
	get dueAt(): number | undefined {
		for (const { at } of this.#heard.values()) return at + this.#options.lifetimeMs;
		return undefined;
	}

	#forget(topic: string, region: string): Register<Value> | undefined {
		const known = this.#values.get(topic);
		const register = known?.get(region);
		known?.delete(region);
		if (known?.size === 0) this.#values.delete(topic);
		this.#heard.delete(`${topic} ${region}`);
		return register;
	}
}

/**
 * Whether an update says nothing but what is known: of this kind alone, and each value the same. It only shows that this
 * is true still, which is of no interest to viewers.
 */
export function isRenewal<Value>(
	kind: string,
	update: Update,
	known: Registers<Value>,
	isSame: (a: Value, b: Value) => boolean,
): boolean {
	const registers = onlyRegistersOf(kind, update) as Registers<Value> | undefined;
	if (registers === undefined) return false;
	return Object.entries(registers).every(([region, { value }]) => {
		const before = known[region];
		return before !== undefined && isSame(before.value, value);
	});
}
