import { type Peer, ROLES, type Role } from '../../src/cluster/membership/peer.ts';
import type { Random } from '../engine/random.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import type { Failpoint } from '../node/environment.ts';
import { Node } from '../node/node.ts';

const KINDS = ['restart', 'kill', 'stop', 'stop', 'leave', 'cut', 'cut', 'failpoint'] as const;

/**
 * The longest stop of a process, and the longest time that a node is away or a link is cut, in
 * milliseconds.
 */
const MAX_STOP_MS = 13_000;
const MAX_AWAY_MS = 5_000;
const MAX_CUT_MS = 8_000;

/** The longest graceful stop, and the longest time until a node reaches its failpoint, in milliseconds. */
const LEAVE_MS = 7_000;
const FAILPOINT_MS = 2_000;

/** The counts of nodes that failpoints killed. */
const FAILPOINT_COUNTS: Readonly<Record<Failpoint, string>> = {
	committed: 'Likes nodes killed once they stored',
	answered: 'Likes nodes killed once they answered',
	received: 'dispatchers killed once they received a relay',
};

/** The largest number of nodes of each role. */
const MOST_NODES: Readonly<Record<Role, number>> = { likes: 2, dispatcher: 4, frontend: 3 };

/**
 * Draws the nodes of a schedule: one to `max` of each role, some roles in one node. `prefix` begins
 * the names.
 */
export function drawPeers(random: Random, prefix = 'n', max = MOST_NODES): Peer[] {
	const wanted: Role[] = [
		...Array<Role>(random.integer(1, max.likes)).fill('likes'),
		...Array<Role>(random.integer(1, max.dispatcher)).fill('dispatcher'),
		...Array<Role>(random.integer(1, max.frontend)).fill('frontend'),
	];
	const apart = random.chance(0.5);
	const nodes: Role[][] = [];
	for (const role of wanted) {
		const others = nodes.filter((roles) => !roles.includes(role));
		if (apart || others.length === 0 || random.chance(0.5)) nodes.push([role]);
		else random.pick(others).push(role);
	}
	return nodes.map((roles, index) => ({ node: `${prefix}${index + 1}`, roles, url: '' }));
}

export interface ClusterFaultsOptions {
	readonly environment: ClusterEnvironment;
	readonly peers: readonly Peer[];
	/** The longest stop of a process, in milliseconds; 13 s by default. */
	readonly maxStopMs?: number;
	/** The times at which faults begin, in milliseconds. */
	readonly times: readonly number[];
	readonly onStart: (node: Node) => void;
	readonly onDeath: (node: Node) => void;
	/** Called when a node or a link fails. */
	readonly onDisruption: (disruption: Disruption) => void;
}

/** A node fails, or one node cannot reach another for a while. */
export type Disruption =
	| { readonly kind: 'node'; readonly at: number }
	| {
			readonly kind: 'link';
			readonly at: number;
			readonly until: number;
			readonly from: string;
			readonly to: string;
	  };

/** The faults of the nodes of a cluster, and of the links between them. */
export class ClusterFaults {
	/** The end of all faults, in milliseconds; nodes that are gone for good stay gone. */
	endsAt = 0;
	/** The times at which something works again, in milliseconds. */
	readonly recoveries: number[] = [];
	readonly #options: ClusterFaultsOptions;
	readonly #goneForGood = new Set<string>();
	readonly #failpoints = new Map<string, { readonly failpoint: Failpoint; readonly kill: (node: Node) => void }>();

	constructor(options: ClusterFaultsOptions) {
		this.#options = options;
		const { peers, times, environment } = options;
		const { random } = environment;
		const joiners = this.#drawJoiners();
		const joinAt = random.integer(2_000, 8_000);
		for (const peer of peers) {
			if (joiners.includes(peer)) this.#plan(joinAt, 0, () => this.#start(peer));
			else this.#plan(random.next() * 300, 0, () => this.#start(peer));
		}
		if (joiners.length > 0) environment.counts.add('dispatchers that joined', joiners.length);
		for (const time of times) this.#draw(time);
	}

	/** Kills a node where its failpoint is set. */
	onFailpoint(node: Node, failpoint: Failpoint): void {
		const set = this.#failpoints.get(node.name);
		if (set?.failpoint !== failpoint || node.process.isDead) return;
		this.#failpoints.delete(node.name);
		set.kill(node);
	}

	/** Draws dispatchers that join later: up to two at once that the cluster can run without. */
	#drawJoiners(): Peer[] {
		const { peers, environment } = this.#options;
		const joiners: Peer[] = [];
		if (!environment.random.chance(0.3)) return joiners;
		for (const peer of peers) {
			if (joiners.length < 2 && peer.roles.includes('dispatcher') && this.#canMiss([...joiners, peer]))
				joiners.push(peer);
		}
		return joiners;
	}

