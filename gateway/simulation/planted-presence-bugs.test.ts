import { describe, expect, test } from 'vitest';
import { type PlantedLine, presenceWith } from './plant.ts';

/**
 * What it takes to tell who is there, and who is not. One heartbeat that is lost, or that an owner which is new does not
 * get at once, is none of it: an entry and a quarantine outlive a whole period.
 */
const BUGS = {
	'who gains people is sure of them at once': {
		file: 'dispatcher/presence.ts',
		line: 'this.#quarantine.left(this.#ring, now);',
		instead: '',
	},
	'a dispatcher that begins is sure of all it owns': {
		file: 'dispatcher/quarantine.ts',
		line: 'until: now + lengthMs }];',
		instead: 'until: now }];',
	},
	'a stall is not noticed': {
		file: 'dispatcher/stall-watch.ts',
		line: 'return now - before > this.#limitMs;',
		instead: 'return now < before - this.#limitMs;',
	},
	'an entry lives d only': {
		file: 'dispatcher/presence.ts',
		line: 'this.#goneMs = presenceMs + 2 * presenceGraceMs;',
		instead: 'this.#goneMs = presenceMs;',
	},
	'who is in quarantine is told as gone': {
		file: 'dispatcher/presence.ts',
		line: 'if (sureAt > now) {',
		instead: 'if (sureAt > now + this.#goneMs) {',
	},
	'who loses people tells that they are gone': [
		{
			file: 'dispatcher/presence.ts',
			line: "for (const user of this.#entries.keys()) if (!isOwn(topicOf('user', user))) this.#entries.delete(user);",
			instead: `for (const { user, lastSeen } of [...this.#entries.values()]) {
				if (isOwn(topicOf('user', user))) continue;
				this.#entries.delete(user);
				this.#tell(topicOf('user', user), { online: false, lastSeen }, lastSeen + this.#goneMs);
			}`,
		},
		{
			file: 'dispatcher/presence-news.ts',
			line: 'for (const topic of [...this.#news.keys()]) if (!isOwn(topic)) this.#news.delete(topic);',
			instead: '',
		},
	],
	'who loses people goes on to watch them': {
		file: 'dispatcher/presence.ts',
		line: "if (!isOwn(topicOf('user', user))) this.#entries.delete(user);",
		instead: '',
	},
	'an owner that is new shows as gone whom it has not heard of yet': {
		file: 'dispatcher/presence.ts',
		line: "if (entry === undefined && doubt === 'gained') return newest;",
		instead: '',
	},
	'who is heard of again is not watched any more': {
		file: 'dispatcher/presence.ts',
		line: 'this.#set(entry);\n\t\t\treturn;',
		instead: 'return;',
	},
	'who comes is not told': {
		file: 'dispatcher/presence.ts',
		line: "if (doubt === 'none') this.#tell(topic, online, wallTime);",
		instead: "if (doubt === 'none') this.counters.online++;",
	},
	'who is gone when a quarantine ends stays': {
		file: 'dispatcher/presence.ts',
		line: 'if (this.#quarantine.takeEnded(now)) this.#makeSure(now, wallTime);',
		instead: 'this.#quarantine.takeEnded(now);',
	},
	'who is gone is told though a frontend goes by another view': {
		file: 'dispatcher/presence.ts',
		line: 'const unsureUntil = this.#dispatch.settled ? 0 : Math.min(now + this.#graceMs, entry.heardAt + 2 * this.#goneMs);',
		instead: 'const unsureUntil = 0;',
	},
	'one device that goes takes the others with it': {
		file: 'frontend/hub.ts',
		line: 'if (left > 0) this.#users.set(user, left);',
		instead: 'if (left > 1) this.#users.set(user, left);',
	},
	'heartbeats are told once': {
		file: 'frontend/heartbeats.ts',
		line: 'for (const user of this.#parts[this.#part] ?? []) this.#want(user, now);',
		instead: '',
	},
	'who went is told of for ever': {
		file: 'frontend/heartbeats.ts',
		line: 'if (!part.delete(user)) return;',
		instead: 'if (!part.has(user)) return;',
	},
} satisfies Record<string, PlantedLine | readonly PlantedLine[]>;

/** Few schedules find this one, so the search begins where one does: that is how many it takes from the first on. */
const FIRST_SEEDS: Partial<Record<string, number>> = {
	'who gains people is sure of them at once': 115,
	'who is gone is told though a frontend goes by another view': 1_440,
} satisfies Partial<Record<keyof typeof BUGS, number>>;

/** Within so many schedules the simulation has to find a bug. */
const SCHEDULES = 1_000;

/** So many schedules are new each time. */
const UNKNOWN_SCHEDULES = 60;

describe('the simulation of who is there', () => {
	test.each(Object.entries(BUGS))('finds that %s', { timeout: 240_000 }, async (name, bug) => {
		const { simulatePresence } = await presenceWith(...[bug].flat());
		const first = FIRST_SEEDS[name] ?? 1;
		expect(() => {
			for (let seed = first; seed < first + SCHEDULES; seed++) simulatePresence(seed);
		}).toThrow(/^seed \d+ of presence/);
	});

	test('holds for schedules that nobody chose', { timeout: 60_000 }, async () => {
		const { simulatePresence } = await presenceWith();
		const first = Math.floor(Math.random() * 1e9);
		// A failure names its seed.
		for (let seed = first; seed < first + UNKNOWN_SCHEDULES; seed++) simulatePresence(seed);
	});
});
