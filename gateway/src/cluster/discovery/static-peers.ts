import type { Peer } from '../membership/peer.ts';
import type { OnPeers, PeerSource } from '../membership/peer-source.ts';

/** Creates a source with a fixed list, which it passes to `onPeers` at once. */
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
