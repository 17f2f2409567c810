import { describe } from 'vitest';
import { killsMutants } from './kill-mutants.ts';
import { SIGNALS } from './signals.ts';
import { signalsWithMutants } from './simulations.ts';

describe('the simulation of signals', () => killsMutants(SIGNALS, 1_000, signalsWithMutants));
