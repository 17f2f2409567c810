import { FAIR, LinkProxy, type Weather } from './link-proxy.ts';

/**
 * Proxies between ends, each the name of a node or of a region: what one asks of another goes through that of the two, or,
 * to the dispatchers of a region, through those.
 */
export class Links {
	readonly #random: () => number;
	readonly #proxies = new Map<string, LinkProxy[]>();

	/** @param random from 0 up to 1: draws what is delayed and repeated. */
	constructor(random: () => number) {
		this.#random = random;
	}

	/** Puts a proxy before a port of the second end, and answers with the address at which the first finds it. */
	addressOf(from: string, to: string, port: number): Promise<string> {
		const proxy = new LinkProxy({ host: '127.0.0.1', port }, this.#random);
		const name = nameOf(from, to);
		this.#proxies.set(name, [...(this.#proxies.get(name) ?? []), proxy]);
		return proxy.listen();
	}

	/** Whatever the first end sends arrives at the second no more, requests and answers; the other way is as it was. */
	cut(from: string, to: string): void {
		for (const proxy of this.#between(from, to)) proxy.weather = { losesRequests: true };
		for (const proxy of this.#between(to, from)) proxy.weather = { losesAnswers: true };
	}

	/** Nothing arrives between two ends. */
	part(one: string, other: string): void {
		for (const proxy of [...this.#between(one, other), ...this.#between(other, one)]) {
			proxy.weather = { losesRequests: true };
		}
	}

	/** The same weather everywhere. */
	set weather(weather: Weather) {
		for (const proxy of this.#all) proxy.weather = weather;
	}

	/** Every request arrives once and at once again. */
	heal(): void {
		this.weather = FAIR;
	}

	/** Requests since the weather was set, and those of them that arrived twice. */
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
		if (proxies === undefined) throw new Error(`there is no proxy from ${from} to ${to}`);
		return proxies;
	}
}

const nameOf = (from: string, to: string) => `${from} → ${to}`;
