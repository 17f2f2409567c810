import type { WatchedRegion } from '../checks/region-checker.ts';
import type { Clock } from '../engine/clock.ts';
import type { Counts } from '../engine/counts.ts';
import { Network } from '../engine/network.ts';
import type { Random } from '../engine/random.ts';
import { ClusterFaults, drawPeers } from '../faults/cluster-faults.ts';
import type { FaultyRegion } from '../faults/region-faults.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import { PRESENCE_PERIODS, type RemoteRegions } from '../node/environment.ts';
import type { Node } from '../node/node.ts';
import type { LogHistories } from '../store/log-history.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import { Audience } from '../workload/audience.ts';
import type { Likers } from '../workload/likers.ts';

/** The largest number of nodes of each role in a region. */
const MOST_NODES = { likes: 2, dispatcher: 3, frontend: 2 };

/** The number of viewers of each region. */
const VIEWERS = 3;

/** The latest time at which a node fails, in milliseconds. */
const LAST_FAULT_MS = 8_000;

/** A region of a schedule: its cluster and its viewers. */
export interface Region extends FaultyRegion, WatchedRegion {
	readonly likesNodes: readonly string[];
	/** All lives of all its nodes. */
	readonly lives: readonly Node[];
}

export interface OpenRegionOptions {
	readonly store: SimulatedStore;
	/** The environments of all regions by name, this one included; complete before time passes. */
	readonly environments: ReadonlyMap<string, ClusterEnvironment>;
	readonly clock: Clock;
	readonly random: Random;
	readonly counts: Counts;
	/** The links between regions. */
	readonly links: Network;
	readonly likers: Likers;
	readonly logs: LogHistories;
	/** Called when a viewer receives a gap. */
	readonly onGap: (reason: string, at: Node) => void;
	readonly videos: readonly string[];
	/** Whether likes may be taken back, or lost with a restored store. */
	readonly mayFall: boolean;
	/** Whether single nodes fail. */
	readonly nodesFail: boolean;
	/** As in `RemoteRegions`. */
	readonly relayBytes: number | undefined;
	/** The time by which the clocks of all machines are ahead, in milliseconds; 0 by default. */
	readonly aheadMs?: number;
	/** As in `Environment`; none by default. */
	readonly writeFaults?: number;
	readonly appendErrorMs?: () => number;
	/** Until then viewers block, leave and come back, in milliseconds. */
	readonly activeUntil: number;
	/** Called when a node starts, or dies. */
	readonly onStart?: (node: Node) => void;
	readonly onDeath?: (node: Node) => void;
}

/**
 * Opens a region around its store: one to two Likes nodes and frontends, one to three dispatchers, and
 * viewers.
 */
export function openRegion(options: OpenRegionOptions): Region {
	const { store, environments, clock, random, counts, links, likers, logs, onGap } = options;
	const { videos, mayFall, nodesFail, activeUntil } = options;
	const { region } = store;
	const peers = drawPeers(random, region, MOST_NODES);
	const namesOf = (role: 'likes' | 'dispatcher') =>
		peers.filter(({ roles }) => roles.includes(role)).map(({ node }) => node);
	const network = new Network(clock, random);
	network.conditions = { drop: 0, duplicate: random.next() * 0.2, maxDelayMs: 10 };
	let others: ReadonlyMap<string, ClusterEnvironment> | undefined;
	const remote: RemoteRegions = {
		get environments() {
			others ??= new Map([...environments].filter(([name]) => name !== region));
			return others;
		},
		links,
		maxPageSize: random.pick([1, 3]),
		replays: random.next() * 0.2,
		relayBytes: options.relayBytes,
		shownUnstored: new Set(),
	};
	const environment: ClusterEnvironment = {
		clock,
		random,
		network,
		region,
		store,
		dispatchers: namesOf('dispatcher'),
		remote,
		nodes: new Map(),
		counts,
		windowMs: random.pick([5, 15, 100]),
		...PRESENCE_PERIODS,
		clockErrorMs: 100,
		aheadMs: new Map(peers.map(({ node }) => [node, options.aheadMs ?? 0])),
		appendErrorMs: options.appendErrorMs ?? (() => 0),
		readFaults: random.chance(0.5) ? 0 : random.next() * 0.5,
		writeFaults: options.writeFaults ?? 0,
		frontendsRefuse: false,
		silent: new Set(),
		onHeartbeat: () => undefined,
		onCommit: () => undefined,
		onFailpoint: (node, failpoint) => faults.onFailpoint(node, failpoint),
	};
	const audience = new Audience({ environment, likers, logs, onGap, label: region, mayFall, activeUntil });
	// A topic without viewers is at no dispatcher, so another region learns of it by replication alone.
	const followed = random.chance(0.5) ? videos : [random.pick(videos)];
	for (let viewer = 0; viewer < VIEWERS; viewer++) {
		audience.come(random.chance(0.5) ? followed : [random.pick(followed)], random.next() * activeUntil * 0.7);
	}
	const lives: Node[] = [];
	const faults = new ClusterFaults({
		environment,
		peers,
		times: nodesFail ? [random.integer(500, LAST_FAULT_MS)] : [],
		onStart(node) {
			lives.push(node);
			options.onStart?.(node);
		},
		onDeath(node) {
			audience.lost(node);
			options.onDeath?.(node);
		},
		onDisruption: () => undefined,
	});
	if (nodesFail && random.chance(0.5)) faults.setFailpoint('received', random.integer(500, LAST_FAULT_MS));
	return { environment, faults, audience, likesNodes: namesOf('likes'), lives };
}
