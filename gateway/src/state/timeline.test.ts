import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeTimelines, type TimelinePage, type TimelineStep } from './timeline.ts';

/** A store that keeps a timeline in memory, and cuts its pages after some steps. */
class Source {
	readonly #steps: readonly TimelineStep[];
	readonly #most: number;

	constructor(seconds: readonly number[], most: number) {
		const counts = new Map<number, number>();
		for (const second of seconds) counts.set(second, (counts.get(second) ?? 0) + 1);
		this.#steps = [...counts].sort(([a], [b]) => a - b).map(([second, heart]) => [second, { heart }]);
		this.#most = most;
	}

	page(from: number): TimelinePage {
		const left = this.#steps.filter(([second]) => second >= from);
		return {
			steps: left.slice(0, this.#most),
			next: left[this.#most]?.[0] ?? null,
			newest: this.#steps.at(-1)?.[0] ?? null,
		};
	}
}

describe('mergeTimelines', () => {
	it('adds up the steps of all pages by type, until the first page ends', () => {
		const one: TimelinePage = {
			steps: [
				[1, { heart: 1 }],
				[3, { heart: 1, clap: 2 }],
			],
			next: 5,
			newest: 9,
		};
		const other: TimelinePage = {
			steps: [
				[2, { wow: 1 }],
				[3, { heart: 4 }],
				[5, { heart: 1 }],
			],
			next: null,
			newest: 5,
		};
		expect(mergeTimelines([one, other], 10)).toEqual({
			steps: [
				[1, { heart: 1 }],
				[2, { wow: 1 }],
				[3, { heart: 5, clap: 2 }],
			],
			next: 5,
			newest: 9,
		});
		expect(mergeTimelines([one, other], 2)).toMatchObject({
			steps: [
				[1, {}],
				[2, {}],
			],
			next: 3,
		});
		expect(mergeTimelines([other], 10)).toEqual(other);
		expect(mergeTimelines([], 10)).toEqual({ steps: [], next: null, newest: null });
	});

	it('has each reaction of all stores once, over all pages, in order', () => {
		const source = fc.tuple(fc.array(fc.integer({ min: 0, max: 60 })), fc.integer({ min: 1, max: 9 }));
		fc.assert(
			fc.property(fc.array(source, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 9 }), (sources, most) => {
				const stores = sources.map(([seconds, cut]) => new Source(seconds, cut));
				const steps: TimelineStep[] = [];
				for (let from: number | null = 0; from !== null; ) {
					const start: number = from;
					const page: TimelinePage = mergeTimelines(
						stores.map((store) => store.page(start)),
						most,
					);
					expect(page.steps.length).toBeLessThanOrEqual(most);
					steps.push(...page.steps);
					from = page.next;
				}
				expect(steps).toEqual(
					new Source(
						sources.flatMap(([seconds]) => seconds),
						100,
					).page(0).steps,
				);
			}),
		);
	});
});
