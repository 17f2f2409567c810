import { describePeerSource, type RecordedSource } from '../../../test/peer-source-contract.ts';
import type { Peer } from '../membership/peer.ts';
import { createStaticPeers } from './static-peers.ts';

describePeerSource('static', async (peers) =>
	peers.map((): RecordedSource => {
		const lists: (readonly Peer[])[] = [];
		return { source: createStaticPeers(peers, (list) => lists.push(list)), lists };
	}),
);
