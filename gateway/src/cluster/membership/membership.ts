import type { Peer } from './peer.ts';
import {
	isReceived,
	MISSES_OUT,
	newPeerState,
	type PeerState,
	type PeerStatus,
	PING_MS,
	peerStatusOf,
} from './peer-state.ts';
import { RingMembers } from './ring-members.ts';
import { makeView, NO_VIEW, sameView, type View } from './view.ts';

/** The identity that a node puts on every request and every answer to another node. */
export interface PeerIdentity {
	readonly node: string;
	/** When it started, in Unix milliseconds; distinguishes one life of a node from the next. */
	readonly incarnation: number;
	/** The name of its ring. */
	readonly view: string;
}

/** The content of an answer to a ping. */
export interface PingAnswer extends PeerIdentity {
	readonly leaving: boolean;
	/** The number of its pings in a row that this node did not answer. */
	readonly missed: number;
	/** The frontends that reach it, so that no dispatcher drops a frontend that reaches another one. */
	readonly reachable: readonly string[];
}

/**
 * The result of a check of an identity: `foreign` is no node of this cluster, `stale` is an earlier
 * life, and `double` is a second node with the same name.
 */
export type HeartbeatCheck = 'received' | 'foreign' | 'stale' | 'double';

/**
 * The nodes of the cluster, and whether they live, as far as this node knows. A peer source names the
 * nodes; pings in both directions show whether they live. Deterministic; `now` is the monotonic clock
 * of this node.
 */
export class Membership {
	readonly #self: Peer & { readonly incarnation: number };
	readonly #known = new Map<string, PeerState>();
	readonly #ringMembers = new RingMembers();
	#leaving = false;
	#nextRoundAt = Number.NEGATIVE_INFINITY;
	#view = NO_VIEW;

	constructor(self: Peer & { readonly incarnation: number }) {
		this.#self = self;
		this.#update(Number.NEGATIVE_INFINITY);
	}

	get view(): View {
		return this.#view;
	}

	get leaving(): boolean {
		return this.#leaving;
	}

