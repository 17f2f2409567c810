import { NODES } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';

/** Planned changes of the members. */
const CHANGE = { topology: NODES, lastLike: 'while it lasts', viewersAgree: 'while it lasts', boundMs: 2_000 } as const;

export const membership: readonly Fault[] = [
	{
		...CHANGE,
		name: 'two-dispatchers-join',
		about: 'two dispatchers join two others at once',
		lastsMs: 5_000,
		async prepare({ cluster }) {
			await Promise.all(cluster.dispatchers.slice(2).map((node) => node.stop()));
			await cluster.converged();
		},
		async inject({ cluster }) {
			await Promise.all(cluster.dispatchers.slice(2).map((node) => node.start()));
		},
	},
	{
		...CHANGE,
		name: 'rolling-restart',
		about: 'restarts every node, each after the one before it is ready',
		lastsMs: 0,
		boundMs: 5_000,
		async inject({ cluster }) {
			for (const node of cluster.nodes) await node.restart();
		},
	},
];
