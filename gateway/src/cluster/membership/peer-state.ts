import type { Peer } from './peer.ts';

/** Nodes are pinged so often, in milliseconds. */
export const PING_MS = 1_000;

/** A node that missed so many pings in a row is out. */
export const MISSES_OUT = 3;

/**
 * What a node is to us: `unknown` before its first word, `suspect` after a missed ping, `out` after three, `leaving`
 * when it said that it stops.
 */
export type PeerStatus = 'unknown' | 'alive' | 'suspect' | 'out' | 'leaving';

/** What is known of another node. */
export interface PeerState {
	readonly peer: Peer;
	/** Whether we ping it: dispatchers ping everyone, and everyone pings the dispatchers. */
	readonly pinged: boolean;
	/** When the first ping may go, by the monotonic clock: before, it may not have heard of us. */
	readonly pingFrom: number;
	incarnation: number | undefined;
	leaving: boolean;
	/** Pings of ours in a row that it did not answer, and pings of its own to us that we did not. */
	misses: number;
	missedByPeer: number;
	heardAt: number;
	pinging: boolean;
	/** The frontends that it said it hears, when it last answered a ping, and when that was. */
	hears: ReadonlySet<string>;
	answeredAt: number;
	/** The view that our last ping to it named, the one of the last ping that it answered, and the one it named itself. */
	toldView: string | undefined;
	heardView: string | undefined;
	view: string | undefined;
}

/** Somebody of whom nothing was heard yet. */
export function newPeerState(peer: Peer, pinged: boolean, now: number, settleMs: number): PeerState {
	return {
		peer,
		pinged,
		pingFrom: settleMs > 0 ? now + settleMs : Number.NEGATIVE_INFINITY,
		incarnation: undefined,
		leaving: false,
		misses: 0,
		missedByPeer: 0,
		heardAt: now,
		hears: new Set(),
		answeredAt: Number.NEGATIVE_INFINITY,
		pinging: false,
		toldView: undefined,
		heardView: undefined,
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

/** After so long without a word, in milliseconds, a node is not heard any more. */
const SILENCE_MS = MISSES_OUT * PING_MS;

/** Whether a node said something lately. */
export function isReceived({ heardAt }: PeerState, now: number): boolean {
	return now - heardAt < SILENCE_MS;
}

/** Whether pings agree that a node is gone: it neither answers nor asks, and no dispatcher that we hear still hears it. */
export function isGone(node: PeerState, others: readonly PeerState[], now: number): boolean {
	if (node.misses < MISSES_OUT || isReceived(node, now)) return false;
	return !others.some(({ hears, answeredAt }) => now - answeredAt < SILENCE_MS && hears.has(node.peer.node));
}
