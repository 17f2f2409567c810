import type { Clock } from '../engine/clock.ts';
import { Violation } from '../engine/violation.ts';
import type { RegionFaults } from '../faults/region-faults.ts';
import { running, unsettled, wrongRow } from './cluster-checker.ts';
import { type RegionCheckerOptions, type WatchedRegion, wrongStateAnywhere } from './region-checker.ts';

/** The longest time until all regions agree once links and regions are back, in milliseconds. */
const LINKED_MS = 5_000;

/** The longest time until a node that lives publishes a commit, in milliseconds. */
const UNPUBLISHED_MS = 1_000;

/** The longest time until a scan brings what a dispatcher had received when it died, in milliseconds. */
const CAUGHT_UP_MS = 35_000;

/**
 * The longest time until all that a store sent before its restore is gone, in milliseconds: an answer
 * brings the new epoch, and the dispatcher that asked sends it to the others with its pings.
 */
const REPLACED_MS = 35_000;

/** The longest time until clusters settle after the last fault, in milliseconds. */
const SETTLED_MS = 15_000;

/** The time for which all must be well, in milliseconds. */
const CALM_MS = 1_250;

/** The period between two checks, in milliseconds. */
const LOOK_MS = 250;

/** The faults of a schedule: of links and whole regions; also of single nodes; or also restores. */
export type RegionFaultKind = 'links' | 'nodes' | 'restores';

export interface RegionConvergenceOptions extends RegionCheckerOptions {
	readonly clock: Clock;
	readonly kind: RegionFaultKind;
	readonly faults: Pick<RegionFaults, 'likesKills'>;
}

/** Runs regions until all is well after the last fault. Throws a {@link Violation} when that takes too long. */
export function waitUntilRegionsConverged(options: RegionConvergenceOptions, endsAt: number): void {
	const { clock, kind, regions } = options;
	const boundMs = { links: LINKED_MS, nodes: CAUGHT_UP_MS, restores: REPLACED_MS }[kind];
	let unsettledLooks = 0;
	for (let calm = 0; calm * LOOK_MS < CALM_MS; ) {
		clock.runUntil(clock.now + LOOK_MS);
		const since = Math.round(clock.now - endsAt);
		const wrong = wrongStateAnywhere(options);
		const reason = unsettledRegion(regions);
		unsettledLooks = reason === undefined ? 0 : unsettledLooks + 1;
		calm = wrong === undefined && reason === undefined ? calm + 1 : 0;
		if (wrong !== undefined && since > (missesUnpublished(options) ? CAUGHT_UP_MS : boundMs)) {
			throw new Violation(`${since} ms after the last fault (${kind}) ${wrong}`);
		}
		// A digest or a question may just be under way.
		if (reason === undefined || unsettledLooks * LOOK_MS < CALM_MS || since < SETTLED_MS) continue;
		throw new Violation(`${since} ms after the last fault ${reason}`);
	}
}

/**
 * Returns whether a Likes node was killed right after a commit, before it published that: dispatchers
 * find it when they read the topic again, and other regions when they next ask what changed.
 */
function missesUnpublished({ faults, clients, regions, logs }: RegionConvergenceOptions): boolean {
	const { likesKills } = faults;
	if (likesKills.length === 0) return false;
	if (regions.some(({ environment }) => clients.receipts.missingIn(environment) !== undefined)) return true;
	const current = new Map(logs.current());
	return likesKills.some(({ region, at }) => current.get(region)?.wroteBetween(at - UNPUBLISHED_MS, at));
}

/** Returns why a region has not settled, or which row a node misses; undefined when all have settled. */
function unsettledRegion(regions: readonly WatchedRegion[]): string | undefined {
	for (const { environment } of regions) {
		const reason = unsettled(environment) ?? wrongRow(environment);
		if (reason !== undefined) return reason;
		const busy = running(environment).find(({ replication }) => !replication.relayQueues.isIdle);
		if (busy !== undefined) return `${busy.name} still has relays for another region`;
	}
	return undefined;
}
