import { RETRY_MS } from '../../src/outbox/outbox.ts';
import { REGION_DEADLINE_MS } from '../../src/regions/region-calls.ts';
import { hashText } from '../../src/state/hash.ts';
import { running, unsettled, wrongRow } from '../checks/cluster-checker.ts';
import { type RegionVerdictOptions, untrueAnywhere } from '../checks/region-checker.ts';
import { miscounted } from '../checks/viewer-count-checker.ts';
import { Timeline } from '../engine/clock.ts';
import { FAIR, Network } from '../engine/network.ts';
import { Random } from '../engine/random.ts';
import { RegionFaults } from '../faults/region-faults.ts';
import { Counts, Violation, type World } from '../node/environment.ts';
import { WrittenLogs } from '../store/log-history.ts';
import { SimulatedStore } from '../store/simulated-store.ts';
import { Clients } from '../workload/clients.ts';
import type { Summary } from './cluster.ts';
import { openRegion, type Region } from './open-region.ts';

const REGIONS = ['us', 'eu', 'ap'];

/** People like for so long at the least, in milliseconds, and around every fault for so long. */
const LIKES_MS = 4_000;
const BURST_MS = 1_500;

/** In so many schedules nobody says anything any more once the last fault has begun. */
const HUSHED = 0.4;

/** What a region lacks for good after some fault of its links, unless it asks. */
const LOSSES = ['restart cut off', 'restart cut off', 'restart cut off', 'stop likes'] as const;

/** A like may be under way for so long, in milliseconds. */
const LATE_MS = 500;

/** Once links are whole and regions are back, all regions agree so soon, in milliseconds. */
const LINKED_MS = 5_000;

/** A node that lives publishes a commit within this time, in milliseconds, and sends it again when it did not arrive. */
const UNPUBLISHED_MS = 1_000;

/** What a dispatcher took with it that died with news of another region comes with the next question what changed, so soon, in milliseconds. */
const CAUGHT_UP_MS = 35_000;

/**
 * What a store said before it was restored is gone so soon, in milliseconds: the next question tells of its new epoch, and
 * who asked it tells the other dispatchers with its pings.
 */
const REPLACED_MS = 35_000;

/** Clusters settle so soon after the last fault, in milliseconds. */
const SETTLED_MS = 15_000;

/** Once settled, everybody everywhere sees a like so soon, in milliseconds; … */
const TOLD_MS = 900;

/** Dispatchers of a region that may be gone for good without a word: one of a fault, and one that a trap killed. */
const GONE_DISPATCHERS = 2;

/** … and so soon where dispatchers are gone for good: a node that has not asked them yet waits for each in vain first. */
const TOLD_BY_OTHERS_MS = TOLD_MS + GONE_DISPATCHERS * (REGION_DEADLINE_MS + RETRY_MS);

/** So long all has to be well, in milliseconds. */
const CALM_MS = 1_250;

/** How often things are looked at while they heal, in milliseconds. */
const LOOK_MS = 250;

/** So long nobody likes anything, in milliseconds: every region is asked what changed, and every topic is read. */
const REST_MS = 35_000;

/** In some schedules relays are cut to so many bytes, and refused when they have more than half of that: an event has about 400. */
const RELAY_BYTES = 2_048;

/** What befalls regions: links, and regions as a whole; single nodes besides; or stores that are restored. */
type Kind = 'links' | 'nodes' | 'restores';

/**
 * One schedule of two or three regions, each a cluster around a store of its own, with people who like and watch. Links
 * between regions fail, nodes and whole regions die, stores are restored from older copies. The seed decides all of it.
 * Throws a {@link Violation} when a viewer was ever told something that does not add up, when a region sent on what was
 * not its own, or when, after the last fault and without another like, viewers and stores of all regions do not agree in
 * time.
 */
export function simulateRegions(seed: number): Summary {
	const random = new Random(seed);
	const logs = new WrittenLogs();
	const stores = REGIONS.slice(0, random.chance(0.25) ? 3 : 2).map((region) => new SimulatedStore(region, logs));
	try {
		return new RegionSchedule(random, stores, logs).run();
	} catch (error) {
		if (!(error instanceof Violation)) throw error;
		throw new Violation(`seed ${seed} of regions: ${error.message}`);
	} finally {
		for (const store of stores) store.close();
	}
}

class RegionSchedule {
	readonly #timeline = new Timeline();
	readonly #random: Random;
	readonly #counts = new Counts();
	readonly #kind: Kind;
	readonly #videos: readonly string[];
	readonly #isFair: boolean;
	readonly #takeBacks: boolean;
	readonly #ways: Network;
	readonly #clients: Clients;
	readonly #logs: WrittenLogs;
	readonly #faults: RegionFaults;
	readonly #regions: readonly Region[];
	/** Until then people like, and viewers do something. */
	readonly #whimsUntil: number;
	/** Nothing fails, and nothing is to be missing. */
	#isWhole = false;

