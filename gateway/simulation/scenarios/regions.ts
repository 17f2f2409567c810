import { RETRY_MS } from '../../src/outbox/outbox.ts';
import { REGION_DEADLINE_MS } from '../../src/regions/region-calls.ts';
import { hashText } from '../../src/state/hash.ts';
import { unneededGap } from '../checks/gap-checker.ts';
import { type RegionCheckerOptions, wrongStateAnywhere } from '../checks/region-checker.ts';
import { type RegionFaultKind, waitUntilRegionsConverged } from '../checks/region-convergence.ts';
import { wrongViewerCount } from '../checks/viewer-count-checker.ts';
import { Clock } from '../engine/clock.ts';
import { Counts } from '../engine/counts.ts';
import { FAIR, Network } from '../engine/network.ts';
import { Random } from '../engine/random.ts';
import { Violation } from '../engine/violation.ts';
import { RegionFaults } from '../faults/region-faults.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import type { Node } from '../node/node.ts';
import { LogHistories } from '../store/log-history.ts';
import { SimulatedStore } from '../store/simulated-store.ts';
import { Clients } from '../workload/clients.ts';
import { openRegion, type Region } from './open-region.ts';
import { runSchedule } from './run-schedule.ts';
import type { Summary } from './summary.ts';

const REGIONS = ['us', 'eu', 'ap'];

/** The errors of a clock, in milliseconds: none, a minute or a day. */
const CLOCK_ERRORS_MS = [0, 0, 60_000, -60_000, 86_400_000, -86_400_000];

/** The shortest time in which users like, and that around each fault, in milliseconds. */
const LIKES_MS = 4_000;
const BURST_MS = 1_500;

/** The share of schedules in which no client sends anything once the last fault has begun. */
const HUSHED = 0.4;

/** Faults after which a region misses something for good, unless it asks. */
const LOSSES = ['restart cut off', 'restart cut off', 'restart cut off', 'stop likes'] as const;

/** The longest time for which a like is under way, in milliseconds. */
const LATE_MS = 500;

/** The longest time until viewers of all regions receive a like once all settled, in milliseconds. */
const SENT_MS = 900;

/** The most dispatchers of a region that are gone for good: one by a fault, and one by a failpoint. */
const GONE_DISPATCHERS = 2;

/**
 * The longest time until viewers of all regions receive a like where dispatchers are gone for good, in
 * milliseconds: a node may have to wait for each of them first.
 */
const SENT_BY_OTHERS_MS = SENT_MS + GONE_DISPATCHERS * (REGION_DEADLINE_MS + RETRY_MS);

/** A time without likes, in milliseconds: every region is asked what changed, and every topic is read. */
const REST_MS = 35_000;

/** The cut of relays in some schedules, in bytes; regions refuse half of it. An event has some 400. */
const RELAY_BYTES = 2_048;

/** The probability that a store does not take what another region has, in some schedules. */
const WRITE_FAULTS = 0.3;

/**
 * Runs one schedule of two or three regions, each a cluster around a store of its own, with users that
 * like and viewers. Links between regions fail, nodes and whole regions die, and stores are restored
 * from older copies. The seed decides all of it. Rejects with a {@link Violation} when a viewer receives
 * something wrong, when a region relays an update of another region, or when viewers and stores of all
 * regions do not agree in time after the last fault, without another like.
 */
export function simulateRegions(seed: number): Promise<Summary> {
	const random = new Random(seed);
	const logs = new LogHistories();
	const stores = REGIONS.slice(0, random.chance(0.25) ? 3 : 2).map((region) => new SimulatedStore(region, logs));
	return runSchedule(`seed ${seed} of regions`, stores, () => new RegionSchedule(random, stores, logs).run());
}

class RegionSchedule {
	readonly #clock = new Clock();
	readonly #random: Random;
	readonly #counts = new Counts();
	readonly #kind: RegionFaultKind;
	readonly #videos: readonly string[];
	readonly #isFair: boolean;
	readonly #takeBacks: boolean;
	/** Whether clocks of Likes nodes are set back and forward. */
	readonly #clocksJump: boolean;
	readonly #links: Network;
	readonly #clients: Clients;
	readonly #logs: LogHistories;
	readonly #faults: RegionFaults;
	readonly #regions: readonly Region[];
	/** Until then users like, and viewers act. */
	readonly #activeUntil: number;
	/** Whether all have settled, so that no event may be missing. */
	#isWhole = false;

