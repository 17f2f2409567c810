import { LinkProxy, type NetworkConditions, NO_FAULTS } from './link-proxy.ts';

/**
 * Proxies between ends. An end is the name of a node or a region. The requests of one end to another go through the proxies
 * of this pair: one for a node, one for each dispatcher of a region.
 */
export class Links {
	readonly #random: () => number;
	readonly #proxies = new Map<string, LinkProxy[]>();

	/** @param random from 0 up to 1: decides the delays and repetitions. */
	constructor(random: () => number) {
		this.#random = random;
	}

	/** Starts a proxy before a port of the second end, and resolves with the address for the first end. */
	addressOf(from: string, to: string, port: number): Promise<string> {
		const proxy = new LinkProxy({ host: '127.0.0.1', port }, this.#random);
		const name = nameOf(from, to);
		this.#proxies.set(name, [...(this.#proxies.get(name) ?? []), proxy]);
		return proxy.listen();
	}

	/** Drops all requests and answers of the first end to the second. The other direction does not change. */
	cut(from: string, to: string): void {
		for (const proxy of this.#between(from, to)) proxy.conditions = { losesRequests: true };
		for (const proxy of this.#between(to, from)) proxy.conditions = { losesAnswers: true };
	}

	/** Drops all messages between two ends. */
	partition(one: string, other: string): void {
		for (const proxy of [...this.#between(one, other), ...this.#between(other, one)]) {
			proxy.conditions = { losesRequests: true };
		}
	}

	/** Sets the conditions of all links. */
	set conditions(conditions: NetworkConditions) {
		for (const proxy of this.#all) proxy.conditions = conditions;
	}

	/** Ends all faults of links. */
	heal(): void {
		this.conditions = NO_FAULTS;
	}

	/** The number of requests since the conditions were set, and of repeated ones. */
	get traffic(): { readonly requests: number; readonly duplicated: number } {
		const proxies = this.#all;
		const sum = (count: 'requests' | 'duplicated') => proxies.reduce((total, proxy) => total + proxy[count], 0);
		return { requests: sum('requests'), duplicated: sum('duplicated') };
	}

	close(): void {
		for (const proxy of this.#all) proxy.close();
	}

	get #all(): LinkProxy[] {
		return [...this.#proxies.values()].flat();
	}

	#between(from: string, to: string): readonly LinkProxy[] {
		const proxies = this.#proxies.get(nameOf(from, to));
		if (proxies === undefined) throw new Error(`no proxy from ${from} to ${to}`);
		return proxies;
	}
}

const nameOf = (from: string, to: string) => `${from} → ${to}`;
