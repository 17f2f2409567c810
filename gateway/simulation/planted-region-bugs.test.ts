import { describe } from 'vitest';
import { findsBugs, holdsForNewSchedules, type PlantedBug } from './find-bugs.ts';
import { type PlantedLine, regionsWith } from './plant.ts';

/**
 * What the exchange between regions is there to prevent, and each of its rules alone does. That the last page of a region
 * leaves rows of lower epochs in the store is none of it: no read shows them, so to delete them only frees space.
 */
const BUGS: Record<string, PlantedBug> = {
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
		firstSeed: 70,
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
		firstSeed: 172,
	},
	'nobody is in charge of asking': {
		file: 'regions/catch-up.ts',
		line: 'if (known.wantedAt > now && !isInCharge(region)) {',
		instead: 'if (known.wantedAt > now) {',
		firstSeed: 79,
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
		firstSeed: 876,
	},
	'a position is stored without what led there': {
		file: 'store/sqlite-replicas.ts',
		line: 'if (said === undefined || said.epoch < least) continue;',
		instead: 'if (said === undefined || said.epoch < least || reached?.last === false) continue;',
		firstSeed: 37,
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
		firstSeed: 39,
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
		firstSeed: 79,
	},
	'a walk through what changed begins where the last one ended, and not where that began': {
		file: 'store/walk.ts',
		line: "return { kind: 'changed', floor, ceiling, changed: walk.floor, ...first };",
		instead: "return { kind: 'changed', floor, ceiling, changed: ceiling, ...first };",
	},
};

const build = (...lines: readonly PlantedLine[]) =>
	regionsWith(...lines).then(({ simulateRegions }) => simulateRegions);

describe('the simulation of regions', () => {
	findsBugs({ bugs: BUGS, build, failure: /^seed \d+ of regions/, schedules: 1_000 });
	holdsForNewSchedules(build, 50);
});
