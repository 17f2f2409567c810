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

/** What every word between nodes, a request or an answer, says of the node that it comes from. */
export interface PeerIdentity {
	readonly node: string;
	/** Since when it runs, in Unix milliseconds; tells one life of a node from the next. */
	readonly incarnation: number;
	/** The ring that it goes by. */
	readonly view: string;
}

/** What an answer to a ping says besides. */
export interface PingAnswer extends PeerIdentity {
	readonly leaving: boolean;
	/** How many of its own pings to us went unanswered in a row. */
	readonly missed: number;
	/** The frontends that it hears, so that no dispatcher takes one for gone that another one hears. */
	readonly hears: readonly string[];
}

/**
 * What a word is worth: `foreign` comes from no node of ours, `stale` from a life that is over, `double` from another node
 * than the one that bears its name.
 */
export type HeartbeatCheck = 'heard' | 'foreign' | 'stale' | 'double';

/**
 * Who is in the cluster, and who of them lives, as far as this node can tell. Names come from outside; life is told by
 * pings, both ways. Deterministic; `now` is the monotonic clock of this node.
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
	 * All nodes but this one that there should be; those that were known and are not named any more are forgotten. Who is
	 * new is pinged after `settleMs`: where names spread at run time, it may hear of this node a moment later.
	 */
	name(peers: readonly Peer[], now: number, settleMs = 0): void {
		const named = new Map(peers.filter(({ node }) => node !== this.#self.node).map((peer) => [peer.node, peer]));
		for (const node of this.#known.keys()) if (!named.has(node)) this.#known.delete(node);
		for (const [node, peer] of named) {
			// A Likes node that hangs should be known as such by all who hand likes on.
			const isAsked = peer.roles.includes('dispatcher') || peer.roles.includes('likes');
			const pinged = this.#self.roles.includes('dispatcher') || isAsked;
			const known = this.#known.get(node) ?? newPeerState(peer, pinged, now, settleMs);
			this.#known.set(node, { ...known, peer, pinged });
		}
		// Who is new knows no view of ours, so it is pinged at once; the others in their turn.
		this.#update(now);
	}

	peer(node: string): Peer | undefined {
		return this.#known.get(node)?.peer;
	}

	peers(): Peer[] {
		return [...this.#known.values()].map(({ peer }) => peer);
	}

	/** Whether a node has been heard in this life. */
	isKnownLife(node: string, incarnation: number): boolean {
		return this.#known.get(node)?.incarnation === incarnation;
	}

	standing(node: string): PeerStatus | undefined {
		const known = this.#known.get(node);
		return known && peerStatusOf(known);
	}

	/** Whether a node is so new on the list that it may not know this one yet: nothing should be said to it. */
	isSettling(node: string, now: number): boolean {
		return now < (this.#known.get(node)?.pingFrom ?? Number.NEGATIVE_INFINITY);
	}

	/** What to answer a node that pings, besides who we are. */
	ack(node: string, now: number): Omit<PingAnswer, keyof PeerIdentity> {
		const asking = this.#known.get(node);
		const frontends = [...this.#known.values()].filter(({ peer }) => peer.roles.includes('frontend'));
		const wantsToKnow = asking?.peer.roles.includes('dispatcher') && this.#self.roles.includes('dispatcher');
		const heard = wantsToKnow ? frontends.filter((frontend) => isReceived(frontend, now)) : [];
		return { leaving: this.#leaving, missed: asking?.misses ?? 0, hears: heard.map(({ peer }) => peer.node) };
	}

	/** A node said something; only its answer is sure to come from the address that it should have. */
	heard({ node, incarnation }: PeerIdentity, now: number, isAnswer = false): HeartbeatCheck {
		if (node === this.#self.node) return incarnation === this.#self.incarnation ? 'heard' : 'double';
		const known = this.#known.get(node);
		if (known === undefined) return 'foreign';
		if (known.incarnation !== undefined && incarnation < known.incarnation) {
			// A clock that was set back starts a lower life; it counts once the higher one has gone silent.
			if (now - known.heardAt < MISSES_OUT * PING_MS) return 'stale';
		}
		if (!isAnswer && known.incarnation !== undefined && incarnation > known.incarnation && answersNow(known, now)) {
			// Asked at its address, it says which of the two it is.
			known.toldView = undefined;
			return 'double';
		}
		known.heardAt = now;
		if (known.incarnation !== incarnation) {
			known.incarnation = incarnation;
			known.leaving = false;
			known.misses = 0;
			known.missedByPeer = 0;
			this.#update(now);
		}
		return 'heard';
	}

	/** A node pinged us. */
	pinged({ node, view }: PeerIdentity, leaving: boolean, now: number): void {
		const known = this.#known.get(node);
		if (known === undefined) return;
		known.view = view;
		known.leaving = leaving;
		this.#update(now);
	}

	/** A node answered a ping. */
	answered(answer: PingAnswer, now: number): void {
		const known = this.#known.get(answer.node);
		if (known === undefined) return;
		known.pinging = false;
		known.misses = 0;
		known.missedByPeer = answer.missed;
		known.leaving = answer.leaving;
		known.hears = new Set(answer.hears);
		known.answeredAt = now;
		known.view = answer.view;
		known.heardView = known.toldView;
		this.#update(now);
	}

	/** A node did not answer a ping. */
	unanswered(node: string, now: number): void {
		const known = this.#known.get(node);
		if (known === undefined) return;
		known.pinging = false;
		known.misses++;
		this.#update(now);
	}

	/** Whether a node goes by a view that it introduced with a ping, or by ours. Another one is made up, or not yet true. */
	isIntroduced(node: string, view: string): boolean {
		return view === this.#view.ring.view || view === this.#known.get(node)?.view;
	}

	/** Whether a node has heard of our view, as it must before we go by it. */
	knowsOurView(node: string): boolean {
		return this.#known.get(node)?.heardView === this.#view.ring.view;
	}

	/** This node is about to stop: the others should do without it. Its next pings say so, and are due now. */
	leave(now: number): void {
		this.#leaving = true;
		this.#nextRoundAt = now;
		this.#update(now);
	}

	/** When the next pings are due: each second, and at once for those who do not know our view. */
	get dueAt(): number {
		let dueAt = this.#nextRoundAt;
		for (const known of this.#known.values()) if (this.#isUninformed(known)) dueAt = Math.min(dueAt, known.pingFrom);
		return dueAt;
	}

	/** The nodes to ping now; each must be `answered` or `unanswered`. */
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
			known.toldView = this.#view.ring.view;
			nodes.push(known.peer.node);
		}
		return nodes;
	}

	#isUninformed({ pinged, pinging, toldView }: PeerState): boolean {
		return pinged && !pinging && toldView !== this.#view.ring.view;
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

/** Whether a node has just answered, in the life that it is known in, and did not say that it stops. */
function answersNow({ pinged, leaving, answeredAt }: PeerState, now: number): boolean {
	return pinged && !leaving && now - answeredAt < 1.5 * PING_MS;
}
