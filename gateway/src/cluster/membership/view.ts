import { same } from './equality.ts';
import type { Peer } from './peer.ts';
import { isGone, isReceived, type PeerState, type PeerStatus, peerStatusOf } from './peer-state.ts';
import { Ring } from './ring.ts';

/** The state of the cluster by which a node routes. Immutable. */
export interface View {
	readonly ring: Ring;
	/** The frontends that may have viewers: all except those that are gone. */
	readonly frontends: ReadonlySet<string>;
	/** The frontends that send nothing to this node, and still reach another dispatcher. */
	readonly silent: ReadonlySet<string>;
	/** The frontends that miss pings in either direction: another dispatcher may still reach them. */
	readonly suspects: ReadonlySet<string>;
	/** The Likes nodes, those that answer pings first. */
	readonly likes: readonly string[];
	/** The Likes nodes that left or do not answer: they may have stored unpublished updates. */
	readonly goneLikes: readonly string[];
	/** The incarnation of each node that sent a message. */
	readonly incarnations: ReadonlyMap<string, number>;
}

/** The view without any node. */
export const NO_VIEW: View = {
	ring: new Ring([]),
	frontends: new Set(),
	silent: new Set(),
	suspects: new Set(),
	likes: [],
	goneLikes: [],
	incarnations: new Map(),
};

const ORDER: Readonly<Record<PeerStatus, number>> = { alive: 0, unknown: 1, suspect: 2, out: 3, leaving: 4 };

/** Returns the view of `self`, which knows these peers. */
export function makeView(
	self: Peer & { readonly incarnation: number },
	known: readonly PeerState[],
	ring: Ring,
	now: number,
): View {
	const likes = known
		.filter(({ peer }) => peer.roles.includes('likes'))
		.sort((a, b) => ORDER[peerStatusOf(a)] - ORDER[peerStatusOf(b)]);
	const frontends = known.filter((other) => other.peer.roles.includes('frontend') && !isGone(other, known, now));
	const nodes = (role: 'likes' | 'frontend', others: readonly PeerState[]) => [
		...(self.roles.includes(role) ? [self.node] : []),
		...others.map(({ peer }) => peer.node),
	];
	// A peer that this node does not ping may send nothing.
	const silent = frontends.filter((other) => other.pinged && !isReceived(other, now));
	const suspects = frontends.filter((other) => other.pinged && peerStatusOf(other) !== 'alive');
	const goneLikes = likes
		.filter((other) => ['out', 'leaving'].includes(peerStatusOf(other)))
		.map(({ peer }) => peer.node);
	const incarnations = new Map([[self.node, self.incarnation]]);
	for (const { peer, incarnation } of known) if (incarnation !== undefined) incarnations.set(peer.node, incarnation);
	return {
		ring,
		frontends: new Set(nodes('frontend', frontends)),
		silent: new Set(silent.map(({ peer }) => peer.node)),
		suspects: new Set(suspects.map(({ peer }) => peer.node)),
		likes: nodes('likes', likes),
		goneLikes,
		incarnations,
	};
}

export function sameView(a: View, b: View): boolean {
	return (
		a.ring === b.ring &&
		same(a.frontends, b.frontends) &&
		same(a.silent, b.silent) &&
		same(a.suspects, b.suspects) &&
		same(a.likes, b.likes) &&
		same(a.goneLikes, b.goneLikes) &&
		same(a.incarnations, b.incarnations)
	);
}
