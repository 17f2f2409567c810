import type { Register, Registers } from '../../state/kinds/register.ts';
import { onlyRegistersOf, type Update } from '../../state/update.ts';

export interface RemoteValuesOptions {
	/** The name of the kind of register; its keys are regions. */
	readonly kind: string;
	/** The region of this node. */
	readonly region: string;
	/** A register that its region does not renew for this long, in milliseconds, expires. */
	readonly lifetimeMs: number;
	/** The most topics with registers; registers of further topics reach viewers, and never expire. */
	readonly maxTopics: number;
}

interface Received {
	readonly topic: string;
	readonly region: string;
	/** The time of arrival, by the monotonic clock. */
	readonly at: number;
}

/**
 * The registers that other regions sent for topics that this dispatcher owns, also for topics without
 * a subscription. A register that its region does not renew expires. Deterministic.
 */
export class RemoteValues<Value> {
	readonly #options: RemoteValuesOptions;
	readonly #values = new Map<string, Map<string, Register<Value>>>();
	/** The registers by the time of arrival, the oldest first. */
	readonly #received = new Map<string, Received>();

	constructor(options: RemoteValuesOptions) {
		this.#options = options;
	}

	/** Returns the registers of other regions for a topic. */
	of(topic: string): Registers<Value> {
		const known = this.#values.get(topic);
		return known === undefined ? {} : Object.fromEntries(known);
	}

	/** Takes registers; a region may set only its own. */
	receive(topic: string, registers: Registers, now: number): void {
		for (const [region, register] of Object.entries(registers as Registers<Value>)) {
			if (region === this.#options.region || register.from !== region) continue;
			const known = this.#values.get(topic) ?? new Map<string, Register<Value>>();
			const before = known.get(region);
			// Relayed batches can arrive out of order.
			if (before !== undefined && before.order >= register.order) continue;
			if (known.size === 0) {
				if (this.#values.size >= this.#options.maxTopics) continue;
				this.#values.set(topic, known);
			}
			known.set(region, register);
			const key = `${topic} ${region}`;
			this.#received.delete(key);
			this.#received.set(key, { topic, region, at: now });
		}
	}

	/** Drops the topics that this dispatcher does not own any more. */
	keepOnly(isOwn: (topic: string) => boolean): void {
		for (const { topic, region } of this.#received.values()) if (!isOwn(topic)) this.#forget(topic, region);
	}

	/** Restarts all lifetimes: after a stall of this node, silence shows nothing about other regions. */
	excuse(now: number): void {
		for (const [key, register] of this.#received) this.#received.set(key, { ...register, at: now });
	}

	/** Drops the registers that no region renewed in time, and returns them by topic. */
	expire(now: number): ReadonlyMap<string, Registers<Value>> {
		const expired = new Map<string, Registers<Value>>();
		for (const { topic, region, at } of this.#received.values()) {
			if (at + this.#options.lifetimeMs > now) break;
			const register = this.#forget(topic, region);
			if (register !== undefined) expired.set(topic, { ...expired.get(topic), [region]: register });
		}
		return expired;
	}

	/** When the next register expires; undefined while none waits. */
	get dueAt(): number | undefined {
		for (const { at } of this.#received.values()) return at + this.#options.lifetimeMs;
		return undefined;
	}

	#forget(topic: string, region: string): Register<Value> | undefined {
		const known = this.#values.get(topic);
		const register = known?.get(region);
		known?.delete(region);
		if (known?.size === 0) this.#values.delete(topic);
		this.#received.delete(`${topic} ${region}`);
		return register;
	}
}

/**
 * Returns whether an update has only registers of this kind with known values. It renews them, and
 * viewers need no update.
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
