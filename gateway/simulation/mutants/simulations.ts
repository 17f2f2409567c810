import { buildSimulation } from './build.ts';
import { CLUSTER } from './cluster.ts';
import { PRESENCE } from './presence.ts';
import { REGIONS } from './regions.ts';
import { SIGNALS } from './signals.ts';

/** Returns a function that runs `make` once; later calls return the same value. */
function once<Value>(make: () => Value): () => Value {
	let made: { readonly value: Value } | undefined;
	return () => {
		made ??= { value: make() };
		return made.value;
	};
}

/** Builds the simulation of a cluster with its mutants, none of them on; once in a process. */
export const clusterWithMutants = once(async () => {
	const { simulate, choose } = await buildSimulation<typeof import('../scenarios/cluster.ts')>('cluster', CLUSTER);
	return { simulate, choose };
});

/** Builds the simulation of regions in the same way. */
export const regionsWithMutants = once(async () => {
	const { simulateRegions, choose } = await buildSimulation<typeof import('../scenarios/regions.ts')>(
		'regions',
		REGIONS,
	);
	return { simulate: simulateRegions, choose };
});

/** Builds the simulation of presence in the same way. */
export const presenceWithMutants = once(async () => {
	const { simulatePresence, choose } = await buildSimulation<typeof import('../scenarios/presence.ts')>(
		'presence',
		PRESENCE,
	);
	return { simulate: simulatePresence, choose };
});

/** Builds the simulation of signals in the same way. */
export const signalsWithMutants = once(async () => {
	const { simulateSignals, choose } = await buildSimulation<typeof import('../scenarios/signals.ts')>(
		'signals',
		SIGNALS,
	);
	return { simulate: simulateSignals, choose };
});
