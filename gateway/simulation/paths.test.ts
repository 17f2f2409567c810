import { expect, test } from 'vitest';
import { simulate } from './simulation.ts';
import { Counts } from './world.ts';

/** What machines count, and what happens to nodes and viewers: a path that is never taken is not tested. */
const PATHS = [
	'forwarded',
	'floods',
	'unanswered',
	'retries',
	'detours',
	'givenUp',
	'routed',
	'unsettled',
	'misrouted',
	'reads',
	'reads that failed',
	'registrations told again',
	'answers that came late, or again',
	'requests that were stale',
	'rings that changed',
	'dispatchers that joined',
	'Likes nodes killed once they stored',
	'Likes nodes killed once they answered',
	'nodes killed and restarted',
	'nodes killed for good',
	'nodes that left',
	'nodes that left and came back',
	'zombies',
	'ways cut',
	'viewers who stopped reading',
	'viewers who came back',
];

const SCHEDULES = 300;

test(`${SCHEDULES} schedules take every path, and all ends well`, { timeout: 60_000 }, () => {
	const counts = new Counts();
	for (let seed = 1; seed <= SCHEDULES; seed++) counts.addAll(simulate(seed).counts.entries());
	expect(PATHS.filter((path) => counts.get(path) === 0)).toEqual([]);
});
