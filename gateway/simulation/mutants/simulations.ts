import { buildSimulation } from './build.ts';
import { CLUSTER } from './cluster.ts';
import { PRESENCE } from './presence.ts';
import { REGIONS } from './regions.ts';
import { SIGNALS } from './signals.ts';

/** A function that runs once; later calls get what it returned. */
function once<Value>(make: () => Value): () => Value {
	let made: { readonly value: Value } | undefined;
	return () => {
		made ??= { value: make() };
		return made.value;
	};
}

/** The simulation of a cluster, with its mutants compiled in and none of them on. Built once in a process. */
export const clusterWithMutants = once(async () => {
	const { simulate, choose } = await buildSimulation<typeof import('../scenarios/cluster.ts')>('cluster', CLUSTER);
	return { simulate, choose };
});

/** The simulation of regions, in the same way. */
export const regionsWithMutants = once(async () => {
	const { simulateRegions, choose } = await buildSimulation<typeof import('../scenarios/regions.ts')>(
		'regions',
		REGIONS,
	);
	return { simulate: simulateRegions, choose };
});

/** The simulation of presence, in the same way. */
export const presenceWithMutants = once(async () => {
	const { simulatePresence, choose } = await buildSimulation<typeof import('../scenarios/presence.ts')>(
		'presence',
		PRESENCE,
	);
	return { simulate: simulatePresence, choose };
});

/** The simulation of signals, in the same way. */
export const signalsWithMutants = once(async () => {
	const { simulateSignals, choose } = await buildSimulation<typeof import('../scenarios/signals.ts')>(
		'signals',
		SIGNALS,
	);
	return { simulate: simulateSignals, choose };
});
