import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { Membership } from '../cluster/membership/membership.ts';
import type { Peer } from '../cluster/membership/peer.ts';
import { type Cluster, createCluster } from '../cluster/routing/cluster.ts';
import { createPeerCalls, type PeerCalls } from '../cluster/rpc/peer-calls.ts';
import { createPeerClient, type PeerClient } from '../cluster/rpc/peer-client.ts';
import { monotonicNow } from '../runtime/clock.ts';
import { MAIN, nameOf } from './worker-names.ts';

/** Connections of the main process to one worker, for messages and for forwarded requests. */
const [MESSAGE_CONNECTIONS, FORWARD_CONNECTIONS] = [4, 64];

/**
 * The links of the main process to its workers: a cluster of its own, in which the main process is the
 * only dispatcher and Likes node, and each worker is a frontend.
 */
export interface WorkerLinks {
	readonly self: Peer & { readonly incarnation: number };
	/** The secret of the processes of this node, which each start makes. */
	readonly secret: string;
	readonly membership: Membership;
	readonly calls: PeerCalls;
	readonly cluster: Cluster;
	/** The client for forwarded requests. */
	readonly forwardClient: PeerClient;
	/** Takes a worker that is linked, or in a new life. */
	add(worker: number, url: string): void;
	/** Forgets a worker that ended. */
	remove(worker: number): void;
	close(): Promise<void>;
}

export function createWorkerLinks(incarnation: number, logger: Logger): WorkerLinks {
	const self = { node: MAIN, roles: ['likes', 'dispatcher'], url: '', incarnation } as const;
	const secret = randomBytes(32).toString('base64url');
	const membership = new Membership(self);
	const client = createPeerClient(MESSAGE_CONNECTIONS);
	const forwardClient = createPeerClient(FORWARD_CONNECTIONS);
	const calls = createPeerCalls({ self, secret, membership, client });
	const cluster = createCluster({ self: MAIN, isDispatcher: true, membership, calls, windowMs: 0, logger });
	const peers = new Map<string, Peer>();

	function rename(): void {
		membership.name([...peers.values()], monotonicNow());
		cluster.wake();
	}

	return {
		self,
		secret,
		membership,
		calls,
		cluster,
		forwardClient,
		add(worker, url) {
			const node = nameOf(worker);
			peers.set(node, { node, roles: ['frontend'], url });
			rename();
		},
		remove(worker) {
			peers.delete(nameOf(worker));
			rename();
		},
		async close() {
			cluster.close();
			await Promise.all([client.close(), forwardClient.close()]);
		},
	};
}
