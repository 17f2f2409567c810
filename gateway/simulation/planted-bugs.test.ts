import { describe, expect, test } from 'vitest';
import { type PlantedLine, simulationWith } from './plant.ts';

/** Each of these was in somebody's code once. The simulation is worth something only while it finds them. */
const BUGS: Record<string, PlantedLine> = {
	'counts of two hops are summed': {
		file: 'delivery/likes.ts',
		line: 'Math.max(known[0], next[0])',
		instead: 'known[0] + next[0]',
	},
	'a snapshot shows what is pending, not what was flushed': {
		file: 'frontend/topic.ts',
		line: 'likesFrame(this.#video, told, this.version,',
		instead: 'likesFrame(this.#video, told, { ...this.version, totals: totalsOf(this.#pending.rows) },',
	},
	'taking back leaves no tombstone': {
		file: 'store/sqlite-database.ts',
		line: 'UPDATE likes SET taken_back_at = ? WHERE video = ? AND id = ?',
		instead: 'DELETE FROM likes WHERE ? > 0 AND video = ? AND id = ?',
	},
	'a blocked connection is forgotten': {
		file: 'frontend/connection.ts',
		line: 'for (const subscription of this.#subscriptions) wrote = subscription.tell(now) || wrote;',
		instead: '',
	},
	'a blocked connection counts as told': {
		file: 'frontend/connection.ts',
		line: 'if (!this.#connection.send(this.topic.frameFrom(this.#told), now)) return false;',
		instead: 'this.#connection.send(this.topic.frameFrom(this.#told), now);',
	},
	'a digest is not compared': {
		file: 'dispatcher/subscription-table.ts',
		line: 'entry.hash !== hash',
		instead: 'hash === undefined',
	},
	'viewers visited before the news came in a pass are forgotten': {
		file: 'frontend/topic.ts',
		line: 'return this.#isFresh || this.version !== this.#toldToAll ?',
		instead: 'return this.#isFresh ?',
	},
	'a frame is kept for the next version': {
		file: 'frontend/topic.ts',
		line: 'this.#frames.clear();',
		instead: '',
	},
};

/** Within so many schedules the simulation has to find a bug. */
const SCHEDULES = 400;

describe('the simulation', () => {
	test('finds nothing in the code as it is', async () => {
		const { simulate } = await simulationWith();
		for (let seed = 1; seed <= SCHEDULES; seed++) simulate(seed);
	});

	test.each(Object.entries(BUGS))('finds that %s', async (_name, bug) => {
		const { simulate } = await simulationWith(bug);
		expect(() => {
			for (let seed = 1; seed <= SCHEDULES; seed++) simulate(seed);
		}).toThrow(/^seed \d+/);
	});

	test.each([
		['is not there', { file: 'delivery/likes.ts', line: 'Math.sqrt(known)', instead: '' }, /has 0 places/],
		['is there twice', { file: 'delivery/likes.ts', line: 'Math.max', instead: '' }, /has \d+ places/],
		['is of a file that is not built', { file: 'main.ts', line: 'import', instead: '' }, /no part of what was built/],
	])('is not built with a bug whose line %s', async (_name, bug, message) => {
		await expect(simulationWith(bug)).rejects.toThrow(message);
	});

	test('does the same again with the same seed', async () => {
		const { simulate } = await simulationWith(BUGS['counts of two hops are summed']);
		const messageOf = (seed: number) => {
			try {
				simulate(seed);
				return undefined;
			} catch (error) {
				return (error as Error).message;
			}
		};
		const seeds = Array.from({ length: 20 }, (_, index) => index + 1);
		const first = seeds.map(messageOf);
		expect(first.filter((message) => message !== undefined)).not.toEqual([]);
		expect(seeds.map(messageOf)).toEqual(first);
	});

	test('holds for schedules that nobody chose', async () => {
		const { simulate } = await simulationWith();
		const first = Math.floor(Math.random() * 1e9);
		// A failure names its seed.
		for (let seed = first; seed < first + SCHEDULES; seed++) simulate(seed);
	});
});
