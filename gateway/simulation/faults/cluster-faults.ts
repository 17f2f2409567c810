import { type Peer, ROLES, type Role } from '../../src/cluster/membership/peer.ts';
import type { Random } from '../engine/random.ts';
import type { Trap, World } from '../node/environment.ts';
import { Node } from '../node/node.ts';

const KINDS = ['restart', 'kill', 'stop', 'stop', 'leave', 'cut', 'cut', 'trap'] as const;

/** The longest stop of a process, and the longest time that a node is away or a way is cut, in milliseconds. */
const MAX_STOP_MS = 13_000;
const MAX_AWAY_MS = 5_000;
const MAX_CUT_MS = 8_000;

/** A graceful stop takes so long at the most, and a Likes node runs into its trap so soon, in milliseconds. */
const LEAVE_MS = 7_000;
const TRAP_MS = 2_000;

/** What came of traps. */
const TRAPS: Readonly<Record<Trap, string>> = {
	committed: 'Likes nodes killed once they stored',
	answered: 'Likes nodes killed once they answered',
	heard: 'dispatchers killed once they heard of another region',
};

/** How many nodes of each role there are at the most. */
const MOST_NODES: Readonly<Record<Role, number>> = { likes: 2, dispatcher: 4, frontend: 3 };

/** The nodes of a schedule: one to `most` of each role, some of them in one. `prefix` begins their names. */
export function drawPeers(random: Random, prefix = 'n', most = MOST_NODES): Peer[] {
	const wanted: Role[] = [
		...Array<Role>(random.integer(1, most.likes)).fill('likes'),
		...Array<Role>(random.integer(1, most.dispatcher)).fill('dispatcher'),
		...Array<Role>(random.integer(1, most.frontend)).fill('frontend'),
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
	readonly world: World;
	readonly peers: readonly Peer[];
	/** The longest stop of a process, in milliseconds; 13 s by default. */
	readonly maxStopMs?: number;
	/** When faults begin, in milliseconds; each takes its time. */
	readonly times: readonly number[];
	readonly onStart: (node: Node) => void;
	readonly onDeath: (node: Node) => void;
	/** A node or a way stops working. */
	readonly onDisruption: (disruption: Disruption) => void;
}

/** A node stops working, or nothing gets from one to another for a while. */
export type Disruption =
	| { readonly kind: 'node'; readonly at: number }
	| {
			readonly kind: 'way';
			readonly at: number;
			readonly until: number;
			readonly from: string;
			readonly to: string;
	  };

/** What happens to the nodes of a cluster, and to the ways between them. */
export class ClusterFaults {
	/** All is whole again, except for nodes that are gone for good. */
	endsAt = 0;
	/** When something works again, in milliseconds. */
	readonly recoveries: number[] = [];
	readonly #options: ClusterFaultsOptions;
	readonly #goneForGood = new Set<string>();
	readonly #traps = new Map<string, { readonly trap: Trap; readonly spring: (node: Node) => void }>();

	constructor(options: ClusterFaultsOptions) {
		this.#options = options;
		const { peers, times, world } = options;
		const { random } = world;
		const joiners = this.#drawJoiners();
		const joinAt = random.integer(2_000, 8_000);
		for (const peer of peers) {
			if (joiners.includes(peer)) this.#plan(joinAt, 0, () => this.#start(peer));
			else this.#plan(random.next() * 300, 0, () => this.#start(peer));
		}
		if (joiners.length > 0) world.counts.add('dispatchers that joined', joiners.length);
		for (const time of times) this.#draw(time);
	}

	/** A Likes node got to where a trap may be. */
	onTrap(node: Node, trap: Trap): void {
		const set = this.#traps.get(node.name);
		if (set?.trap !== trap || node.process.isDead) return;
		this.#traps.delete(node.name);
		set.spring(node);
	}

	/** Dispatchers that join later, two at once if there are as many, without whom nothing is missing. */
	#drawJoiners(): Peer[] {
		const { peers, world } = this.#options;
		const joiners: Peer[] = [];
		if (!world.random.chance(0.3)) return joiners;
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
		this.#options.world.timeline.at(at, run);
	}

	#draw(time: number): void {
		const { world, peers } = this.#options;
		const { random, counts } = world;
		const kind = random.pick(KINDS);
		// In the midst of the likes that come with every fault.
		const at = time + (kind === 'trap' ? random.integer(0, 1_000) : 0);
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
				counts.add('zombies');
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
				// Half of them so short that nobody is taken for gone, and so long that the way round is taken.
				const durationMs = random.chance(0.5) ? random.integer(2_500, 2_850) : random.integer(200, MAX_CUT_MS);
				counts.add('ways cut');
				this.#plan(at, durationMs, () => {
					world.network.cut(peer.node, other.node, durationMs);
					this.#options.onDisruption({ kind: 'way', at, until: at + durationMs, from: peer.node, to: other.node });
				});
				break;
			}
			case 'trap':
				this.trap(random.pick(['committed', 'answered'] as const), at);
		}
	}

	/** Nodes are killed at once, and all of them come back after so long, in milliseconds; `meanwhile` they are away. */
	restart(isHit: (peer: Peer) => boolean, at: number, awayMs: number, meanwhile?: () => void): void {
		for (const peer of this.#options.peers.filter(isHit)) {
			this.#plan(at, awayMs, () => this.#withRunning(peer, (node) => this.#kill(node, awayMs, false)));
		}
		if (meanwhile !== undefined) this.#plan(at + awayMs / 2, 0, meanwhile);
	}

	/** A node is killed in the midst of the next that it gets; another one is what is left, or its next life. */
	trap(trap: Trap, at: number): void {
		const { world, peers } = this.#options;
		const { random, counts } = world;
		const role = trap === 'heard' ? 'dispatcher' : 'likes';
		const peer = random.pick(peers.filter(({ roles }) => roles.includes(role)));
		const awayMs = random.integer(5, MAX_AWAY_MS);
		const gone = random.chance(0.5) && this.#canMiss([peer]);
		if (gone) this.#goneForGood.add(peer.node);
		this.#plan(at, TRAP_MS + awayMs, () =>
			this.#traps.set(peer.node, {
				trap,
				spring: (node) => {
					counts.add(TRAPS[trap]);
					this.#kill(node, awayMs, gone);
				},
			}),
		);
		this.#plan(at + TRAP_MS, 0, () => this.#traps.delete(peer.node));
	}

	/** A node is killed now, or leaves, and comes back after so long, in milliseconds. */
	endNow(node: Node, awayMs: number, graceful: boolean): void {
		if (graceful) node.leave(() => this.#end(node, awayMs, false));
		else this.#kill(node, awayMs, false);
	}

	#withRunning({ node }: Peer, then: (node: Node) => void): void {
		const running = this.#options.world.nodes.get(node);
		if (running?.process.runs && !running.leaving) then(running);
	}

	#start(peer: Peer): void {
		const { world, peers, onStart } = this.#options;
		world.silent.delete(peer.node);
		const node = new Node(world, peer, peers);
		world.nodes.set(peer.node, node);
		onStart(node);
	}

	#kill(node: Node, awayMs: number, forGood: boolean): void {
		const { world } = this.#options;
		this.#disrupt();
		if (world.random.chance(0.5)) world.silent.add(node.name);
		this.#end(node, awayMs, forGood);
	}

	#end(node: Node, awayMs: number, forGood: boolean): void {
		const { world, onDeath } = this.#options;
		node.process.kill();
		onDeath(node);
		if (!forGood) world.timeline.after(awayMs, () => this.#start(node.peer));
	}

	#stop({ process }: Node, durationMs: number): void {
		const { world } = this.#options;
		this.#disrupt();
		process.stop();
		world.timeline.after(durationMs, () => process.continue());
	}

	#disrupt(): void {
		const { now } = this.#options.world.timeline;
		this.#options.onDisruption({ kind: 'node', at: now });
	}
}
