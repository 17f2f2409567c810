import { spreadHash } from '../../src/state/hash.ts';
import { videoTopic } from '../../src/state/topics/topic.ts';
import {
	misplacedTrust,
	running,
	unsettled,
	untrue,
	type VerdictOptions,
	wrongTables,
} from '../checks/cluster-checker.ts';
import { heal, LOOK_MS } from '../checks/convergence.ts';
import { unneededGap } from '../checks/gap-checker.ts';
import { Promptness } from '../checks/latency-bound.ts';
import { Timeline } from '../engine/clock.ts';
import { FAIR, Network, type Weather } from '../engine/network.ts';
import { Random } from '../engine/random.ts';
import { ClusterFaults, drawPeers } from '../faults/cluster-faults.ts';
import { Counts, PRESENCE_PERIODS, Violation, type World } from '../node/environment.ts';
import type { Node } from '../node/node.ts';
import { WrittenLogs } from '../store/log-history.ts';
import { SimulatedStore } from '../store/simulated-store.ts';
import { Audience } from '../workload/audience.ts';
import { Clients } from '../workload/clients.ts';

const VIEWERS = 8;

/** So long viewers do something, in milliseconds, even if nodes have no faults. */
const MIN_WHIMS_MS = 4_000;

/** People like in the midst of faults, and when they are over: for so long, in milliseconds. */
const BURST_MS = 1_500;

/** For so long frontends take no news, in milliseconds: longer than dispatchers keep them, and their last likes. */
const REFUSED_MS = 3_700;

/** A like may be under way for so long, in milliseconds. */
const LATE_MS = 1_500;

/** In so many schedules everybody comments: more than is held, or fetched, in one go. */
const FLOODS = 0.01;
const FLOOD = { count: 1_100, spreadMs: 2_500 };

/** Whether people are there is told in schedules of its own. */
const NOBODY_THERE = { ...PRESENCE_PERIODS, clockErrorMs: 100 };

/** A video whose topic lies behind the last place of any ring, so that its owner is the first. */
const LAST_VIDEO = firstVideo((hash) => hash > 2 ** 32 - 2 ** 19);

/** Once settled, everybody sees a like so soon, in milliseconds. */
const TOLD_MS = 700;

/** Rows that an old message brought back, and topics that nobody follows any more, are gone so soon, in milliseconds. */
const EXACT_MS = 25_000;

/** What happened in one run. */
export interface Summary {
	readonly likes: number;
	readonly comments: number;
	readonly connections: number;
	/** How often each path was taken, by nodes, viewers and faults. */
	readonly counts: Counts;
}

/**
 * One schedule: a cluster whose nodes are the shipping state machines around one store, with people who like and people
 * who watch. Nodes die, stop, leave and join, and the ways between them fail. The seed decides all of it. Throws a
 * {@link Violation} when a viewer was ever told something that does not add up, or too late; when, after the last fault
 * and without another like, viewers, store and likers do not agree in time; or when the cluster does not settle then.
 */
export function simulate(seed: number): Summary {
	const logs = new WrittenLogs();
	const store = new SimulatedStore('local', logs);
	try {
		return new Schedule(seed, store, logs).run();
	} catch (error) {
		if (!(error instanceof Violation)) throw error;
		throw new Violation(`seed ${seed}: ${error.message}`);
	} finally {
		store.close();
	}
}

class Schedule {
	readonly #timeline = new Timeline();
	readonly #random: Random;
	readonly #world: World;
	readonly #clients: Clients;
	readonly #audience: Audience;
	readonly #faults: ClusterFaults;
	readonly #promptness: Promptness | undefined;
	readonly #videos: readonly string[];
	/** Until then viewers do something, and people like. */
	readonly #whimsUntil: number;
	readonly #lives: Node[] = [];
	/** More was written at once than may be missing. */
	#isFlooded = false;
	/** Nothing fails, and nothing is to be missing. */
	#isWhole = false;

