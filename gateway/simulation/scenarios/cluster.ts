import { spreadHash } from '../../src/state/hash.ts';
import { videoTopic } from '../../src/state/topics/topic.ts';
import {
	type CheckerOptions,
	misplacedTrust,
	running,
	unsettled,
	wrongState,
	wrongTables,
} from '../checks/cluster-checker.ts';
import { LOOK_MS, waitUntilConverged } from '../checks/convergence.ts';
import { unneededGap } from '../checks/gap-checker.ts';
import { LatencyBound } from '../checks/latency-bound.ts';
import { Clock } from '../engine/clock.ts';
import { Counts } from '../engine/counts.ts';
import { FAIR, Network, type NetworkConditions } from '../engine/network.ts';
import { Random } from '../engine/random.ts';
import { Violation } from '../engine/violation.ts';
import { ClusterFaults, drawPeers } from '../faults/cluster-faults.ts';
import { type ClusterEnvironment, calmEnvironment } from '../node/cluster-environment.ts';
import { PRESENCE_PERIODS } from '../node/environment.ts';
import type { Node } from '../node/node.ts';
import { LogHistories } from '../store/log-history.ts';
import { SimulatedStore } from '../store/simulated-store.ts';
import { Audience } from '../workload/audience.ts';
import { Clients } from '../workload/clients.ts';
import { runSchedule } from './run-schedule.ts';
import type { Summary } from './summary.ts';

const VIEWERS = 8;

/** The shortest time for which viewers act, in milliseconds, even if no node fails. */
const MIN_ACTIVE_MS = 4_000;

/** The time in which clients like around faults and recoveries, in milliseconds. */
const BURST_MS = 1_500;

/** The time for which frontends refuse updates, in milliseconds: dispatchers give up earlier. */
const REFUSED_MS = 3_700;

/** The longest time for which a like is under way, in milliseconds. */
const LATE_MS = 1_500;

/** The share of schedules with a flood of comments: more than a frontend buffers, or fetches at once. */
const FLOODS = 0.01;
const FLOOD = { count: 1_100, spreadMs: 2_500 };

/** Presence has schedules of its own. */
const NO_PRESENCE = { ...PRESENCE_PERIODS, clockErrorMs: 100 };

/** A video whose topic lies behind the last place of any ring, so that its owner is the first. */
const LAST_VIDEO = firstVideo((hash) => hash > 2 ** 32 - 2 ** 19);

/** Once the cluster has settled, every viewer receives a like within this time, in milliseconds. */
const SENT_MS = 700;

/** The longest life of rows that an old message added, and of topics without viewers, in milliseconds. */
const EXACT_MS = 25_000;

/**
 * Runs one schedule of a cluster around one store, with users that like and viewers. Nodes die, stop,
 * leave and join, and links fail, as the seed decides. Rejects with a {@link Violation} when a
 * viewer receives something wrong, or too late, or when viewers, store and clients do not agree, or the
 * cluster does not settle, in time after the last fault.
 */
export function simulate(seed: number): Promise<Summary> {
	const logs = new LogHistories();
	const store = new SimulatedStore('local', logs);
	return runSchedule(`seed ${seed}`, [store], () => new Schedule(seed, store, logs).run());
}

class Schedule {
	readonly #clock = new Clock();
	readonly #random: Random;
	readonly #environment: ClusterEnvironment;
	readonly #clients: Clients;
	readonly #audience: Audience;
	readonly #faults: ClusterFaults;
	readonly #latencyBound: LatencyBound | undefined;
	readonly #videos: readonly string[];
	/** Until then viewers act, and clients like. */
	readonly #activeUntil: number;
	readonly #lives: Node[] = [];
	/** Whether more comments were written at once than a frontend fetches. */
	#isFlooded = false;
	/** Whether the cluster has settled, so that no event may be missing. */
	#isWhole = false;

