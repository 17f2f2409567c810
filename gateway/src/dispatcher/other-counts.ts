import type { Register, Registers } from '../delivery/kind.ts';
import { VIEWERS } from '../delivery/kinds/viewers.ts';
import { onlyRegistersOf, type Update } from '../delivery/update.ts';

/** A count of another region that was not renewed for so long, in milliseconds, is over. */
export const COUNT_LIFETIME_MS = 90_000;

/** Topics of which other regions' counts are remembered; those of further ones are shown and do not expire. */
const MAX_TOPICS = 100_000;

interface Heard {
	readonly topic: string;
	readonly region: string;
	/** By the monotonic clock. */
	readonly at: number;
}

/**
 * How many viewers other regions count, of topics that are owned here, whether or not somebody here follows them. What a
 * region has not said again for {@link COUNT_LIFETIME_MS} is over. Deterministic.
 */
export class OtherCounts {
	readonly #region: string;
	readonly #counts = new Map<string, Map<string, Register<number>>>();
	/** Those of them by when they were heard: the first is the oldest. */
	readonly #heard = new Map<string, Heard>();

	/** `region` is the own one. */
	constructor(region: string) {
		this.#region = region;
	}

	/** What other regions count of a topic. */
	of(topic: string): Registers<number> {
		return Object.fromEntries(this.#counts.get(topic) ?? []);
	}

	/** Takes in what other regions say of a topic. */
	hear(topic: string, { values }: Update, now: number): void {
		for (const [region, register] of Object.entries(values?.[VIEWERS.name] ?? {})) {
			if (region === this.#region || register.from !== region) continue;
			const counts = this.#counts.get(topic) ?? new Map<string, Register<number>>();
			// Relays overtake each other.
			if ((counts.get(region)?.order ?? -1) >= register.order) continue;
			if (counts.size === 0) {
				if (this.#counts.size >= MAX_TOPICS) continue;
				this.#counts.set(topic, counts);
			}
			counts.set(region, register as Register<number>);
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

	/** What is over, as news: by topic the regions that count nobody any more. */
	expire(now: number): ReadonlyMap<string, Registers<number>> {
		const over = new Map<string, Registers<number>>();
		for (const { topic, region, at } of this.#heard.values()) {
			if (at + COUNT_LIFETIME_MS > now) break;
			const { order, value } = this.#forget(topic, region) ?? { order: 0, value: 0 };
			if (value > 0) over.set(topic, { ...over.get(topic), [region]: { order: order + 1, value: 0, from: region } });
		}
		return over;
	}

	/** When `expire` may have something to do; undefined when never. */
	get dueAt(): number | undefined {
		for (const { at } of this.#heard.values()) return at + COUNT_LIFETIME_MS;
		return undefined;
	}

	#forget(topic: string, region: string): Register<number> | undefined {
		const counts = this.#counts.get(topic);
		const register = counts?.get(region);
		counts?.delete(region);
		if (counts?.size === 0) this.#counts.delete(topic);
		this.#heard.delete(`${topic} ${region}`);
		return register;
	}
}

/** Whether an update says only again how many viewers there are, as it is shown already. */
export function isRenewal(update: Update, shown: Registers | undefined): boolean {
	const registers = onlyRegistersOf(VIEWERS.name, update);
	if (registers === undefined) return false;
	return Object.entries(registers).every(([region, { value }]) => shown?.[region]?.value === value);
}
