import type { WatchedRegion } from '../checks/region-checker.ts';
import type { Timeline } from '../engine/clock.ts';
import { Network } from '../engine/network.ts';
import type { Random } from '../engine/random.ts';
import { ClusterFaults, drawPeers } from '../faults/cluster-faults.ts';
import type { FaultyRegion } from '../faults/region-faults.ts';
import { type Abroad, type Counts, PRESENCE_PERIODS, type World } from '../node/environment.ts';
import type { Node } from '../node/node.ts';
import type { WrittenLogs } from '../store/log-history.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import { Audience } from '../workload/audience.ts';
import type { Likers } from '../workload/likers.ts';

/** How many nodes of each role a region has at the most. */
const MOST_NODES = { likes: 2, dispatcher: 3, frontend: 2 };

/** Viewers of each region. */
const VIEWERS = 3;

/** Nodes fail so late at the most, in milliseconds. */
const LAST_FAULT_MS = 8_000;

/** A region of a schedule: its cluster, and those who watch there. */
export interface Region extends FaultyRegion, WatchedRegion {
	readonly likesNodes: readonly string[];
	/** All lives of all its nodes. */
	readonly lives: readonly Node[];
}

export interface OpenRegionOptions {
	readonly store: SimulatedStore;
	/** All regions by name, this one too; complete before time passes. */
	readonly worlds: ReadonlyMap<string, World>;
	readonly timeline: Timeline;
	readonly random: Random;
	readonly counts: Counts;
	/** The ways between regions. */
	readonly ways: Network;
	readonly likers: Likers;
	readonly logs: WrittenLogs;
	/** Somebody was told that comments are missing. */
	readonly onGap: (reason: string, at: Node) => void;
	readonly videos: readonly string[];
	/** Likes may be taken back, or lost with a restored store. */
	readonly mayFall: boolean;
	/** Single nodes fail. */
	readonly nodesFail: boolean;
	/** As in `Abroad`. */
	readonly relayBytes: number | undefined;
	/** Until then viewers block, leave and come back, in milliseconds. */
	readonly whimsUntil: number;
	/** A node starts, or dies. */
	readonly onStart?: (node: Node) => void;
	readonly onDeath?: (node: Node) => void;
}

/** A region around its store: one to two Likes nodes and frontends, one to three dispatchers, and viewers. */
export function openRegion(options: OpenRegionOptions): Region {
	const { store, worlds, timeline, random, counts, ways, likers, logs, onGap } = options;
	const { videos, mayFall, nodesFail, whimsUntil } = options;
	const { region } = store;
	const peers = drawPeers(random, region, MOST_NODES);
	const namesOf = (role: 'likes' | 'dispatcher') =>
		peers.filter(({ roles }) => roles.includes(role)).map(({ node }) => node);
	const network = new Network(timeline, random);
	network.weather = { drop: 0, duplicate: random.next() * 0.2, maxDelayMs: 10 };
	let others: ReadonlyMap<string, World> | undefined;
	const abroad: Abroad = {
		get worlds() {
			others ??= new Map([...worlds].filter(([name]) => name !== region));
			return others;
		},
		ways,
		mostOfPage: random.pick([1, 3]),
		replays: random.next() * 0.2,
		relayBytes: options.relayBytes,
		shownUnstored: new Set(),
	};
	const world: World = {
		timeline,
		random,
		network,
		region,
		store,
		dispatchers: namesOf('dispatcher'),
		abroad,
		nodes: new Map(),
		counts,
		windowMs: random.pick([5, 15, 100]),
		...PRESENCE_PERIODS,
		clockErrorMs: 100,
		readFaults: random.chance(0.5) ? 0 : random.next() * 0.5,
		frontendsRefuse: false,
		silent: new Set(),
		onHeartbeat: () => undefined,
		onCommit: () => undefined,
		onTrap: (node, trap) => faults.onTrap(node, trap),
	};
	const audience = new Audience({ world, likers, logs, onGap, label: region, mayFall, whimsUntil });
	// What nobody follows no dispatcher knows, and what is known of it elsewhere depends on the exchange alone.
	const followed = random.chance(0.5) ? videos : [random.pick(videos)];
	for (let viewer = 0; viewer < VIEWERS; viewer++) {
		audience.come(random.chance(0.5) ? followed : [random.pick(followed)], random.next() * whimsUntil * 0.7);
	}
	const lives: Node[] = [];
	const faults = new ClusterFaults({
		world,
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
	if (nodesFail && random.chance(0.5)) faults.trap('heard', random.integer(500, LAST_FAULT_MS));
	return { world, faults, audience, likesNodes: namesOf('likes'), lives };
}
