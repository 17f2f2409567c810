import { describe, expect, test } from 'vitest';
import { type PlantedLine, regionsWith } from './plant.ts';

/**
 * What the exchange between regions is there to prevent, and each of its rules alone does. That the last page of a region
 * leaves rows of lower epochs in the store is none of it: no read shows them, so to delete them only frees space.
 */
const BUGS = {
	'relays carry rows of other regions': {
		file: 'regions/lanes.ts',
		line: 'if (isOwn && !update.complete) return update;',
		instead: 'if (!update.complete) return update;',
	},
	'news are not relayed': {
		file: 'dispatcher/dispatch.ts',
		line: 'this.#router.relay(taken);',
		instead: '',
	},
	'a lane whose relay failed stays shut': {
		file: 'regions/lanes.ts',
		line: 'lane.retryAt = now + RETRY_MS;',
		instead: 'lane.retryAt = Number.POSITIVE_INFINITY;',
	},
	'a dispatcher that begins does not greet': {
		file: 'regions/lanes.ts',
		line: 'greeted: !greets,',
		instead: 'greeted: greets || !greets,',
	},
	'who greets is not asked': {
		file: 'regions/exchange.ts',
		line: 'if (greeting || this.#isNewEpoch(region, updates)) this.#catchUp.want(region);',
		instead: 'if (this.#isNewEpoch(region, updates)) this.#catchUp.want(region);',
	},
	'only the one in charge asks who greets': {
		file: 'regions/catch-up.ts',
		line: 'if (known.wantedAt > now && !isInCharge(region)) {',
		instead: 'if (!isInCharge(region)) {',
	},
	'nobody is in charge of asking': {
		file: 'regions/catch-up.ts',
		line: 'if (known.wantedAt > now && !isInCharge(region)) {',
		instead: 'if (known.wantedAt > now) {',
	},
	'nobody asks what changed': {
		file: 'regions/exchange.ts',
		line: 'asks: this.#catchUp.take(now, isInCharge),',
		instead: 'asks: [],',
	},
	'what regions say is shown and not stored': {
		file: 'regions/exchange.ts',
		line: 'this.#toKeep.putAll(updates);',
		instead: '',
	},
	'what could not be stored is forgotten': {
		file: 'regions/exchange.ts',
		line: 'this.#toKeep.failed(batch, now);',
		instead: 'this.#toKeep.arrived(batch);',
	},
	'only the first page is asked for': {
		file: 'regions/take-over.ts',
		line: 'if (!more) this.#walks++;',
		instead: 'this.#walks++;',
	},
	'a walk that was interrupted is taken for one that begins now': {
		file: 'regions/take-over.ts',
		line: 'const WALKS = 2;',
		instead: 'const WALKS = 1;',
	},
	'a position is stored without what led there': {
		file: 'store/sqlite-replicas.ts',
		line: 'if (said === undefined || said.epoch < least) continue;',
		instead: 'if (said === undefined || said.epoch < least || reached?.last === false) continue;',
	},
	'reads leave out what other regions said': {
		file: 'store/sqlite-database.ts',
		line: 'return gather([...this.#totals.countsOf(video), ...this.#replicas.countsOf(video)]);',
		instead: 'return gather(this.#totals.countsOf(video));',
	},
	'a store is restored and keeps its epoch': {
		file: 'store/epoch.ts',
		line: 'return isYetToCome(before, now + MAX_AHEAD_MS) ? now : Math.max(now, before + 1);',
		instead: 'return now > 0 ? before : now;',
	},
	'reads do not say that all of a lower epoch is over': {
		file: 'store/sqlite-replicas.ts',
		line: "if (epoch !== null) known.push({ region, epoch, type: '', added: 0, removed: 0 });",
		instead: '',
	},
	'a lower epoch is merged into a state': {
		file: 'delivery/likes.ts',
		line: 'if (next.epoch < known.epoch) return known;',
		instead: '',
	},
	'a higher epoch is merged into what was said before': {
		file: 'delivery/likes.ts',
		line: 'if (known === undefined || next.epoch > known.epoch) return next;',
		instead: 'if (known === undefined) return next;',
	},
	'a lower epoch is merged into the store': [
		{ file: 'store/sqlite-replicas.ts', line: '\t\t\tWHERE excluded.epoch >= epoch', instead: '' },
		{ file: 'store/sqlite-replicas.ts', line: ' || said.epoch < least', instead: '' },
	],
	'a higher epoch is merged into rows of the store': {
		file: 'store/sqlite-replicas.ts',
		line: 'added = iif(excluded.epoch > epoch, excluded.added, max(added, excluded.added)),',
		instead: 'added = max(added, excluded.added),',
	},
	'a store that was restored goes on where it was': {
		file: 'store/sqlite-totals.ts',
		line: 'if (since?.epoch !== this.#epoch) return goOn(undefined, start);',
		instead: 'if (since === undefined) return goOn(undefined, start);',
	},
	'a walk through what changed begins where the last one ended, and not where that began': {
		file: 'store/walk.ts',
		line: "return { kind: 'changed', floor, ceiling, changed: walk.floor, ...first };",
		instead: "return { kind: 'changed', floor, ceiling, changed: ceiling, ...first };",
	},
} satisfies Record<string, PlantedLine | readonly PlantedLine[]>;

/**
 * Few schedules find these, so that is where the search begins. The numbers are how many it takes from the first on. Where a
 * change moves them, the search goes on from here, and only takes longer.
 */
const FIRST_SEEDS: Partial<Record<string, number>> = {
	'a dispatcher that begins does not greet': 70,
	'only the one in charge asks who greets': 172,
	'nobody is in charge of asking': 79,
	'a walk that was interrupted is taken for one that begins now': 876,
	'a position is stored without what led there': 37,
	'a lower epoch is merged into a state': 39,
	'a store that was restored goes on where it was': 79,
} satisfies Partial<Record<keyof typeof BUGS, number>>;

/** Within so many schedules the simulation has to find a bug. */
const SCHEDULES = 1_000;

/** So many schedules are new each time. */
const UNKNOWN_SCHEDULES = 50;

describe('the simulation of regions', () => {
	test.each(Object.entries(BUGS))('finds that %s', { timeout: 240_000 }, async (name, bug) => {
		const { simulateRegions } = await regionsWith(...[bug].flat());
		const first = FIRST_SEEDS[name] ?? 1;
		expect(() => {
			for (let seed = first; seed < first + SCHEDULES; seed++) simulateRegions(seed);
		}).toThrow(/^seed \d+ of regions/);
	});

	test('holds for schedules that nobody chose', { timeout: 60_000 }, async () => {
		const { simulateRegions } = await regionsWith();
		const first = Math.floor(Math.random() * 1e9);
		// A failure names its seed.
		for (let seed = first; seed < first + UNKNOWN_SCHEDULES; seed++) simulateRegions(seed);
	});
});
