import { isFree } from '../free-ports.ts';
import type { PortsOf } from './local-cluster.ts';

/** The distance of the internal port of a node from its public port. */
const INTERNAL_OFFSET = 1_000;

/** The distance of the ports of a region from those of the previous region. */
const REGION_OFFSET = 100;

/** The ports of balancers and nodes. */
export interface PortPlan {
	/** Returns the port of the balancer of a region; undefined for a free port. */
	readonly balancer: (region: number) => number | undefined;
	/** Returns the ports of the nodes of a region; undefined for free ports. */
	readonly nodes: (region: number) => PortsOf | undefined;
}

/** Returns consecutive ports: `port` for the balancer of the first region, then its nodes. 0 uses free ports. */
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

/** Resolves with the ports of a plan that are in use. */
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
