import type { Logger } from 'pino';
import { createSender, type Send } from '../cluster/routing/request-forwarding.ts';
import type { AuthenticatePeer } from '../cluster/rpc/peer-auth.ts';
import type { PeerClient } from '../cluster/rpc/peer-client.ts';
import { forwardedRoute } from '../cluster/rpc/peer-routes.ts';
import type { TopicStore } from '../cluster/rpc/topic-store.ts';
import type { Region } from '../config/parse-regions.ts';
import type { RejectionReason } from '../http/rejections.ts';
import type { Request } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import { createRegionAuth } from './region-auth.ts';
import { createRegionCalls, regionPaths } from './region-calls.ts';
import { regionRoutes } from './region-routes.ts';
import type { ReplicationState } from './replication-state.ts';
import { createReplicator, type Replicator } from './replicator.ts';
import { ALL_HERE, createWriteRouting, type WriteRouting } from './write-routing.ts';

export interface RegionsOptions {
	readonly self: { readonly node: string; readonly region: string };
	/** The other regions. */
	readonly regions: readonly Region[];
	readonly secret: string;
	readonly isDispatcher: boolean;
	/** The state of this node's exchange with the other regions. */
	readonly replication: ReplicationState;
	/** The store of this region. */
	readonly store: TopicStore;
	/** Returns whether a user has at most one reaction of this type per topic. */
	readonly isOnce: (type: string) => boolean;
	/** Returns whether this node is the dispatcher that syncs with a region. */
	readonly isInCharge: (region: string) => boolean;
	/** The client for messages between regions. */
	readonly client: PeerClient;
	/** The client for requests of viewers that this node forwards to a region. */
	readonly forwardClient: PeerClient;
	/** Called when this node rejects and logs the changes of a region. */
	readonly onRefused: (reason: RejectionReason) => void;
	readonly logger: Logger;
}

/** The exchange of a node with other regions. Without other regions it does nothing. */
export interface Regions extends Replicator {
	readonly writeRouting: WriteRouting;
	/**
	 * Returns the routes for requests of other regions.
	 *
	 * `writes` are the routes for requests that they forward.
	 */
	routes(admit: AuthenticatePeer, writes: readonly Route[]): Route[];
}

export function createRegions(options: RegionsOptions): Regions {
	const { self, regions, secret, isDispatcher, replication, store, isOnce, client, forwardClient } = options;
	const { others } = replication;
	const calls = createRegionCalls({ self, secret, regions, client });
	const link = createReplicator({ ...options, calls });
	const admitRegion = createRegionAuth(secret, self.region, others);
	/** Returns a function that forwards the request of a viewer to a region. */
	const sendTo = (region: string): Send => {
		const headers = () => calls.headers(region);
		return createSender({ headers, client: forwardClient, prefix: regionPaths.forward });
	};

	return {
		...link,
		writeRouting:
			others.length === 0
				? ALL_HERE
				: createWriteRouting({ region: self.region, others, isOnce, sendTo, urlsOf: calls.urlsOf }),

		routes(admit, writes) {
			// A node that another region forwarded a request to may forward it again to a node of its own region.
			const admitEither = (request: Request) =>
				request.headers['x-likewire-region'] === '' ? admit(request) : admitRegion(request);
			return [
				...regionRoutes({
					self,
					admit: admitRegion,
					take: isDispatcher ? link.take : undefined,
					epochOf: (region) => replication.epochs.get(region) ?? 0,
					changes: isDispatcher ? store.changes : undefined,
					events: isDispatcher ? (topic, after, limit) => store.events(topic, self.region, after, limit) : undefined,
				}),
				...writes.map((route) => forwardedRoute(route, regionPaths.forward, admitEither)),
			];
		},
	};
}
