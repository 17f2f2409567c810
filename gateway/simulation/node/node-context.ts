import type { ReplicationState } from '../../src/regions/replication-state.ts';
import type { Caller } from './endpoint.ts';

/** A node as its own ports know it. */
export interface NodeContext extends Caller {
	readonly replication: ReplicationState;
	/** Notes whether the node takes the store of its region for dead. */
	lookAtStore(): void;
}
