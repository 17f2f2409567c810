import { describe, expect, it } from 'vitest';
import { DRILL } from '../../gateway/simulation/mutants/drill.ts';
import { hasPostgres } from '../../local-cluster/nodes/local-postgres.ts';
import { drill, exitCodeOf } from './drill.ts';
import type { Topology } from './environment/topology.ts';
import type { Fault } from './fault.ts';
import { FAULTS } from './faults/all.ts';

/** The smallest cluster on which each mutant shows. */
const SMALL: Topology = { likes: 1, dispatchers: 2, frontends: 2, failpoints: true };

/** Two small regions. */
const SMALL_REGIONS: Topology = { regions: ['eu', 'us'], likes: 1, dispatchers: 1, frontends: 1, proxied: true };

/** Runs one fault on a small cluster with a mutant in every node, and expects the violation of the mutant. */
async function expectFailure(mutant: string, name: string, topology = SMALL): Promise<void> {
	const faults = FAULTS.flatMap((fault): Fault[] => (fault.name === name ? [{ ...fault, topology }] : []));
	const results = await drill(faults, {
		seed: 1,
		viewers: 12,
		likesPerSecond: 40,
		commentsPerSecond: 10,
		lastsMs: 2_000,
		ownNetwork: false,
		mutant,
		onProgress: () => undefined,
	});
	const { violates } = DRILL[mutant] ?? {};
	expect(results).toMatchObject([
		{ verdict: 'FAIL', reasons: expect.arrayContaining([expect.stringMatching(violates ?? /no such mutant/)]) },
	]);
	expect(exitCodeOf(results, { maySkip: true })).toBe(1);
}

describe('drill', () => {
	it.each([
		['a like that is sent again is counted again', 'likes-killed-before-answer'],
		['nothing is flooded', 'owner-killed'],
		['not every like is stored that is answered', 'nothing'],
		['a comment that is sent again is stored again', 'likes-killed-before-comment-answer'],
		['a frontend starts afresh for a viewer that comes back', 'frontend-killed'],
		['a viewer that comes back gets a comment twice', 'frontend-killed'],
	])('fails a gateway in which %s', { timeout: 300_000 }, expectFailure);

	it.skipIf(!hasPostgres() && process.env.CI === undefined)(
		'fails a gateway in which updates of another region are stored and not shown',
		{ timeout: 150_000 },
		() => expectFailure('updates of another region are stored and not shown', 'relays-mangled', SMALL_REGIONS),
	);
});
