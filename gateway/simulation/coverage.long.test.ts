import { expect, test } from 'vitest';
import {
	clusterWithMutants,
	presenceWithMutants,
	regionsWithMutants,
	signalsWithMutants,
} from './mutants/simulations.ts';
import { Counts } from './node/environment.ts';

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
	'logs that were resumed',
	'holes of logs fetched',
	'beginnings of logs fetched',
	'fetches of logs that failed',
	'floods of comments',
	'gaps: lost',
	'gaps: unknown_position',
];

/** The same of regions. */
const PATHS_OF_REGIONS = [
	'relays',
	'relays that greeted',
	'relays that failed',
	'relays that were too long',
	'relayRetries',
	'relayed',
	'regions taken over',
	'regions taken over anew',
	'epochs that others told',
	'regions that could not be taken over',
	'news of other regions that could not be stored',
	'words of other regions that came again, late',
	'dispatchers killed once they heard of another region',
	'stores restored',
	'gaps: restored',
	'ids of comments used again: same user',
	'ids of comments used again: other user',
	'ids of comments used again: refused',
	'logs of other regions asked for',
	'events of other regions that were missed',
	'logs that were resumed',
	'regions: cut',
	'regions: cut one way',
	'regions: isolate',
	'regions: restart cut off',
	'regions: stop likes',
];

/** The same of who is there. */
const PATHS_OF_PRESENCE = [
	'heartbeats',
	'heartbeats sent again',
	'online',
	'offline',
	'uncertain',
	'told online',
	'told offline',
	'devices that came',
	'presence that could not be stored',
	'changes of owners alone',
	'rings that changed',
	'zombies',
	'nodes that left',
	'nodes killed and restarted',
	'ways cut',
];

const PATHS_OF_SIGNALS = [
	'signals: custom',
	'signals: typing',
	'signals that had to be there at once',
	'signals that had to be there in the end',
	'clocks set back',
	'zombies',
	'nodes killed and restarted',
	'regions: cut',
	'regions: isolate',
	'regions: restart cut off',
	'regions: stop likes',
	'relays that failed',
];

// They run as bundles, with no mutant on: what Vitest transforms itself is slower by a quarter.
test.each([
	['a cluster', 300, PATHS, clusterWithMutants],
	['regions', 100, PATHS_OF_REGIONS, regionsWithMutants],
	['presence', 80, PATHS_OF_PRESENCE, presenceWithMutants],
	['signals', 60, PATHS_OF_SIGNALS, signalsWithMutants],
])(
	'schedules of %s, %i of them, take every path, and all end well',
	{
		timeout: 1_200_000,
	},
	async (_, schedules, paths, build) => {
		const { simulate } = await build();
		const counts = new Counts();
		for (let seed = 1; seed <= schedules; seed++) counts.addAll(simulate(seed).counts.entries());
		expect(paths.filter((path) => counts.get(path) === 0)).toEqual([]);
		expect(counts.get('words of other regions that were refused')).toBe(0);
	},
);
