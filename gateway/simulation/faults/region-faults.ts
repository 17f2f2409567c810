import { REGION_DEADLINE_MS } from '../../src/regions/region-calls.ts';
import type { Network } from '../engine/network.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import type { ClusterFaults } from './cluster-faults.ts';

/**
 * The longest time that a link is cut, that a whole region is away, and that its Likes nodes are, in
 * milliseconds.
 */
const MAX_CUT_MS = 9_000;
const MAX_AWAY_MS = 1_000;
const MAX_LIKES_AWAY_MS = 4_000;

/**
 * The longest time after a cut until all nodes of a region die, in milliseconds; no other region has
 * their last likes.
 */
const MAX_CUT_OFF_MS = 2_500;

/** The faults of a region; the others stay whole. */
const KINDS = ['cut', 'cut one way', 'isolate', 'restart cut off', 'stop likes'] as const;
type Kind = (typeof KINDS)[number];

/** A failure so short that only the next relay is lost, in milliseconds. */
const FAILURE_MS = 300;

/** The longest time for the scan after a failure of one relay, in milliseconds: one page after the other. */
const MAX_SCAN_MS = 1_500;

/**
 * The shortest and the longest restore of a store, in milliseconds: less and more than the deadline of
 * another region.
 */
const MIN_RESTORE_MS = 20;
const MAX_RESTORE_MS = 4_000;

/** A region and the faults of its nodes. */
export interface FaultyRegion {
	readonly environment: ClusterEnvironment;
	readonly faults: ClusterFaults;
}

export interface RegionFaultsOptions {
	readonly regions: readonly FaultyRegion[];
	readonly links: Network;
	/** Called with a time in which another region does not receive updates, or cannot store them. */
	readonly onLoss: (from: number, until: number) => void;
}

/** The faults of whole regions, and of the links between them. */
export class RegionFaults {
	/** The end of all faults, in milliseconds. */
	endsAt = 0;
	/** Whether a store went back to an older copy. */
	restores = false;
	/** The times at which Likes nodes are killed; a dispatcher may not have received what they stored last. */
	readonly likesKills: { readonly region: string; readonly at: number }[] = [];
	readonly #options: RegionFaultsOptions;

	constructor(options: RegionFaultsOptions) {
		this.#options = options;
	}

	/** Plans one fault of `kinds`. */
	draw(at: number, kinds: readonly Kind[] = KINDS): void {
		const { regions, links } = this.#options;
		const { clock, random, counts } = this.#environment;
		const hit = random.pick(regions);
		const { region } = hit.environment;
		const other = random.pick(regions.filter((one) => one !== hit)).environment.region;
		const kind = random.pick(kinds);
		const durationMs = random.integer(200, MAX_CUT_MS);
		counts.add(`regions: ${kind}`);
		switch (kind) {
			case 'cut':
			case 'cut one way': {
				this.#end(at + durationMs);
				clock.at(at, () => {
					links.cut(region, other, durationMs);
					if (kind === 'cut') links.cut(other, region, durationMs);
				});
				return;
			}
			case 'isolate':
				this.#isolate(hit, at, durationMs);
				return;
			case 'restart cut off': {
				const diesAt = at + random.next() * Math.min(durationMs, MAX_CUT_OFF_MS);
				const restMs = random.integer(5, MAX_AWAY_MS);
				// Nodes that come back once the links are whole again have missed no failed relay.
				const awayMs = random.chance(0.5) ? restMs : at + durationMs - diesAt + restMs;
				if (random.chance(0.3)) this.#failBefore(hit, at);
				this.#isolate(hit, at, durationMs);
				hit.faults.restart(() => true, diesAt, awayMs);
				this.#end(diesAt + awayMs);
				this.#options.onLoss(at, diesAt);
				return;
			}
			case 'stop likes': {
				const awayMs = random.integer(5, MAX_LIKES_AWAY_MS);
				this.#stopLikes(hit, at, awayMs);
				this.#options.onLoss(at, at + awayMs);
			}
		}
	}

	/** The store of a region goes back to an older copy, while its Likes nodes are away. */
	restore(at: number): void {
		const { random, counts } = this.#environment;
		const hit = random.pick(this.#options.regions);
		const { store, clock } = hit.environment;
		const awayMs = random.integer(MIN_RESTORE_MS, MAX_RESTORE_MS);
		const share = random.chance(0.3) ? random.next() * 0.1 : random.next();
		this.restores = true;
		counts.add('stores restored');
		clock.at(at, () => store.stop());
		this.#stopLikes(hit, at, awayMs, () => store.restore(share));
	}

	get #environment(): ClusterEnvironment {
		const [first] = this.#options.regions;
		if (first === undefined) throw new Error('no region');
		return first.environment;
	}

	#stopLikes({ environment, faults }: FaultyRegion, at: number, awayMs: number, halfway?: () => void): void {
		this.likesKills.push({ region: environment.region, at });
		faults.restart(({ roles }) => roles.includes('likes'), at, awayMs, halfway);
		this.#end(at + awayMs);
	}

	/**
	 * Makes a region greet before a fault, so that another region is reading its changes when the fault
	 * comes.
	 */
	#failBefore(hit: FaultyRegion, at: number): void {
		const { random } = this.#environment;
		const greetsAt = Math.max(REGION_DEADLINE_MS, at - random.next() * MAX_SCAN_MS);
		const failsAt = greetsAt - REGION_DEADLINE_MS;
		this.#isolate(hit, failsAt, FAILURE_MS);
		this.#options.onLoss(failsAt, failsAt + FAILURE_MS);
	}

	#isolate({ environment }: FaultyRegion, at: number, durationMs: number): void {
		const { regions, links } = this.#options;
		this.#end(at + durationMs);
		environment.clock.at(at, () => {
			for (const other of regions) {
				if (other.environment === environment) continue;
				links.cut(environment.region, other.environment.region, durationMs);
				links.cut(other.environment.region, environment.region, durationMs);
			}
		});
	}

	#end(at: number): void {
		this.endsAt = Math.max(this.endsAt, at);
	}
}
