import type { BalancedNode, Balancer } from '../../local-cluster/proxies/balancer.ts';
import { findHaproxy, startHaproxy } from '../../local-cluster/proxies/haproxy.ts';
import { findNginx, startNginx } from '../../local-cluster/proxies/nginx.ts';

const PROXIES = [
	['nginx', findNginx, startNginx],
	['HAProxy', findHaproxy, startHaproxy],
] as const;

/** A running proxy with the shipped configuration, in front of frontends. */
export interface Proxy {
	readonly name: string;
	readonly port: number;
	readonly balancer: Balancer;
}

/** Starts the proxies that are installed. In CI it starts all of them, and rejects when one is missing. */
export async function startProxies(frontends: readonly BalancedNode[]): Promise<readonly Proxy[]> {
	const proxies: Proxy[] = [];
	for (const [name, find, start] of PROXIES) {
		if (find() === undefined && process.env.CI === undefined) continue;
		const balancer = await start({ frontends });
		proxies.push({ name, port: Number(new URL(balancer.url).port), balancer });
	}
	return proxies;
}

/** Returns the names of proxies as a phrase. */
export function proxyNames(proxies: readonly Proxy[]): string {
	return proxies.map(({ name }) => name).join(' and ') || 'no proxy, since none is installed';
}
