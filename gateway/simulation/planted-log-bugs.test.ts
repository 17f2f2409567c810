import { describe } from 'vitest';
import { findsBugs, type PlantedBug } from './find-bugs.ts';
import { type PlantedLine, regionsWith, simulationWith } from './plant.ts';

/**
 * What the log of a topic, and how many watch it, is told by; each of these rules alone prevents something. Others heal
 * each other: an event that is held is fetched when it is not, an event that came before is never next, a duplicate is
 * read from the store when it is not told again, and who waits tries once more before it gives up.
 */
const BUGS: Record<string, PlantedBug> = {
	'a cursor stands before its event': {
		file: 'frontend/log-part.ts',
		line: 'positions.set(entry.region, { epoch: entry.epoch, offset: entry.offset });',
		instead: 'positions.set(entry.region, { epoch: entry.epoch, offset: entry.offset - 1 });',
	},
	'a cursor stands behind the event that comes next': {
		file: 'frontend/log-part.ts',
		line: 'positions.set(entry.region, { epoch: entry.epoch, offset: entry.offset });',
		instead: 'positions.set(entry.region, { epoch: entry.epoch, offset: entry.offset + 1 });',
	},
	'a hole is given up in silence': {
		file: 'frontend/log-order.ts',
		line: "this.#skip(region, log, 'lost');",
		instead: 'log.missingSince = undefined;',
	},
	'a hole is skipped, and not fetched': {
		file: 'frontend/log-order.ts',
		line: 'log.fetch = { region, epoch: log.epoch, after: log.offset, limit: MAX_FETCHED };\n\t\t\t\tfetches.push(log.fetch);',
		instead: 'log.retryAt = now;',
	},
	'what was fetched is told though it came meanwhile': {
		file: 'frontend/log-order.ts',
		line: 'if (this.#begun && event.offset === log.offset + 1)',
		instead: 'if (this.#begun && event.offset <= log.offset + 1)',
	},
	'heads are ignored': {
		file: 'frontend/log-order.ts',
		line: 'if (log !== undefined) log.head = Math.max(log.head, logHeadOf(row));',
		instead: '',
	},
	'the ring is served past its start': {
		file: 'frontend/log-fronts.ts',
		line: "if (offset >= start) return 'here';",
		instead: "if (offset >= 0) return 'here';",
	},
	'what was fetched for the front is in the wrong order': {
		file: 'frontend/log-fronts.ts',
		line: 'fitting.unshift(event);',
		instead: 'fitting.push(event);',
	},
	'who comes back is told what is new before what it missed': {
		file: 'frontend/connection.ts',
		line: 'const wrote = this.#bring(topic.silentState, now);',
		instead: 'const wrote = this.#bring(topic.state, now);',
	},
	'who comes back and is ahead of the frontend goes on where that is': {
		file: 'frontend/log-part.ts',
		line: "if (isAhead) return now < giveUpAt ? undefined : this.gap('unknown_position');",
		instead: '',
	},
	'who is far behind is told only what is new': {
		file: 'frontend/log-part.ts',
		line: 'return told.next === this.mark.next',
		instead: 'return told.next + 2 < this.mark.next',
	},
	'two events of a transaction get one number': {
		file: 'store/sqlite-log.ts',
		line: ' + gains.addedTo(subject, LOG_HEAD);',
		instead: ' + 1;',
	},
	'a comment that was deleted keeps its text, so it is deleted again': {
		file: 'store/sqlite-log.ts',
		line: 'this.#statements.erase.run(topic, id);',
		instead: '',
	},
	'what was told before a comment was deleted is told on': {
		file: 'frontend/log-ring.ts',
		line: "entry.text = '';",
		instead: '',
	},
	'viewers who came while the window was closed are not counted': {
		file: 'dispatcher/audience-counts.ts',
		line: 'if (this.#waiting.delete(topic)) this.#changed.add(topic);',
		instead: 'this.#waiting.delete(topic);',
	},
	'viewers are told of news of the log, and its values wait': {
		file: 'frontend/topic.ts',
		line: 'if (this.state !== undefined && !hasLikes && !hasValues && !hasLog) return;',
		instead: 'if (this.state !== undefined && !hasLikes && !hasLog) return;',
	},
};

/** And what the logs of several regions are kept apart by. */
const REGION_BUGS: Record<string, PlantedBug> = {
	'a store that was restored goes on with its old log': {
		file: 'frontend/log-order.ts',
		line: 'if (known !== undefined && epoch <= known.epoch) return epoch === known.epoch ? known : undefined;',
		instead: 'if (known !== undefined) return known;',
	},
	'that a store was restored is not told': {
		file: 'frontend/log-order.ts',
		line: "this.#skip(region, log, 'restored');",
		instead: 'log.missingSince = undefined;',
	},
	'a restored store with an empty log is not asked': {
		file: 'frontend/log-order.ts',
		line: 'return head > offset || restored;',
		instead: 'return head > offset;',
	},
	'cursors know one region only': {
		file: 'frontend/log-part.ts',
		line: 'const positions = new Map(this.mark.positions);\n\t\tconst comments',
		instead: 'const positions = new Map();\n\t\tconst comments',
	},
	'rows of logs are relayed, and their events are not': {
		file: 'regions/lanes.ts',
		line: 'const log = onlyOwn(region, update.log);',
		instead: 'const log = undefined;',
	},
};

describe('the simulation', () => {
	const build = (...lines: readonly PlantedLine[]) => simulationWith(...lines).then(({ simulate }) => simulate);
	findsBugs({ bugs: BUGS, build, failure: /^seed \d+/, schedules: 2_000 });
});

describe('the simulation of regions', () => {
	const build = (...lines: readonly PlantedLine[]) =>
		regionsWith(...lines).then(({ simulateRegions }) => simulateRegions);
	findsBugs({ bugs: REGION_BUGS, build, failure: /^seed \d+ of regions/, schedules: 1_000 });
});
