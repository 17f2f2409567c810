import type { Peer } from './peer.ts';

/** What operators see of a source. */
export interface PeerSourceReport {
	readonly source: 'static' | 'etcd';
	/** Whether it would receive a change now. */
	readonly connected: boolean;
	/** Why it would not, or why this node is not on the list; undefined without a problem. */
	readonly problem?: string;
	/** The endpoint in use. */
	readonly endpoint?: string;
}

/** Called with the list of nodes, which may include this one: at first, and after every change. */
export type OnPeers = (peers: readonly Peer[]) => void;

/** The source of the list of nodes. Pings show whether a node lives; a source does not. */
export interface PeerSource {
	readonly report: PeerSourceReport;
	/** Whether this node and the others can know each other. Once true, it stays true in an outage. */
	readonly ready: boolean;
	/** Announces the address of the internal listener of this node. The caller calls it once. */
	announce(url: string): void;
	/** Takes the announcement back. Settles when the others know, or after a timeout. Idempotent. */
	leave(): Promise<void>;
	/** Ends the source. A second call is allowed. */
	close(): Promise<void>;
}