	#canMiss(missing: readonly Peer[]): boolean {
		const left = this.#options.peers.filter((peer) => !missing.includes(peer) && !this.#goneForGood.has(peer.node));
		return ROLES.every((role) => left.some(({ roles }) => roles.includes(role)));
	}

	#plan(at: number, durationMs: number, run: () => void): void {
		this.endsAt = Math.max(this.endsAt, at + durationMs);
		if (at > 1_000) this.recoveries.push(at + durationMs);
		this.#options.environment.clock.at(at, run);
	}

	#draw(time: number): void {
		const { environment, peers } = this.#options;
		const { random, counts } = environment;
		const kind = random.pick(KINDS);
		// A failpoint is set among the likes that come with every fault.
		const at = time + (kind === 'failpoint' ? random.integer(0, 1_000) : 0);
		const peer = random.pick(peers);
		const others = peers.filter((other) => other !== peer);
		const awayMs = random.chance(0.3) ? random.integer(5, 300) : random.integer(300, MAX_AWAY_MS);
		const forGood = (kind === 'kill' || random.chance(0.5)) && kind !== 'restart' && this.#canMiss([peer]);
		switch (kind) {
			case 'restart':
			case 'kill': {
				if (forGood) this.#goneForGood.add(peer.node);
				counts.add(forGood ? 'nodes killed for good' : 'nodes killed and restarted');
				this.#plan(at, awayMs, () => this.#withRunning(peer, (node) => this.#kill(node, awayMs, forGood)));
				break;
			}
			case 'stop': {
				const durationMs = random.integer(200, this.#options.maxStopMs ?? MAX_STOP_MS);
				counts.add('nodes stopped for a while');
				this.#plan(at, durationMs, () => this.#withRunning(peer, (node) => this.#stop(node, durationMs)));
				break;
			}
			case 'leave': {
				if (forGood) this.#goneForGood.add(peer.node);
				counts.add(forGood ? 'nodes that left' : 'nodes that left and came back');
				this.#plan(at, LEAVE_MS + awayMs, () =>
					this.#withRunning(peer, (node) => node.leave(() => this.#end(node, awayMs, forGood))),
				);
				break;
			}
			case 'cut': {
				if (others.length === 0) return;
				const frontends = others.filter(({ roles }) => roles.includes('frontend'));
				const isDelivery = peer.roles.includes('dispatcher') && frontends.length > 0;
				const other = random.pick(isDelivery ? frontends : others);
				// Half of the cuts are so short that no peer goes out, and long enough for indirect delivery.
				const durationMs = random.chance(0.5) ? random.integer(2_500, 2_850) : random.integer(200, MAX_CUT_MS);
				counts.add('links cut');
				this.#plan(at, durationMs, () => {
					environment.network.cut(peer.node, other.node, durationMs);
					this.#options.onDisruption({ kind: 'link', at, until: at + durationMs, from: peer.node, to: other.node });
				});
				break;
			}
			case 'failpoint':
				this.setFailpoint(random.pick(['committed', 'answered'] as const), at);
		}
	}

	/** Kills nodes at once; all come back after `awayMs`. Calls `halfway` when half of that time is over. */
	restart(isHit: (peer: Peer) => boolean, at: number, awayMs: number, halfway?: () => void): void {
		for (const peer of this.#options.peers.filter(isHit)) {
			this.#plan(at, awayMs, () => this.#withRunning(peer, (node) => this.#kill(node, awayMs, false)));
		}
		if (halfway !== undefined) this.#plan(at + awayMs / 2, 0, halfway);
	}

	/** Kills a node at its next failpoint. Another node, or its next life, must finish the work. */
	setFailpoint(failpoint: Failpoint, at: number): void {
		const { environment, peers } = this.#options;
		const { random, counts } = environment;
		const role = failpoint === 'received' ? 'dispatcher' : 'likes';
		const peer = random.pick(peers.filter(({ roles }) => roles.includes(role)));
		const awayMs = random.integer(5, MAX_AWAY_MS);
		const gone = random.chance(0.5) && this.#canMiss([peer]);
		if (gone) this.#goneForGood.add(peer.node);
		this.#plan(at, FAILPOINT_MS + awayMs, () =>
			this.#failpoints.set(peer.node, {
				failpoint,
				kill: (node) => {
					counts.add(FAILPOINT_COUNTS[failpoint]);
					this.#kill(node, awayMs, gone);
				},
			}),
		);
		this.#plan(at + FAILPOINT_MS, 0, () => this.#failpoints.delete(peer.node));
	}

	/** Kills a node now, or stops it gracefully; it comes back after `awayMs`. */
	endNow(node: Node, awayMs: number, graceful: boolean): void {
		if (graceful) node.leave(() => this.#end(node, awayMs, false));
		else this.#kill(node, awayMs, false);
	}

	#withRunning({ node }: Peer, then: (node: Node) => void): void {
		const running = this.#options.environment.nodes.get(node);
		if (running?.process.runs && !running.leaving) then(running);
	}

	#start(peer: Peer): void {
		const { environment, peers, onStart } = this.#options;
		environment.silent.delete(peer.node);
		const node = new Node(environment, peer, peers);
		environment.nodes.set(peer.node, node);
		onStart(node);
	}

	#kill(node: Node, awayMs: number, forGood: boolean): void {
		const { environment } = this.#options;
		this.#disrupt();
		if (environment.random.chance(0.5)) environment.silent.add(node.name);
		this.#end(node, awayMs, forGood);
	}

	#end(node: Node, awayMs: number, forGood: boolean): void {
		const { environment, onDeath } = this.#options;
		node.process.kill();
		onDeath(node);
		if (!forGood) environment.clock.after(awayMs, () => this.#start(node.peer));
	}

	#stop({ process }: Node, durationMs: number): void {
		const { environment } = this.#options;
		this.#disrupt();
		process.stop();
		environment.clock.after(durationMs, () => process.continue());
	}

	#disrupt(): void {
		const { now } = this.#options.environment.clock;
		this.#options.onDisruption({ kind: 'node', at: now });
	}
}