	/**
	 * Replaces the list of nodes, and forgets the nodes that it does not name. Pings to new nodes begin
	 * after `settleMs`: where names spread at run time, a new node may learn of this one a moment later.
	 */
	name(peers: readonly Peer[], now: number, settleMs = 0): void {
		const named = new Map(peers.filter(({ node }) => node !== this.#self.node).map((peer) => [peer.node, peer]));
		for (const node of this.#known.keys()) if (!named.has(node)) this.#known.delete(node);
		for (const [node, peer] of named) {
			// Every node that forwards likes should know when a Likes node hangs.
			const takesRequests = peer.roles.includes('dispatcher') || peer.roles.includes('likes');
			const pinged = this.#self.roles.includes('dispatcher') || takesRequests;
			const known = this.#known.get(node) ?? newPeerState(peer, pinged, now, settleMs);
			this.#known.set(node, { ...known, peer, pinged });
		}
		// A new node does not know the view of this one, so its first ping is due at once.
		this.#update(now);
	}

	peer(node: string): Peer | undefined {
		return this.#known.get(node)?.peer;
	}

	peers(): Peer[] {
		return [...this.#known.values()].map(({ peer }) => peer);
	}

	/** Returns whether this node has received a message of that incarnation. */
	isKnownLife(node: string, incarnation: number): boolean {
		return this.#known.get(node)?.incarnation === incarnation;
	}

	statusOf(node: string): PeerStatus | undefined {
		const known = this.#known.get(node);
		return known && peerStatusOf(known);
	}

	/** Returns whether a node is so new that it may not know this one: callers send it nothing yet. */
	isSettling(node: string, now: number): boolean {
		return now < (this.#known.get(node)?.pingFrom ?? Number.NEGATIVE_INFINITY);
	}

	/** Returns the answer to a ping, without the identity of this node. */
	ack(node: string, now: number): Omit<PingAnswer, keyof PeerIdentity> {
		const sender = this.#known.get(node);
		const frontends = [...this.#known.values()].filter(({ peer }) => peer.roles.includes('frontend'));
		const isToDispatcher = sender?.peer.roles.includes('dispatcher') && this.#self.roles.includes('dispatcher');
		const reachable = isToDispatcher
			? frontends.filter((frontend) => isReceived(frontend, now)).map(({ peer }) => peer.node)
			: [];
		return { leaving: this.#leaving, missed: sender?.misses ?? 0, reachable };
	}

	/** Checks and notes a message of a node; only an answer certainly comes from the address on the list. */
	received({ node, incarnation }: PeerIdentity, now: number, isAnswer = false): HeartbeatCheck {
		if (node === this.#self.node) return incarnation === this.#self.incarnation ? 'received' : 'double';
		const known = this.#known.get(node);
		if (known === undefined) return 'foreign';
		if (known.incarnation !== undefined && incarnation < known.incarnation) {
			// After its clock was set back, a node starts with a lower incarnation, which counts once the higher one is silent.
			if (now - known.receivedAt < MISSES_OUT * PING_MS) return 'stale';
		}
		if (!isAnswer && known.incarnation !== undefined && incarnation > known.incarnation && answersNow(known, now)) {
			// The answer to the next ping shows which of the two nodes has the address.
			known.sentView = undefined;
			return 'double';
		}
		known.receivedAt = now;
		if (known.incarnation !== incarnation) {
			known.incarnation = incarnation;
			known.leaving = false;
			known.misses = 0;
			known.missedByPeer = 0;
			this.#update(now);
		}
		return 'received';
	}

	/** Notes a ping of a node. */
	pinged({ node, view }: PeerIdentity, leaving: boolean, now: number): void {
		const known = this.#known.get(node);
		if (known === undefined) return;
		known.view = view;
		known.leaving = leaving;
		this.#update(now);
	}

	/** Notes the answer of a node to a ping. */
	answered(answer: PingAnswer, now: number): void {
		const known = this.#known.get(answer.node);
		if (known === undefined) return;
		known.pinging = false;
		known.misses = 0;
		known.missedByPeer = answer.missed;
		known.leaving = answer.leaving;
		known.reachedBy = new Set(answer.reachable);
		known.answeredAt = now;
		known.view = answer.view;
		known.ackedView = known.sentView;
		this.#update(now);
	}

	/** Notes that a node did not answer a ping. */
	unanswered(node: string, now: number): void {
		const known = this.#known.get(node);
		if (known === undefined) return;
		known.pinging = false;
		known.misses++;
		this.#update(now);
	}

	/** Returns whether a view is that of this node, or one that the other node named in a ping. */
	isIntroduced(node: string, view: string): boolean {
		return view === this.#view.ring.view || view === this.#known.get(node)?.view;
	}

	/** Returns whether a node has acknowledged the view of this one, as subscriptions require. */
	knowsOurView(node: string): boolean {
		return this.#known.get(node)?.ackedView === this.#view.ring.view;
	}

	/** Announces that this node stops: its next pings say so, and are due now. */
	leave(now: number): void {
		this.#leaving = true;
		this.#nextRoundAt = now;
		this.#update(now);
	}

	/** When the next pings are due: each second, and at once for nodes that do not know this view. */
	get dueAt(): number {
		let dueAt = this.#nextRoundAt;
		for (const known of this.#known.values()) if (this.#isUninformed(known)) dueAt = Math.min(dueAt, known.pingFrom);
		return dueAt;
	}

	/** Returns the nodes to ping now; each must come back in `answered` or `unanswered`. */
	takePings(now: number): string[] {
		const isRound = now >= this.#nextRoundAt;
		if (isRound) {
			this.#nextRoundAt = now + PING_MS;
			this.#update(now);
		}
		const nodes: string[] = [];
		for (const known of this.#known.values()) {
			if (!known.pinged || known.pinging || now < known.pingFrom || !(isRound || this.#isUninformed(known))) continue;
			known.pinging = true;
			known.sentView = this.#view.ring.view;
			nodes.push(known.peer.node);
		}
		return nodes;
	}

	#isUninformed({ pinged, pinging, sentView }: PeerState): boolean {
		return pinged && !pinging && sentView !== this.#view.ring.view;
	}

	#update(now: number): void {
		const { node, incarnation, roles } = this.#self;
		const others = [...this.#known.values()];
		const stays = roles.includes('dispatcher') && !this.#leaving;
		this.#ringMembers.update(stays ? { node, incarnation } : undefined, others, now);
		const next = makeView(this.#self, others, this.#ringMembers.ring, now);
		if (!sameView(this.#view, next)) this.#view = next;
	}
}

/** Returns whether a node has answered a ping in the last 1.5 s, in its known life, and does not stop. */
function answersNow({ pinged, leaving, answeredAt }: PeerState, now: number): boolean {
	return pinged && !leaving && now - answeredAt < 1.5 * PING_MS;
}
