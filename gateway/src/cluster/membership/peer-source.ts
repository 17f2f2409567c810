import type { Peer } from './peer.ts';

/** What a source tells operators of itself. */
export interface PeerSourceReport {
	readonly source: 'static' | 'etcd';
	/** Whether it would hear of a change now. */
	readonly connected: boolean;
	/** Why it does not, or why this node is not on the list; undefined when all is well. */
	readonly problem?: string;
	/** The endpoint that is in use. */
	readonly endpoint?: string;
}

/** Told of all nodes that there should be, this one among them or not, at first and whenever they changed. */
export type OnPeers = (peers: readonly Peer[]) => void;

/** Where a node learns of the others, and they of it. Whether they live is for pings to tell, not for a source. */
export interface PeerSource {
	readonly report: PeerSourceReport;
	/** Whether the others can know of this node and it of them. Once true, it stays so while the source is out of reach. */
	readonly ready: boolean;
	/** Tells the others that this node serves now, at this address of its internal listener. To be called once. */
	announce(url: string): void;
	/** Tells them to forget it. Settles when they can know, or when that takes too long; may be called twice. */
	leave(): Promise<void>;
	/** Tells nobody anything more, and is told nothing. May be called twice. */
	close(): Promise<void>;
}
