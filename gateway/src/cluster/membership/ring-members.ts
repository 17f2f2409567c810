import { MISSES_OUT, type PeerState, PING_MS, peerStatusOf } from './peer-state.ts';
import { Ring, type RingMember } from './ring.ts';

/** After missed pings removed dispatchers, no further one is removed for this long, in milliseconds. */
const REMOVAL_PAUSE_MS = MISSES_OUT * PING_MS;

/** Decides which dispatchers are on the ring: live ones join at once, silent ones leave slowly. */
export class RingMembers {
	/** The dispatchers on the ring, with their incarnations. */
	readonly #members = new Map<string, number>();
	#removalAt = Number.NEGATIVE_INFINITY;
	#ring = new Ring([]);

	/** The same object while its members are the same. */
	get ring(): Ring {
		return this.#ring;
	}

	/** `self` is this node while it is a dispatcher that stays; `known` are all other listed nodes. */
	update(self: RingMember | undefined, known: readonly PeerState[], now: number): void {
		const named = new Set(known.map(({ peer }) => peer.node));
		for (const node of this.#members.keys()) if (!named.has(node)) this.#members.delete(node);
		if (self !== undefined) this.#members.set(self.node, self.incarnation);
		const lost: string[] = [];
		for (const state of known) {
			const { peer, incarnation } = state;
			if (!peer.roles.includes('dispatcher') || incarnation === undefined) continue;
			const status = peerStatusOf(state);
			const isOnRing = this.#members.has(peer.node);
			if (/* mutant: leaves-ring */ status === 'leaving') this.#members.delete(peer.node);
			else if (status === 'out') lost.push(...(isOnRing ? [peer.node] : []));
			else if (isOnRing || status === 'alive') this.#members.set(peer.node, incarnation);
		}
		this.#remove(lost, now);
		this.#draw();
	}

	/** Missed pings remove at most a third of the ring at once: this node may be the one that is cut off. */
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