	constructor(seed: number, store: SimulatedStore, logs: LogHistories) {
		const random = new Random(seed);
		const clock = this.#clock;
		const counts = new Counts();
		const isFair = random.chance(0.5);
		const network = new Network(clock, random);
		network.conditions = isFair ? { drop: 0, duplicate: random.next() * 0.2, maxDelayMs: 10 } : drawConditions(random);
		this.#random = random;
		const takeBacks = random.chance(0.4);
		this.#videos = ['v1', random.chance(0.3) ? LAST_VIDEO : `v${random.integer(2, 99)}`];
		this.#environment = {
			...calmEnvironment(),
			clock,
			random,
			network,
			region: store.region,
			store,
			counts,
			windowMs: random.pick([5, 15, 100]),
			...NO_PRESENCE,
			readFaults: isFair ? 0 : random.next() * 0.5,
			onCommit: (video, revision, node) => latencyBound?.onCommit(video, revision, node),
			onFailpoint: (node, failpoint) => this.#faults.onFailpoint(node, failpoint),
		};
		const peers = drawPeers(random);
		const likesNodes = peers.filter(({ roles }) => roles.includes('likes'));
		const isUp = (node: string) => this.#environment.nodes.get(node)?.process.isDead === false;
		const clients = new Clients({
			clock,
			random,
			videos: this.#videos,
			// A copy may arrive after its like was taken back.
			conditions: {
				drop: random.next() * 0.4,
				duplicate: random.next() * 0.4,
				maxDelayMs: random.pick([20, LATE_MS]),
			},
			takeBacks,
			mayForget: false,
			reuses: false,
			likesFor: () => {
				// Balancers learn in time which nodes are gone.
				const balanced = clock.now > this.#faults.endsAt;
				const { node } = random.pick(likesNodes.filter(({ node }) => !balanced || isUp(node)));
				return this.#environment.nodes.get(node);
			},
		});
		this.#clients = clients;
		const times = isFair
			? Array.from({ length: random.integer(0, 3) }, (_, index) => 3_000 + 6_000 * index + random.integer(0, 1_000))
			: Array.from({ length: random.integer(0, 4) }, () => random.integer(500, 10_000));
		const activeUntil = Math.max(MIN_ACTIVE_MS, ...times.map((time) => time + 3_000));
		this.#activeUntil = activeUntil;
		this.#audience = new Audience({
			environment: this.#environment,
			likers: clients.likers,
			logs,
			onGap: (reason, node) => this.#onGap(reason, node),
			label: isFair ? 'fair network' : 'rough network',
			mayFall: takeBacks,
			activeUntil,
		});
		const latencyBound = isFair ? new LatencyBound(this.#environment, this.#audience) : undefined;
		this.#latencyBound = latencyBound;
		this.#faults = new ClusterFaults({
			environment: this.#environment,
			peers,
			times,
			onStart: (node) => this.#lives.push(node),
			onDeath: (node) => this.#audience.lost(node),
			onDisruption: (disruption) => latencyBound?.onDisruption(disruption),
		});
		for (let viewer = 0; viewer < VIEWERS; viewer++) {
			this.#audience.come(
				random.chance(0.5) ? this.#videos : [random.pick(this.#videos)],
				random.next() * activeUntil * 0.7,
			);
		}
		for (let like = random.integer(5, 25); like > 0; like--) clients.like(random.next() * activeUntil);
		for (let comment = random.integer(0, 12); comment > 0; comment--) clients.comment(random.next() * activeUntil);
		if (random.chance(FLOODS)) {
			const { count, spreadMs } = FLOOD;
			clients.flood(random.pick(this.#videos), random.next() * (activeUntil - spreadMs), count, spreadMs);
			counts.add('floods of comments');
			this.#isFlooded = true;
		}
		// Likes after a fault must be prompt. They also hide what only more likes would heal, so half of the schedules have none.
		const recoveries = isFair && random.chance(0.5) ? this.#faults.recoveries : [];
		for (const time of [...times, ...recoveries]) {
			for (let like = 0; like < 5; like++) clients.like(time + random.next() * BURST_MS);
			for (let comment = 0; comment < 2; comment++) clients.comment(time + random.next() * BURST_MS);
		}
		if (random.chance(0.2)) this.#loseLastLike();
	}

	/** Loses the last like or comment of all: its Likes node answers, and dies before it publishes. */
	#loseLastLike(): void {
		const { lastAt } = this.#clients;
		this.#faults.setFailpoint('answered', lastAt + 100);
		if (this.#random.chance(0.5)) this.#clients.like(lastAt + 200);
		else this.#clients.comment(lastAt + 200);
	}

	run(): Summary {
		const clock = this.#clock;
		const endsAt = Math.max(this.#faults.endsAt, this.#clients.lastAt, this.#activeUntil);
		// Dispatchers give up updates that frontends refuse for long: only digests repair that.
		if (!this.#latencyBound && this.#random.chance(0.4)) {
			clock.at(endsAt - REFUSED_MS, () => {
				this.#environment.frontendsRefuse = true;
			});
			for (let like = 0; like < 3; like++) this.#clients.like(endsAt - REFUSED_MS + this.#random.next() * 200);
			this.#clients.comment(endsAt - REFUSED_MS + this.#random.next() * 200);
		}
		while (clock.now < endsAt) {
			clock.runUntil(Math.min(endsAt, clock.now + LOOK_MS));
			this.#latencyBound?.look();
			const trust = misplacedTrust(this.#environment);
			if (trust !== undefined) throw new Violation(`after ${clock.now} ms ${trust}`);
		}
		this.#environment.network.conditions = FAIR;
		this.#clients.calm();
		this.#environment.readFaults = 0;
		this.#environment.frontendsRefuse = false;
		// Some viewers are blocked while frontends get the last updates, and receive them when they read on.
		clock.after(this.#random.next() * LATE_MS, () => this.#audience.wakeUp());
		clock.runUntil(endsAt + LATE_MS);
		waitUntilConverged(this.#checkerOptions, endsAt);
		this.#rest(endsAt);
		const { counts } = this.#environment;
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
		this.#environment.counts.add(`gaps: ${reason}`);
		if (reason === 'restored') throw new Violation('a gap says that the store was restored, which it was not');
		const given = unneededGap(reason, node);
		if (given !== undefined && !this.#isFlooded) throw new Violation(given);
		if (this.#isWhole) throw new Violation(`settled, and yet a gap: ${reason}`);
	}

	get #checkerOptions(): CheckerOptions {
		return { environment: this.#environment, videos: this.#videos, clients: this.#clients, audience: this.#audience };
	}

	/** Runs the cluster without faults: no update may flood, and likes must arrive. */
	#rest(endsAt: number): void {
		const clock = this.#clock;
		this.#isWhole = true;
		this.#likeAndWatch();
		if (!this.#random.chance(0.3)) return;
		// Longer than digests and rows live without renewal.
		for (let round = 0; round < 5 || clock.now < endsAt + EXACT_MS; round++) {
			clock.runUntil(clock.now + 8_000);
			this.#likeAndWatch();
		}
		const wrong = wrongTables(this.#checkerOptions);
		if (wrong !== undefined) throw new Violation(`after a long rest ${wrong}`);
	}

	#likeAndWatch(): void {
		const clock = this.#clock;
		const before = this.#floods();
		this.#clients.speak();
		clock.runUntil(clock.now + SENT_MS);
		const wrong = wrongState(this.#checkerOptions);
		if (wrong !== undefined) throw new Violation(`settled, ${wrong}`);
		const floods = this.#floods() - before;
		if (floods > 0) throw new Violation(`settled, and yet ${floods} updates flooded`);
		// A digest or a read may just be under way.
		const restsBy = clock.now + SENT_MS;
		while (unsettled(this.#environment) !== undefined && clock.now < restsBy) clock.runUntil(clock.now + 20);
		const reason = unsettled(this.#environment);
		if (reason !== undefined) throw new Violation(`at rest ${reason}`);
	}

	#floods(): number {
		return running(this.#environment).reduce((sum, { router }) => sum + router.counters.floods, 0);
	}
}

function drawConditions(random: Random): NetworkConditions {
	return { drop: random.next() * 0.3, duplicate: random.next() * 0.3, maxDelayMs: random.pick([20, 100, 600]) };
}

function firstVideo(isWanted: (hash: number) => boolean): string {
	for (let index = 0; ; index++) {
		const video = `last-${index}`;
		if (isWanted(spreadHash(videoTopic(video)))) return video;
	}
}
