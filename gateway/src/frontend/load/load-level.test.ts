import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUSY, CALM_MS, degradationOf, Load, type LoadLevel, type LoadSigns, THRESHOLDS } from './load-level.ts';

const QUIET: LoadSigns = { loopDelayMs: 5, updateAgeMs: 0, utilization: 1 };

describe('Load', () => {
	it.each([
		['the event loop is late', { loopDelayMs: 100 }, 1],
		['the event loop is very late', { loopDelayMs: 700 }, 3],
		['updates wait', { updateAgeMs: 450 }, 2],
		['one sign is worse than another', { loopDelayMs: 100, updateAgeMs: 1_000 }, 3],
	])('rises at once when %s', (_, signs, level) => {
		expect(new Load().look({ ...QUIET, ...signs }, 0)).toBe(level);
	});

	it('does not rise by old updates while the event loop has time to wait', () => {
		expect(new Load().look({ ...QUIET, updateAgeMs: 5_000, utilization: BUSY - 0.01 }, 0)).toBe(0);
		expect(new Load().look({ ...QUIET, updateAgeMs: 5_000, utilization: BUSY }, 0)).toBe(3);
	});

	it('falls one level at a time, each after 5 s of calm', () => {
		const load = new Load();
		load.look({ ...QUIET, updateAgeMs: 2_000 }, 0);
		const levels = [1, CALM_MS, CALM_MS + 1, 2 * CALM_MS + 1, 3 * CALM_MS + 1, 9 * CALM_MS].map((now) =>
			load.look(QUIET, now),
		);
		expect(levels).toEqual([3, 3, 2, 1, 0, 0]);
	});

	it('stays while a sign is above half of its threshold', () => {
		const load = new Load();
		load.look({ ...QUIET, updateAgeMs: 200 }, 0);
		for (let now = 0; now < 10 * CALM_MS; now += 1_000) expect(load.look({ ...QUIET, updateAgeMs: 120 }, now)).toBe(1);
	});

	it('never falls below the level of the signs, and never rises without a sign', () => {
		const sign = fc.record({
			loopDelayMs: fc.integer({ min: 0, max: 1_000 }),
			updateAgeMs: fc.integer({ min: 0, max: 2_000 }),
			utilization: fc.double({ min: 0, max: 1, noNaN: true }),
		});
		fc.assert(
			fc.property(fc.array(fc.tuple(sign, fc.integer({ min: 1, max: 10_000 }))), (looks) => {
				const load = new Load();
				let now = 0;
				for (const [signs, ms] of looks) {
					now += ms;
					const before = load.level;
					const fresh = new Load().look(signs, 0);
					const level = load.look(signs, now);
					expect(level).toBeGreaterThanOrEqual(fresh);
					expect(level).toBeLessThanOrEqual(Math.max(before, fresh));
				}
			}),
		);
	});
});

describe('degradationOf', () => {
	it('leaves out polls first, then likes shown in frames, then signals', () => {
		const levels = ([0, 1, 2, 3] as LoadLevel[]).map(degradationOf);
		expect(levels.map(({ pollFactor }) => pollFactor > 1)).toEqual([false, true, true, true]);
		expect(levels.map(({ sampleSize }) => sampleSize < 8)).toEqual([false, false, true, true]);
		expect(levels.map(({ shedsSignals }) => shedsSignals)).toEqual([false, false, false, true]);
	});

	it('has rising thresholds', () => {
		for (const thresholds of Object.values(THRESHOLDS))
			expect([...thresholds].sort((a, b) => a - b)).toEqual(thresholds);
	});
});