	constructor(random: Random, stores: readonly SimulatedStore[], logs: LogHistories) {
		const clock = this.#clock;
		this.#random = random;
		this.#logs = logs;
		this.#kind = random.pick(['links', 'links', 'nodes', 'restores']);
		this.#takeBacks = random.chance(0.4);
		this.#videos = ['v1', `v${random.integer(2, 49)}`, `v${random.integer(50, 99)}`];
		this.#links = new Network(clock, random);
		// Where every lost message makes a region ask for what it missed, that would hide faults of all other repairs.
		this.#isFair = random.chance(0.5);
		this.#links.conditions = {
			drop: this.#isFair ? 0 : random.next() * 0.3,
			duplicate: random.next() * 0.3,
			maxDelayMs: random.pick([50, 300, this.#isFair ? 300 : 1_000]),
		};
		const clients = new Clients({
			clock,
			random,
			videos: this.#videos,
			conditions: {
				drop: random.next() * 0.4,
				duplicate: random.next() * 0.4,
				maxDelayMs: random.pick([10, LATE_MS]),
			},
			takeBacks: this.#takeBacks,
			mayForget: this.#kind === 'restores',
			// A store that forgot the user of an id may give the id to another user.
			reuses: this.#kind !== 'restores',
			likesFor: (route) => {
				// A like or a comment belongs to the region of its first try; a client may repeat a deletion in any region.
				const index =
					route === 'any region' ? random.integer(0, this.#regions.length - 1) : hashText(route) % this.#regions.length;
				const { environment, likesNodes } = this.#regions[index] as Region;
				const isUp = (node: string) => environment.nodes.get(node)?.process.isDead === false;
				// Balancers learn in time which nodes are gone.
				const balanced = clock.now > this.#endsAt;
				return environment.nodes.get(random.pick(likesNodes.filter((name) => !balanced || isUp(name))));
			},
		});
		this.#clients = clients;
		// Later likes of a video, and most other faults, would repair what the last fault lost.
		const isHushed = random.chance(HUSHED);
		const times = Array.from({ length: random.integer(1, isHushed ? 2 : 4) }, () => random.integer(500, 8_000));
		this.#activeUntil = Math.max(LIKES_MS, ...times.map((time) => time + 2_000));
		this.#clocksJump = random.chance(0.5);
		this.#regions = this.#openRegions(stores);
		const lastAt = Math.max(...times);
		const restoreAt = isHushed ? lastAt : times[0];
		this.#faults = new RegionFaults({
			regions: this.#regions,
			links: this.#links,
			onLoss: (from, until) => clients.burst(from, until - from),
		});
		for (const time of times) {
			if (this.#kind === 'restores' && (time === restoreAt || random.chance(0.3))) this.#faults.restore(time);
			else if (this.#kind === 'links' && isHushed && time === lastAt) this.#faults.draw(time, LOSSES);
			else this.#faults.draw(time);
		}
		const speakUntil = isHushed ? lastAt : this.#activeUntil;
		for (let like = random.integer(3, 20); like > 0; like--) clients.like(random.next() * speakUntil);
		for (let comment = random.integer(0, 10); comment > 0; comment--) clients.comment(random.next() * speakUntil);
		for (let receipt = random.integer(0, 6); receipt > 0; receipt--) clients.read(random.next() * speakUntil);
		for (let like = random.integer(0, 10); like > 0; like--) clients.likeComment(random.next() * speakUntil);
		// Some at once, in one transaction.
		for (const time of isHushed ? [] : times)
			clients.burst(time + random.next() * BURST_MS, random.pick([1, BURST_MS]));
	}

	run(): Summary {
		const clock = this.#clock;
		const endsAt = this.#endsAt;
		clock.runUntil(endsAt);
		this.#links.conditions = FAIR;
		this.#clients.calm();
		for (const { environment, audience } of this.#regions) {
			environment.readFaults = 0;
			environment.writeFaults = 0;
			if (environment.remote) environment.remote.replays = 0;
			clock.after(this.#random.next() * LATE_MS, () => audience.wakeUp());
		}
		clock.runUntil(endsAt + LATE_MS);
		waitUntilRegionsConverged({ ...this.#checkerOptions, clock, kind: this.#kind, faults: this.#faults }, endsAt);
		this.#isWhole = true;
		this.#likeAndWatch();
		if (this.#random.chance(0.2)) this.#rest();
		for (const node of this.#regions.flatMap(({ lives }) => lives)) {
			this.#counts.addAll(Object.entries(node.replication.relayQueues.counters));
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
		const environments = new Map<string, ClusterEnvironment>();
		const regions = stores.map((store) =>
			openRegion({
				store,
				environments,
				clock: this.#clock,
				random: this.#random,
				counts: this.#counts,
				links: this.#links,
				likers: this.#clients.likers,
				logs: this.#logs,
				onGap: (reason, node) => this.#onGap(reason, node),
				videos: this.#videos,
				mayFall: this.#takeBacks || this.#kind === 'restores',
				nodesFail: this.#kind === 'nodes',
				relayBytes: hashText(this.#videos.join()) % 4 === 0 ? RELAY_BYTES : undefined,
				writeFaults: hashText(this.#videos.join()) % 4 === 1 ? WRITE_FAULTS : 0,
				activeUntil: this.#activeUntil,
				appendErrorMs: () => (this.#clocksJump ? this.#random.pick(CLOCK_ERRORS_MS) : 0),
			}),
		);
		for (const { environment } of regions) environments.set(environment.region, environment);
		return regions;
	}

	/** The end of all faults and of all that clients and viewers do, in milliseconds. */
	get #endsAt(): number {
		const ends = this.#regions.map(({ faults }) => faults.endsAt);
		return Math.max(this.#faults.endsAt, this.#clients.lastAt, this.#activeUntil, ...ends);
	}

	#onGap(reason: string, node: Node): void {
		this.#counts.add(`gaps: ${reason}`);
		const region = this.#regions.find(({ lives }) => lives.includes(node));
		const shownUnstored = region?.environment.remote?.shownUnstored.size ?? 0;
		// A viewer may have received an event that the store of its region did not take, or lost as it was restored.
		const mayLack = shownUnstored > 0 || this.#faults.restores;
		const unneeded = reason === 'unknown_position' && mayLack ? undefined : unneededGap(reason, node);
		if (unneeded !== undefined) throw new Violation(unneeded);
		if (reason === 'restored' && !this.#faults.restores) {
			throw new Violation('a gap says that a store was restored, which none was');
		}
		// Where a whole log was lost, that shows with the next event of the log.
		if (this.#isWhole && reason !== 'restored') throw new Violation(`settled, and yet a gap: ${reason}`);
	}

	get #checkerOptions(): RegionCheckerOptions {
		return {
			regions: this.#regions,
			videos: this.#videos,
			clients: this.#clients,
			logs: this.#logs,
			restored: this.#faults.restores,
		};
	}

	/** Runs the regions without faults: likes must arrive at all viewers. */
	#likeAndWatch(): void {
		const clock = this.#clock;
		this.#clients.speak();
		clock.runUntil(clock.now + (this.#kind === 'nodes' ? SENT_BY_OTHERS_MS : SENT_MS));
		const wrong = wrongStateAnywhere(this.#checkerOptions);
		if (wrong !== undefined) throw new Violation(`settled, ${wrong}`);
	}

	/** Rests without likes: no region may relay a total or a log, and viewers must stay counted. */
	#rest(): void {
		const clock = this.#clock;
		clock.runUntil(clock.now + REST_MS);
		const before = this.#relayed();
		clock.runUntil(clock.now + REST_MS);
		const relayed = this.#relayed() - before;
		if (relayed > 0) throw new Violation(`no user likes anything, and yet ${relayed} updates were relayed`);
		const audiences = this.#regions.map(({ audience }) => audience);
		const uncounted = wrongViewerCount(this.#videos, audiences);
		if (uncounted !== undefined) throw new Violation(`after a long rest ${uncounted}`);
		this.#likeAndWatch();
	}

	/** The relays of totals and logs; numbers of viewers are relayed all the time. */
	#relayed(): number {
		return this.#counts.get('updates relayed');
	}
}
