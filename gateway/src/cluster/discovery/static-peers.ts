import type { Peer } from '../membership/peer.ts';
import type { OnPeers, PeerSource } from '../membership/peer-source.ts';

/** A list that every node was given; it is told at once, and stays as it is. */
export function createStaticPeers(peers: readonly Peer[], onPeers: OnPeers): PeerSource {
	onPeers(peers);
	return {
		report: { source: 'static', connected: true },
		ready: true,
		announce() {},
		async leave() {},
		async close() {},
	};
}
