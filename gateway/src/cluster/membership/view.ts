import { same } from './equality.ts';
import type { Peer } from './peer.ts';
import { isGone, isReceived, type PeerState, type PeerStatus, peerStatusOf } from './peer-state.ts';
import { Ring } from './ring.ts';

/** What a node goes by when it routes; replaced whenever it changes. */
export interface View {
	readonly ring: Ring;
	/** The frontends that may have viewers: all that are not known to be gone. */
	readonly frontends: ReadonlySet<string>;
	/** Those of them that this node hears nothing of, while another dispatcher does. */
	readonly unheard: ReadonlySet<string>;
	/** Those of them that missed a ping, or that ours do not reach: another dispatcher may be nearer to them. */
	readonly suspects: ReadonlySet<string>;
	/** The Likes nodes that answer, the most dependable first. */
	readonly likes: readonly string[];
	/** Those of them that left or do not answer any more: they may have stored what they had no time to publish. */
	readonly goneLikes: readonly string[];
	/** The incarnation of each node that was heard of. */
	readonly incarnations: ReadonlyMap<string, number>;
}

/** Nobody, not even oneself. */
export const NO_VIEW: View = {
	ring: new Ring([]),
	frontends: new Set(),
	unheard: new Set(),
	suspects: new Set(),
	likes: [],
	goneLikes: [],
	incarnations: new Map(),
};

const ORDER: Readonly<Record<PeerStatus, number>> = { alive: 0, unknown: 1, suspect: 2, out: 3, leaving: 4 };

/** The view of `self`, which knows these others. */
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
	// Who is not pinged need not say anything.
	const unheard = frontends.filter((other) => other.pinged && !isReceived(other, now));
	const suspects = frontends.filter((other) => other.pinged && peerStatusOf(other) !== 'alive');
	const goneLikes = likes
		.filter((other) => ['out', 'leaving'].includes(peerStatusOf(other)))
		.map(({ peer }) => peer.node);
	const incarnations = new Map([[self.node, self.incarnation]]);
	for (const { peer, incarnation } of known) if (incarnation !== undefined) incarnations.set(peer.node, incarnation);
	return {
		ring,
		frontends: new Set(nodes('frontend', frontends)),
		unheard: new Set(unheard.map(({ peer }) => peer.node)),
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
		same(a.unheard, b.unheard) &&
		same(a.suspects, b.suspects) &&
		same(a.likes, b.likes) &&
		same(a.goneLikes, b.goneLikes) &&
		same(a.incarnations, b.incarnations)
	);
}
