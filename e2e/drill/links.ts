import type { NodePlan } from '../cluster/local-node.ts';
import { FAIR, LinkProxy, type Weather } from './link-proxy.ts';

/** A proxy for each ordered pair of nodes of a cluster: what the first asks of the second goes through it. */
export class Links {
	readonly #random: () => number;
	readonly #proxies = new Map<string, LinkProxy>();

	/** @param random from 0 up to 1: draws what is delayed and repeated. */
	constructor(random: () => number) {
		this.#random = random;
	}

	/** Puts a proxy between two nodes, and answers with the address at which the first finds the second. */
	addressOf(from: NodePlan, to: NodePlan): Promise<string> {
		const proxy = new LinkProxy({ host: '127.0.0.1', port: to.internalPort }, this.#random);
		this.#proxies.set(nameOf(from, to), proxy);
		return proxy.listen();
	}

	/** Whatever the first node sends arrives at the second no more, requests and answers; the other way is as it was. */
	cut(from: NodePlan, to: NodePlan): void {
		this.#between(from, to).weather = { losesRequests: true };
		this.#between(to, from).weather = { losesAnswers: true };
	}

	/** The same weather everywhere. */
	set weather(weather: Weather) {
		for (const proxy of this.#proxies.values()) proxy.weather = weather;
	}

	/** Every request arrives once and at once again. */
	heal(): void {
		this.weather = FAIR;
	}

	/** Requests since the weather was set, and those of them that arrived twice. */
	get traffic(): { readonly requests: number; readonly duplicated: number } {
		const proxies = [...this.#proxies.values()];
		const sum = (count: 'requests' | 'duplicated') => proxies.reduce((total, proxy) => total + proxy[count], 0);
		return { requests: sum('requests'), duplicated: sum('duplicated') };
	}

	close(): void {
		for (const proxy of this.#proxies.values()) proxy.close();
	}

	#between(from: NodePlan, to: NodePlan): LinkProxy {
		const proxy = this.#proxies.get(nameOf(from, to));
		if (proxy === undefined) throw new Error(`there is no proxy from ${from.node} to ${to.node}`);
		return proxy;
	}
}

const nameOf = (from: NodePlan, to: NodePlan) => `${from.node} → ${to.node}`;
