import type { Membership, PeerIdentity } from '../../src/cluster/membership/membership.ts';
import type { PeerHandlers } from '../../src/cluster/rpc/peer-handlers.ts';
import type { RegionHandlers } from '../../src/regions/region-handlers.ts';
import type { Process } from '../engine/process.ts';

/** A node as other nodes reach it. */
export interface Endpoint {
	readonly name: string;
	readonly process: Process;
	/** Whether it has started; before, it refuses connections. */
	readonly isListening: boolean;
	/** The fields that every request and every answer of this node carries. */
	readonly identity: PeerIdentity;
	/** Carry out the requests of other nodes. */
	readonly handlers: PeerHandlers;
	/** Carry out the requests of other regions. */
	readonly regionHandlers: RegionHandlers;
	/** Returns whether the node takes a request. */
	admit(identity: PeerIdentity): boolean;
}

/** A node that calls others. */
export interface Caller extends Endpoint {
	readonly membership: Membership;
}
