import { describe } from 'vitest';
import { findsBugs, holdsForNewSchedules, type PlantedBug } from './find-bugs.ts';
import { type PlantedLine, presenceWith } from './plant.ts';

/**
 * What it takes to tell who is there, and who is not. One heartbeat that is lost, or that an owner which is new does not
 * get at once, is none of it: an entry and a quarantine outlive a whole period.
 */
const BUGS: Record<string, PlantedBug> = {
	'who gains people is sure of them at once': {
		file: 'dispatcher/presence.ts',
		line: 'this.#quarantine.left(this.#ring, now);',
		instead: '',
		firstSeed: 115,
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
		firstSeed: 1_440,
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
};

const build = (...lines: readonly PlantedLine[]) =>
	presenceWith(...lines).then(({ simulatePresence }) => simulatePresence);

describe('the simulation of who is there', () => {
	findsBugs({ bugs: BUGS, build, failure: /^seed \d+ of presence/, schedules: 1_000 });
	holdsForNewSchedules(build, 60);
});