	constructor(random: Random, stores: readonly SimulatedStore[], logs: WrittenLogs) {
		const timeline = this.#timeline;
		this.#random = random;
		this.#logs = logs;
		this.#kind = random.pick(['links', 'links', 'nodes', 'restores']);
		this.#takeBacks = random.chance(0.4);
		this.#videos = ['v1', `v${random.integer(2, 49)}`, `v${random.integer(50, 99)}`];
		this.#ways = new Network(timeline, random);
		// Where every word that is lost makes a region ask what it missed, nothing else would have to heal anything.
		this.#isFair = random.chance(0.5);
		this.#ways.weather = {
			drop: this.#isFair ? 0 : random.next() * 0.3,
			duplicate: random.next() * 0.3,
			maxDelayMs: random.pick([50, 300, this.#isFair ? 300 : 1_000]),
		};
		const clients = new Clients({
			timeline,
			random,
			videos: this.#videos,
			weather: {
				drop: random.next() * 0.4,
				duplicate: random.next() * 0.4,
				maxDelayMs: random.pick([10, LATE_MS]),
			},
			takeBacks: this.#takeBacks,
			mayForget: this.#kind === 'restores',
			// A store that forgot whose an id is may give it to another user.
			reuses: this.#kind !== 'restores',
			clocksJump: random.chance(0.5),
			likesFor: (route) => {
				// A like or a comment belongs to the region where it was first tried; a deletion may be repeated anywhere.
				const index =
					route === 'any region' ? random.integer(0, this.#regions.length - 1) : hashText(route) % this.#regions.length;
				const { world, likesNodes } = this.#regions[index] as Region;
				const isUp = (node: string) => world.nodes.get(node)?.process.isDead === false;
				// Balancers learn in time which nodes are gone.
				const balanced = timeline.now > this.#endsAt;
				return world.nodes.get(random.pick(likesNodes.filter((name) => !balanced || isUp(name))))?.likes;
			},
		});
		this.#clients = clients;
		// What is lost with the last fault heals by nothing that is said of the same video later, and by few other faults.
		const isHushed = random.chance(HUSHED);
		const times = Array.from({ length: random.integer(1, isHushed ? 2 : 4) }, () => random.integer(500, 8_000));
		this.#whimsUntil = Math.max(LIKES_MS, ...times.map((time) => time + 2_000));
		this.#regions = this.#openRegions(stores);
		const lastAt = Math.max(...times);
		const restoreAt = isHushed ? lastAt : times[0];
		this.#faults = new RegionFaults({
			regions: this.#regions,
			ways: this.#ways,
			onLoss: (from, until) => clients.burst(from, until - from),
		});
		for (const time of times) {
			if (this.#kind === 'restores' && (time === restoreAt || random.chance(0.3))) this.#faults.restore(time);
			else if (this.#kind === 'links' && isHushed && time === lastAt) this.#faults.draw(time, LOSSES);
			else this.#faults.draw(time);
		}
		const speakUntil = isHushed ? lastAt : this.#whimsUntil;
		for (let like = random.integer(3, 20); like > 0; like--) clients.like(random.next() * speakUntil);
		for (let comment = random.integer(0, 10); comment > 0; comment--) clients.comment(random.next() * speakUntil);
		for (let receipt = random.integer(0, 6); receipt > 0; receipt--) clients.read(random.next() * speakUntil);
		for (let like = random.integer(0, 10); like > 0; like--) clients.likeComment(random.next() * speakUntil);
		// Some at once, in one transaction.
		for (const time of isHushed ? [] : times)
			clients.burst(time + random.next() * BURST_MS, random.pick([1, BURST_MS]));
	}

	run(): Summary {
		const timeline = this.#timeline;
		const endsAt = this.#endsAt;
		timeline.runUntil(endsAt);
		this.#ways.weather = FAIR;
		this.#clients.calm();
		for (const { world, audience } of this.#regions) {
			world.readFaults = 0;
			if (world.abroad) world.abroad.replays = 0;
			timeline.after(this.#random.next() * LATE_MS, () => audience.wakeUp());
		}
		timeline.runUntil(endsAt + LATE_MS);
		this.#heal(endsAt);
		this.#isWhole = true;
		this.#likeAndWatch();
		if (this.#random.chance(0.2)) this.#rest();
		for (const node of this.#regions.flatMap(({ lives }) => lives)) {
			this.#counts.addAll(Object.entries(node.exchange.relayQueues.counters));
		}
		this.#counts.addAll(this.#clients.commenters.reuses.entries());
		const connections = this.#regions.reduce((sum, { audience }) => sum + audience.connections, 0);
		return {
			likes: this.#clients.likers.given,
			comments: this.#clients.commenters.written,
			connections,
			counts: this.#counts,
		};
	}

	#openRegions(stores: readonly SimulatedStore[]): Region[] {
		const worlds = new Map<string, World>();
		const regions = stores.map((store) =>
			openRegion({
				store,
				worlds,
				timeline: this.#timeline,
				random: this.#random,
				counts: this.#counts,
				ways: this.#ways,
				likers: this.#clients.likers,
				logs: this.#logs,
				onGap: (reason) => this.#onGap(reason),
				videos: this.#videos,
				mayFall: this.#takeBacks || this.#kind === 'restores',
				nodesFail: this.#kind === 'nodes',
				relayBytes: hashText(this.#videos.join()) % 4 === 0 ? RELAY_BYTES : undefined,
				whimsUntil: this.#whimsUntil,
			}),
		);
		for (const { world } of regions) worlds.set(world.region, world);
		return regions;
	}

	/** All is whole again then, and nobody does anything any more. */
	get #endsAt(): number {
		const ends = this.#regions.map(({ faults }) => faults.endsAt);
		return Math.max(this.#faults.endsAt, this.#clients.lastAt, this.#whimsUntil, ...ends);
	}

	#onGap(reason: string): void {
		this.#counts.add(`gaps: ${reason}`);
		if (reason === 'restored' && !this.#faults.restores) {
			throw new Violation('a gap says that a store was restored, which none was');
		}
		// Of a log that was lost as a whole that shows with the first event that comes after it.
		if (this.#isWhole && reason !== 'restored') throw new Violation(`settled, and yet a gap: ${reason}`);
	}

	get #verdict(): RegionVerdictOptions {
		return {
			regions: this.#regions,
			videos: this.#videos,
			clients: this.#clients,
			logs: this.#logs,
			restored: this.#faults.restores,
		};
	}

	/** Waits until all is well again, and no longer than that may take. */
	#heal(endsAt: number): void {
		const timeline = this.#timeline;
		const boundMs = { links: LINKED_MS, nodes: CAUGHT_UP_MS, restores: REPLACED_MS }[this.#kind];
		let doubts = 0;
		for (let calm = 0; calm * LOOK_MS < CALM_MS; ) {
			timeline.runUntil(timeline.now + LOOK_MS);
			const since = Math.round(timeline.now - endsAt);
			const wrong = untrueAnywhere(this.#verdict);
			const doubt = this.#doubt();
			doubts = doubt === undefined ? 0 : doubts + 1;
			calm = wrong === undefined && doubt === undefined ? calm + 1 : 0;
			if (wrong !== undefined && since > (this.#lacksUnpublished ? CAUGHT_UP_MS : boundMs)) {
				throw new Violation(`${since} ms after the last fault (${this.#kind}) ${wrong}`);
			}
			// A digest or a question may just be under way.
			if (doubt === undefined || doubts * LOOK_MS < CALM_MS || since < SETTLED_MS) continue;
			throw new Violation(`${since} ms after the last fault ${doubt}`);
		}
	}

	/**
	 * A Likes node that is killed right after a commit may not have published that: dispatchers find it when they read the
	 * topic again, and other regions with the next question what changed.
	 */
	get #lacksUnpublished(): boolean {
		const { likesKills } = this.#faults;
		if (likesKills.length === 0) return false;
		const { receipts } = this.#clients;
		if (this.#regions.some(({ world }) => receipts.missingIn(world) !== undefined)) return true;
		const logs = new Map(this.#logs.current());
		return likesKills.some(({ region, at }) => logs.get(region)?.wroteBetween(at - UNPUBLISHED_MS, at));
	}

	/** Why nodes of some region may still flood, or miss a row. */
	#doubt(): string | undefined {
		for (const { world } of this.#regions) {
			const doubt = unsettled(world) ?? wrongRow(world);
			if (doubt !== undefined) return doubt;
			const busy = running(world).find(({ exchange }) => !exchange.relayQueues.isIdle);
			if (busy !== undefined) return `${busy.name} still has something for another region`;
		}
		return undefined;
	}

	/** Nothing fails any more: likes have to arrive everywhere. */
	#likeAndWatch(): void {
		const timeline = this.#timeline;
		this.#clients.speak();
		timeline.runUntil(timeline.now + (this.#kind === 'nodes' ? TOLD_BY_OTHERS_MS : TOLD_MS));
		const wrong = untrueAnywhere(this.#verdict);
		if (wrong !== undefined) throw new Violation(`settled, ${wrong}`);
	}

	/** Nobody likes anything: once owners know all, nothing may go from region to region, and nothing be forgotten. */
	#rest(): void {
		const timeline = this.#timeline;
		timeline.runUntil(timeline.now + REST_MS);
		const before = this.#relayed();
		timeline.runUntil(timeline.now + REST_MS);
		const relayed = this.#relayed() - before;
		if (relayed > 0) throw new Violation(`nobody likes anything, and yet ${relayed} updates were relayed`);
		const audiences = this.#regions.map(({ audience }) => audience);
		const uncounted = miscounted(this.#videos, audiences);
		if (uncounted !== undefined) throw new Violation(`after a long rest ${uncounted}`);
		this.#likeAndWatch();
	}

	/** That somebody watches still is said again and again; that is no news. */
	#relayed(): number {
		return this.#counts.get('news relayed');
	}
}
