import { diffTotals, type Totals } from '@likewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TapsModel } from '../../testing/taps-model.ts';

type Step = readonly [name: 'tap' | 'answer' | 'refuse' | 'foreign' | 'receive' | 'reconnect', n: number];
const STEPS = ['tap', 'tap', 'answer', 'refuse', 'foreign', 'foreign', 'receive', 'receive', 'reconnect'] as const;
const plain = fc.tuple(fc.constantFrom(...STEPS), fc.nat(1000)) as fc.Arbitrary<Step>;
const post = fc.tuple(fc.constant('post' as const), fc.nat(1000), fc.nat(3));
const flush = fc.tuple(fc.constant('flush' as const), fc.nat(255));
const rude = fc.tuple(fc.constantFrom('takeBack' as const, 'restore' as const), fc.nat(1000));
const schedule = <T>(...steps: fc.Arbitrary<T>[]) => fc.array(fc.oneof(...steps), { maxLength: 120 });

function run(model: TapsModel, [name, n, fate]: readonly [string, number, number?]): void {
	model.mayFall = false;
	if (name === 'post') model.post(n, fate ?? 0);
	else (model as unknown as Record<string, (n: number) => void>)[name]?.(n);
}

function expectAtMost(actual: Totals, bound: Totals): void {
	for (const [type, value] of Object.entries(actual)) expect(value).toBeLessThanOrEqual(bound[type] ?? 0);
}

describe('Taps, for each order of steps,', () => {
	it('never shows more than the store has and will get, never falls, and ends equal to the store', () => {
		fc.assert(
			fc.property(schedule<readonly [string, number, number?]>(plain, post, flush), (steps) => {
				const model = new TapsModel();
				let lowest: Totals = {};
				for (const step of steps) {
					run(model, step);
					const { totals } = model.taps;
					expectAtMost(totals, model.bound(model.store));
					if (!model.mayFall) expectAtMost(lowest, totals);
					lowest = totals;
				}
				model.settle();
				expect(diffTotals(model.store, model.taps.totals)).toEqual({});
			}),
			{ numRuns: 2000 },
		);
	});

	it('ends equal to the store, even when likes are taken back and the store is restored', () => {
		fc.assert(
			fc.property(schedule<readonly [string, number, number?]>(plain, post, flush, rude), (steps) => {
				const model = new TapsModel();
				for (const step of steps) run(model, step);
				model.settle();
				expect(diffTotals(model.store, model.taps.totals)).toEqual({});
			}),
			{ numRuns: 1000 },
		);
	});
});