	constructor(seed: number, store: SimulatedStore, logs: WrittenLogs) {
		const random = new Random(seed);
		const timeline = this.#timeline;
		const counts = new Counts();
		const isFair = random.chance(0.5);
		const network = new Network(timeline, random);
		network.weather = isFair ? { drop: 0, duplicate: random.next() * 0.2, maxDelayMs: 10 } : drawWeather(random);
		this.#random = random;
		const takeBacks = random.chance(0.4);
		this.#videos = ['v1', random.chance(0.3) ? LAST_VIDEO : `v${random.integer(2, 99)}`];
		this.#world = {
			timeline,
			random,
			network,
			region: store.region,
			store,
			dispatchers: [],
			abroad: undefined,
			nodes: new Map(),
			counts,
			windowMs: random.pick([5, 15, 100]),
			...NOBODY_THERE,
			readFaults: isFair ? 0 : random.next() * 0.5,
			frontendsRefuse: false,
			silent: new Set(),
			onHeartbeat: () => undefined,
			onCommit: (video, revision, node) => promptness?.onCommit(video, revision, node),
			onTrap: (node, trap) => this.#faults.onTrap(node, trap),
		};
		const peers = drawPeers(random);
		const likesNodes = peers.filter(({ roles }) => roles.includes('likes'));
		const isUp = (node: string) => this.#world.nodes.get(node)?.process.isDead === false;
		const clients = new Clients({
			timeline,
			random,
			videos: this.#videos,
			// A copy may come so late that the like was taken back meanwhile.
			weather: {
				drop: random.next() * 0.4,
				duplicate: random.next() * 0.4,
				maxDelayMs: random.pick([20, LATE_MS]),
			},
			takeBacks,
			mayForget: false,
			reuses: false,
			clocksJump: false,
			likesFor: () => {
				// Balancers learn in time which nodes are gone.
				const balanced = timeline.now > this.#faults.endsAt;
				const { node } = random.pick(likesNodes.filter(({ node }) => !balanced || isUp(node)));
				return this.#world.nodes.get(node)?.likes;
			},
		});
		this.#clients = clients;
		const times = isFair
			? Array.from({ length: random.integer(0, 3) }, (_, index) => 3_000 + 6_000 * index + random.integer(0, 1_000))
			: Array.from({ length: random.integer(0, 4) }, () => random.integer(500, 10_000));
		const whimsUntil = Math.max(MIN_WHIMS_MS, ...times.map((time) => time + 3_000));
		this.#whimsUntil = whimsUntil;
		this.#audience = new Audience({
			world: this.#world,
			likers: clients.likers,
			logs,
			onGap: (reason, node) => this.#onGap(reason, node),
			label: isFair ? 'fair network' : 'rough network',
			mayFall: takeBacks,
			whimsUntil,
		});
		const promptness = isFair ? new Promptness(this.#world, this.#audience) : undefined;
		this.#promptness = promptness;
		this.#faults = new ClusterFaults({
			world: this.#world,
			peers,
			times,
			onStart: (node) => this.#lives.push(node),
			onDeath: (node) => this.#audience.lost(node),
			onDisruption: (disruption) => promptness?.onDisruption(disruption),
		});
		for (let viewer = 0; viewer < VIEWERS; viewer++) {
			this.#audience.come(
				random.chance(0.5) ? this.#videos : [random.pick(this.#videos)],
				random.next() * whimsUntil * 0.7,
			);
		}
		for (let like = random.integer(5, 25); like > 0; like--) clients.like(random.next() * whimsUntil);
		for (let comment = random.integer(0, 12); comment > 0; comment--) clients.comment(random.next() * whimsUntil);
		if (random.chance(FLOODS)) {
			const { count, spreadMs } = FLOOD;
			clients.flood(random.pick(this.#videos), random.next() * (whimsUntil - spreadMs), count, spreadMs);
			counts.add('floods of comments');
			this.#isFlooded = true;
		}
		// Likes after a fault are to be prompt, and hide what only more likes would heal.
		const recoveries = isFair && random.chance(0.5) ? this.#faults.recoveries : [];
		for (const time of [...times, ...recoveries]) {
			for (let like = 0; like < 5; like++) clients.like(time + random.next() * BURST_MS);
			for (let comment = 0; comment < 2; comment++) clients.comment(time + random.next() * BURST_MS);
		}
		if (random.chance(0.2)) this.#loseLastLike();
	}

	/** The last like or comment of all is lost: its Likes node answers and dies with the news. */
	#loseLastLike(): void {
		const { lastAt } = this.#clients;
		this.#faults.trap('answered', lastAt + 100);
		if (this.#random.chance(0.5)) this.#clients.like(lastAt + 200);
		else this.#clients.comment(lastAt + 200);
	}

	run(): Summary {
		const timeline = this.#timeline;
		const endsAt = Math.max(this.#faults.endsAt, this.#clients.lastAt, this.#whimsUntil);
		// News that frontends do not take for long are given up: only digests tell that they are missing.
		if (!this.#promptness && this.#random.chance(0.4)) {
			timeline.at(endsAt - REFUSED_MS, () => {
				this.#world.frontendsRefuse = true;
			});
			for (let like = 0; like < 3; like++) this.#clients.like(endsAt - REFUSED_MS + this.#random.next() * 200);
			this.#clients.comment(endsAt - REFUSED_MS + this.#random.next() * 200);
		}
		while (timeline.now < endsAt) {
			timeline.runUntil(Math.min(endsAt, timeline.now + LOOK_MS));
			this.#promptness?.look();
			const trust = misplacedTrust(this.#world);
			if (trust !== undefined) throw new Violation(`after ${timeline.now} ms ${trust}`);
		}
		this.#world.network.weather = FAIR;
		this.#clients.calm();
		this.#world.readFaults = 0;
		this.#world.frontendsRefuse = false;
		// Some are blocked while the last news go round: they are told when they read on.
		timeline.after(this.#random.next() * LATE_MS, () => this.#audience.wakeUp());
		timeline.runUntil(endsAt + LATE_MS);
		heal(this.#verdict, endsAt);
		this.#rest(endsAt);
		const { counts } = this.#world;
		for (const { router, dispatcher } of this.#lives) {
			counts.addAll(Object.entries(router.counters));
			counts.addAll(Object.entries(dispatcher?.dispatch.counters ?? {}));
		}
		return {
			likes: this.#clients.likers.given,
			comments: this.#clients.commenters.written,
			connections: this.#audience.connections,
			counts,
		};
	}

	#onGap(reason: string, node: Node): void {
		this.#world.counts.add(`gaps: ${reason}`);
		if (reason === 'restored') throw new Violation('a gap says that the store was restored, which it was not');
		const given = unneededGap(reason, node);
		if (given !== undefined && !this.#isFlooded) throw new Violation(given);
		if (this.#isWhole) throw new Violation(`settled, and yet a gap: ${reason}`);
	}

	get #verdict(): VerdictOptions {
		return { world: this.#world, videos: this.#videos, clients: this.#clients, audience: this.#audience };
	}

	/** Nothing fails any more: nothing may flood, and likes have to arrive. */
	#rest(endsAt: number): void {
		const timeline = this.#timeline;
		this.#isWhole = true;
		this.#likeAndWatch();
		if (!this.#random.chance(0.3)) return;
		// Longer than digests and rows live without being renewed.
		for (let round = 0; round < 5 || timeline.now < endsAt + EXACT_MS; round++) {
			timeline.runUntil(timeline.now + 8_000);
			this.#likeAndWatch();
		}
		const wrong = wrongTables(this.#verdict);
		if (wrong !== undefined) throw new Violation(`after a long rest ${wrong}`);
	}

	#likeAndWatch(): void {
		const timeline = this.#timeline;
		const before = this.#floods();
		this.#clients.speak();
		timeline.runUntil(timeline.now + TOLD_MS);
		const wrong = untrue(this.#verdict);
		if (wrong !== undefined) throw new Violation(`settled, ${wrong}`);
		const floods = this.#floods() - before;
		if (floods > 0) throw new Violation(`settled, and yet ${floods} updates flooded`);
		// A digest or a read may just be under way.
		const restsBy = timeline.now + TOLD_MS;
		while (unsettled(this.#world) !== undefined && timeline.now < restsBy) timeline.runUntil(timeline.now + 20);
		const doubt = unsettled(this.#world);
		if (doubt !== undefined) throw new Violation(`at rest ${doubt}`);
	}

	#floods(): number {
		return running(this.#world).reduce((sum, { router }) => sum + router.counters.floods, 0);
	}
}

function drawWeather(random: Random): Weather {
	return { drop: random.next() * 0.3, duplicate: random.next() * 0.3, maxDelayMs: random.pick([20, 100, 600]) };
}

function firstVideo(isWanted: (hash: number) => boolean): string {
	for (let index = 0; ; index++) {
		const video = `last-${index}`;
		if (isWanted(spreadHash(videoTopic(video)))) return video;
	}
}
