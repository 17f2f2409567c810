import { isFree } from '../free-ports.ts';
import type { PortsOf } from './local-cluster.ts';

/** The internal port of a node is so much above its public one. */
const INTERNAL_OFFSET = 1_000;

/** The ports of a region are so much above those of the one before it. */
const REGION_OFFSET = 100;

/** Which ports a balancer and nodes have; all are free ones when the first is 0. */
export interface PortPlan {
	/** That of a region's balancer; undefined for a free one. */
	readonly balancer: (region: number) => number | undefined;
	/** Those of a region's nodes; undefined for free ones. */
	readonly nodes: (region: number) => PortsOf | undefined;
}

/** Ports one behind the other: `port` for the balancer of the first region, the nodes behind it. Pure. */
export function planPorts(port: number): PortPlan {
	if (port === 0) return { balancer: () => undefined, nodes: () => undefined };
	const first = (region: number) => port + region * REGION_OFFSET;
	return {
		balancer: first,
		nodes: (region) => (index) => {
			const own = first(region) + 1 + index;
			return { port: own, internalPort: own + INTERNAL_OFFSET };
		},
	};
}

/** Those ports of a plan that somebody listens on now. */
export async function portsInUse(plan: PortPlan, regions: number, nodes: number): Promise<number[]> {
	const busy: number[] = [];
	for (let region = 0; region < regions; region++) {
		const portsOf = plan.nodes(region);
		const own = Array.from({ length: nodes }, (_, index) => Object.values(portsOf?.(index) ?? {})).flat();
		for (const port of [plan.balancer(region), ...own]) {
			if (port !== undefined && !(await isFree(port))) busy.push(port);
		}
	}
	return busy;
}
