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
	/** What this node knows of the other regions, and what waits for them. */
	readonly exchange: ReplicationState;
	/** The store of this region. */
	readonly store: TopicStore;
	/** Whether a user has only one reaction of this type. */
	readonly isOnce: (type: string) => boolean;
	/** Whether this node is the one that asks a region what changed there. */
	readonly isInCharge: (region: string) => boolean;
	/** For messages between regions, and for requests of viewers that are handed there. */
	readonly client: PeerClient;
	readonly forwardClient: PeerClient;
	/** What a region says of its store is refused, and logged. */
	readonly onRefused: (reason: RejectionReason) => void;
	readonly logger: Logger;
}

/** What a node does with other regions; without any, it does nothing. */
export interface Regions extends Replicator {
	readonly elsewhere: WriteRouting;
	/** What it takes of them: `writes` are the routes for what viewers there asked for. */
	routes(admit: AuthenticatePeer, writes: readonly Route[]): Route[];
}

export function createRegions(options: RegionsOptions): Regions {
	const { self, regions, secret, isDispatcher, exchange, store, isOnce, client, forwardClient } = options;
	const { others } = exchange;
	const calls = createRegionCalls({ self, secret, regions, client });
	const link = createReplicator({ ...options, calls });
	const admitRegion = createRegionAuth(secret, self.region, others);
	/** Hands what a viewer asked for to a region. */
	const sendTo = (region: string): Send => {
		const headers = () => calls.headers(region);
		return createSender({ headers, client: forwardClient, prefix: regionPaths.forward });
	};

	return {
		...link,
		elsewhere:
			others.length === 0
				? ALL_HERE
				: createWriteRouting({ region: self.region, others, isOnce, sendTo, urlsOf: calls.urlsOf }),

		routes(admit, writes) {
			/** What another region forwarded may have come to the wrong node, which hands it on. */
			const admitEither = (request: Request) =>
				request.headers['x-likewire-region'] === '' ? admit(request) : admitRegion(request);
			return [
				...regionRoutes({
					self,
					admit: admitRegion,
					take: isDispatcher ? link.take : undefined,
					epochOf: (region) => exchange.epochs.get(region) ?? 0,
					changes: isDispatcher ? store.changes : undefined,
					events: isDispatcher ? (topic, after, limit) => store.events(topic, self.region, after, limit) : undefined,
				}),
				...writes.map((route) => forwardedRoute(route, regionPaths.forward, admitEither)),
			];
		},
	};
}
