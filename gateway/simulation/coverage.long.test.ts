import { expect, test } from 'vitest';
import { Counts } from './engine/counts.ts';
import {
	clusterWithMutants,
	presenceWithMutants,
	regionsWithMutants,
	signalsWithMutants,
} from './mutants/simulations.ts';

/** The paths that machines, nodes and viewers count: a path that no schedule takes is not tested. */
const PATHS = [
	'forwarded',
	'floods',
	'unanswered',
	'retries',
	'indirect',
	'givenUp',
	'routed',
	'unsettled',
	'misrouted',
	'reads',
	'reads that failed',
	'registrations sent again',
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
	'nodes stopped for a while',
	'links cut',
	'viewers that stopped reading',
	'viewers that came back',
	'logs that were resumed',
	'holes of logs fetched',
	'beginnings of logs fetched',
	'fetches of logs that failed',
	'floods of comments',
	'gaps: lost',
	'gaps: unknown_position',
];

/** The same for regions. */
const PATHS_OF_REGIONS = [
	'relays',
	'relays that greeted',
	'relays that failed',
	'relays that were too long',
	'relayRetries',
	'relayed',
	'regions synced',
	'regions synced in a new epoch',
	'epochs learned from peers',
	'regions that could not be synced',
	'updates of other regions that could not be stored',
	'messages of other regions that came again, late',
	'dispatchers killed once they received a relay',
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

/** The same for presence. */
const PATHS_OF_PRESENCE = [
	'heartbeats',
	'heartbeats sent again',
	'online',
	'offline',
	'uncertain',
	'sent online',
	'sent offline',
	'devices that came',
	'presence that could not be stored',
	'changes of owners alone',
	'rings that changed',
	'nodes stopped for a while',
	'nodes that left',
	'nodes killed and restarted',
	'links cut',
];

/** The same for signals. */
const PATHS_OF_SIGNALS = [
	'signals: custom',
	'signals: typing',
	'signals that had to arrive at once',
	'signals that had to arrive at the end',
	'clocks set back',
	'nodes stopped for a while',
	'nodes killed and restarted',
	'regions: cut',
	'regions: isolate',
	'regions: restart cut off',
	'regions: stop likes',
	'relays that failed',
];

// They run as bundles, with no mutant on: code that Vitest transforms itself is slower by a quarter.
const SCHEDULES = 300;
const SCHEDULES_OF_REGIONS = 100;
const SCHEDULES_OF_PRESENCE = 80;
const SCHEDULES_OF_SIGNALS = 60;

test(`the simulation of a cluster takes every path in ${SCHEDULES} schedules`, { timeout: 1_200_000 }, async () => {
	const { simulate } = await clusterWithMutants();
	const counts = new Counts();
	for (let seed = 1; seed <= SCHEDULES; seed++) counts.addAll((await simulate(seed)).counts.entries());
	expect(PATHS.filter((path) => counts.get(path) === 0)).toEqual([]);
});

test(`the simulation of regions takes every path in ${SCHEDULES_OF_REGIONS} schedules`, {
	timeout: 1_200_000,
}, async () => {
	const { simulate } = await regionsWithMutants();
	const counts = new Counts();
	for (let seed = 1; seed <= SCHEDULES_OF_REGIONS; seed++) counts.addAll((await simulate(seed)).counts.entries());
	expect(PATHS_OF_REGIONS.filter((path) => counts.get(path) === 0)).toEqual([]);
	expect(counts.get('messages of other regions that were rejected')).toBe(0);
});

test(`the simulation of presence takes every path in ${SCHEDULES_OF_PRESENCE} schedules`, {
	timeout: 1_200_000,
}, async () => {
	const { simulate } = await presenceWithMutants();
	const counts = new Counts();
	for (let seed = 1; seed <= SCHEDULES_OF_PRESENCE; seed++) counts.addAll((await simulate(seed)).counts.entries());
	expect(PATHS_OF_PRESENCE.filter((path) => counts.get(path) === 0)).toEqual([]);
});

test(`the simulation of signals takes every path in ${SCHEDULES_OF_SIGNALS} schedules`, {
	timeout: 1_200_000,
}, async () => {
	const { simulate } = await signalsWithMutants();
	const counts = new Counts();
	for (let seed = 1; seed <= SCHEDULES_OF_SIGNALS; seed++) counts.addAll((await simulate(seed)).counts.entries());
	expect(PATHS_OF_SIGNALS.filter((path) => counts.get(path) === 0)).toEqual([]);
});
