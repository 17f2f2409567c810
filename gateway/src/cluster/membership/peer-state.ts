import type { Peer } from './peer.ts';

/** The period of pings, in milliseconds. */
export const PING_MS = 1_000;

/** A node that misses this number of pings in a row is out. */
export const MISSES_OUT = 3;

/**
 * The status of a peer: `unknown` before its first message, `suspect` after a missed ping, `out` after
 * three, `leaving` when it announced that it stops.
 */
export type PeerStatus = 'unknown' | 'alive' | 'suspect' | 'out' | 'leaving';

export interface PeerState {
	readonly peer: Peer;
	/** Whether this node pings it: it is a dispatcher or a Likes node, or this node is a dispatcher. */
	readonly pinged: boolean;
	/** When the first ping may leave, by the monotonic clock: earlier, the peer may not know this node. */
	readonly pingFrom: number;
	incarnation: number | undefined;
	leaving: boolean;
	/** Pings in a row that it did not answer, and pings of its own that this node did not answer. */
	misses: number;
	missedByPeer: number;
	receivedAt: number;
	pinging: boolean;
	/** The frontends that reach it by its last answer to a ping, and the time of that answer. */
	reachedBy: ReadonlySet<string>;
	answeredAt: number;
	/** The view of the last ping to it, that of the last answered ping, and the view that it named. */
	sentView: string | undefined;
	ackedView: string | undefined;
	view: string | undefined;
}

/** Returns the state of a peer that sent nothing yet. */
export function newPeerState(peer: Peer, pinged: boolean, now: number, settleMs: number): PeerState {
	return {
		peer,
		pinged,
		pingFrom: settleMs > 0 ? now + settleMs : Number.NEGATIVE_INFINITY,
		incarnation: undefined,
		leaving: false,
		misses: 0,
		missedByPeer: 0,
		receivedAt: now,
		reachedBy: new Set(),
		answeredAt: Number.NEGATIVE_INFINITY,
		pinging: false,
		sentView: undefined,
		ackedView: undefined,
		view: undefined,
	};
}

export function peerStatusOf({ leaving, misses, missedByPeer, incarnation }: PeerState): PeerStatus {
	if (leaving) return 'leaving';
	const worst = Math.max(misses, missedByPeer);
	if (worst >= MISSES_OUT) return 'out';
	if (worst > 0) return 'suspect';
	return incarnation === undefined ? 'unknown' : 'alive';
}

/** A node that sent nothing for this long is silent, in milliseconds. */
const SILENCE_MS = MISSES_OUT * PING_MS;

/** Returns whether a node sent a message in the last 3 s. */
export function isReceived({ receivedAt }: PeerState, now: number): boolean {
	return now - receivedAt < SILENCE_MS;
}

/** Returns whether a node is gone: it reaches neither this node nor a dispatcher that does. */
export function isGone(node: PeerState, others: readonly PeerState[], now: number): boolean {
	if (node.misses < MISSES_OUT || isReceived(node, now)) return false;
	return !others.some(({ reachedBy, answeredAt }) => now - answeredAt < SILENCE_MS && reachedBy.has(node.peer.node));
}
