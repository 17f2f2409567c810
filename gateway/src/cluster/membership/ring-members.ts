import { MISSES_OUT, type PeerState, PING_MS, peerStatusOf } from './peer-state.ts';
import { Ring, type RingMember } from './ring.ts';

/** After pings alone took dispatchers off the ring, no further one goes for so long, in milliseconds. */
const REMOVAL_PAUSE_MS = MISSES_OUT * PING_MS;

/** Decides which dispatchers are on the ring: who lives comes at once, who is only not heard goes with care. */
export class RingMembers {
	/** The dispatchers on the ring, with the incarnations that it names. */
	readonly #members = new Map<string, number>();
	#removalAt = Number.NEGATIVE_INFINITY;
	#ring = new Ring([]);

	/** The same object as long as its members are the same. */
	get ring(): Ring {
		return this.#ring;
	}

	/** `self` is this node while it is a dispatcher that stays, and `known` are all others that there should be. */
	update(self: RingMember | undefined, known: readonly PeerState[], now: number): void {
		const named = new Set(known.map(({ peer }) => peer.node));
		for (const node of this.#members.keys()) if (!named.has(node)) this.#members.delete(node);
		if (self !== undefined) this.#members.set(self.node, self.incarnation);
		const lost: string[] = [];
		for (const acquaintance of known) {
			const { peer, incarnation } = acquaintance;
			if (!peer.roles.includes('dispatcher') || incarnation === undefined) continue;
			const standing = peerStatusOf(acquaintance);
			const isOnRing = this.#members.has(peer.node);
			if (/* mutant: leaves-ring */ standing === 'leaving') this.#members.delete(peer.node);
			else if (standing === 'out') lost.push(...(isOnRing ? [peer.node] : []));
			else if (isOnRing || standing === 'alive') this.#members.set(peer.node, incarnation);
		}
		this.#remove(lost, now);
		this.#draw();
	}

	/** Pings alone never take more than a third of the ring at once: it may be this node that hears nobody. */
	#remove(lost: readonly string[], now: number): void {
		if (lost.length === 0 || now < this.#removalAt) return;
		const most = Math.max(1, Math.floor(this.#members.size / 3));
		for (const node of lost.slice(0, most)) this.#members.delete(node);
		this.#removalAt = now + REMOVAL_PAUSE_MS;
	}

	#draw(): void {
		const { members } = this.#ring;
		const isDrawn = members.every(({ node, incarnation }) => this.#members.get(node) === incarnation);
		if (isDrawn && members.length === this.#members.size) return;
		this.#ring = new Ring([...this.#members].map(([node, incarnation]) => ({ node, incarnation })));
	}
}
