import { REGION_DEADLINE_MS } from '../../src/regions/region-calls.ts';
import type { Network } from '../engine/network.ts';
import type { World } from '../node/environment.ts';
import type { ClusterFaults } from './cluster-faults.ts';

/** The longest time that a way is cut, that all nodes of a region are away, and that its Likes nodes are, in milliseconds. */
const MAX_CUT_MS = 9_000;
const MAX_AWAY_MS = 1_000;
const MAX_LIKES_AWAY_MS = 4_000;

/** All nodes of a region die so soon after it was cut off, in milliseconds: with likes that nobody else knows. */
const MAX_CUT_OFF_MS = 2_500;

/** What may happen to a region: each leaves the others whole. */
const KINDS = ['cut', 'cut one way', 'isolate', 'restart cut off', 'stop likes'] as const;
type Kind = (typeof KINDS)[number];

/** So short a failure that nothing but the next relay is lost, in milliseconds, … */
const FAILURE_MS = 300;

/** … and so long what is asked for after it is under way, in milliseconds: pages, one after the other. */
const MAX_WALK_MS = 1_500;

/** To restore a store takes so long, in milliseconds: from less than an answer of another region takes to much more. */
const MIN_RESTORE_MS = 20;
const MAX_RESTORE_MS = 4_000;

/** A region with what happens within. */
export interface FaultyRegion {
	readonly world: World;
	readonly faults: ClusterFaults;
}

export interface RegionFaultsOptions {
	readonly regions: readonly FaultyRegion[];
	readonly ways: Network;
	/** What is said between these times, some region does not hear or cannot store. */
	readonly onLoss: (from: number, until: number) => void;
}

/** What happens to whole regions, and to the ways between them. */
export class RegionFaults {
	/** All is whole again. */
	endsAt = 0;
	/** Some store went back to an older copy. */
	restores = false;
	/** When Likes nodes are killed, and of which region; what they stored last may not have reached a dispatcher. */
	readonly likesKills: { readonly region: string; readonly at: number }[] = [];
	readonly #options: RegionFaultsOptions;

	constructor(options: RegionFaultsOptions) {
		this.#options = options;
	}

	/** Something happens: one of these. */
	draw(at: number, kinds: readonly Kind[] = KINDS): void {
		const { regions, ways } = this.#options;
		const { timeline, random, counts } = this.#world;
		const hit = random.pick(regions);
		const { region } = hit.world;
		const other = random.pick(regions.filter((one) => one !== hit)).world.region;
		const kind = random.pick(kinds);
		const durationMs = random.integer(200, MAX_CUT_MS);
		counts.add(`regions: ${kind}`);
		switch (kind) {
			case 'cut':
			case 'cut one way': {
				this.#end(at + durationMs);
				timeline.at(at, () => {
					ways.cut(region, other, durationMs);
					if (kind === 'cut') ways.cut(other, region, durationMs);
				});
				return;
			}
			case 'isolate':
				this.#isolate(hit, at, durationMs);
				return;
			case 'restart cut off': {
				const diesAt = at + random.next() * Math.min(durationMs, MAX_CUT_OFF_MS);
				const restMs = random.integer(5, MAX_AWAY_MS);
				// Those that come back when the ways are whole again have failed to reach nobody.
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

	/** The store of a region goes back to an older copy, while nobody uses it. */
	restore(at: number): void {
		const { random, counts } = this.#world;
		const hit = random.pick(this.#options.regions);
		const { store, timeline } = hit.world;
		const awayMs = random.integer(MIN_RESTORE_MS, MAX_RESTORE_MS);
		const share = random.chance(0.3) ? random.next() * 0.1 : random.next();
		this.restores = true;
		counts.add('stores restored');
		timeline.at(at, () => store.stop());
		this.#stopLikes(hit, at, awayMs, () => store.restore(share));
	}

	get #world(): World {
		const [first] = this.#options.regions;
		if (first === undefined) throw new Error('there is no region');
		return first.world;
	}

	#stopLikes({ world, faults }: FaultyRegion, at: number, awayMs: number, meanwhile?: () => void): void {
		this.likesKills.push({ region: world.region, at });
		faults.restart(({ roles }) => roles.includes('likes'), at, awayMs, meanwhile);
		this.#end(at + awayMs);
	}

	/** A region greets before something happens, so that it is just then being asked what changed there. */
	#failBefore(hit: FaultyRegion, at: number): void {
		const { random } = this.#world;
		const greetsAt = Math.max(REGION_DEADLINE_MS, at - random.next() * MAX_WALK_MS);
		const failsAt = greetsAt - REGION_DEADLINE_MS;
		this.#isolate(hit, failsAt, FAILURE_MS);
		this.#options.onLoss(failsAt, failsAt + FAILURE_MS);
	}

	#isolate({ world }: FaultyRegion, at: number, durationMs: number): void {
		const { regions, ways } = this.#options;
		this.#end(at + durationMs);
		world.timeline.at(at, () => {
			for (const other of regions) {
				if (other.world === world) continue;
				ways.cut(world.region, other.world.region, durationMs);
				ways.cut(other.world.region, world.region, durationMs);
			}
		});
	}

	#end(at: number): void {
		this.endsAt = Math.max(this.endsAt, at);
	}
}
