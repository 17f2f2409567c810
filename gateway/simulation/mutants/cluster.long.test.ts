import { describe } from 'vitest';
import { CLUSTER } from './cluster.ts';
import { killsMutants } from './kill-mutants.ts';
import { clusterWithMutants } from './simulations.ts';

describe('the simulation of a cluster', () => killsMutants(CLUSTER, 3_000, clusterWithMutants));
