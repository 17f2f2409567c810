import { createSender, type Send } from '../cluster/routing/request-forwarding.ts';
import type { AuthenticatePeer } from '../cluster/rpc/peer-auth.ts';
import type { PeerClient } from '../cluster/rpc/peer-client.ts';
import { forwardedRoute } from '../cluster/rpc/peer-routes.ts';
import type { Region } from '../config/parse-regions.ts';
import type { Request } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import { createRegionAuth } from './region-auth.ts';
import { type RegionCalls, regionPaths } from './region-calls.ts';
import type { RegionHandlers } from './region-handlers.ts';
import { regionRoutes } from './region-routes.ts';
import type { Replicator } from './replicator.ts';
import { ALL_HERE, createWriteRouting, type WriteRouting } from './write-routing.ts';

export interface RegionsOptions {
	readonly self: { readonly node: string; readonly region: string };
	/** The other regions. */
	readonly regions: readonly Region[];
	readonly secret: string;
	readonly isDispatcher: boolean;
	readonly calls: RegionCalls;
	readonly replicator: Replicator;
	/** Carries out the requests of other regions. */
	readonly handlers: RegionHandlers;
	/** Returns whether a user has at most one reaction of this type per topic. */
	readonly isOnce: (type: string) => boolean;
	/** The client for requests of viewers that this node forwards to a region. */
	readonly forwardClient: PeerClient;
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
	const { self, regions, secret, isDispatcher, calls, replicator, handlers, isOnce, forwardClient } = options;
	const others = regions.map(({ region }) => region);
	const admitRegion = createRegionAuth(secret, self.region, others);
	/** Returns a function that forwards the request of a viewer to a region. */
	const sendTo = (region: string): Send => {
		const headers = () => calls.headers(region);
		return createSender({ headers, client: forwardClient, prefix: regionPaths.forward });
	};

	return {
		...replicator,
		writeRouting:
			others.length === 0
				? ALL_HERE
				: createWriteRouting({ region: self.region, others, isOnce, sendTo, urlsOf: calls.urlsOf }),

		routes(admit, writes) {
			// A node that another region forwarded a request to may forward it again to a node of its own region.
			const admitEither = (request: Request) =>
				request.headers['x-likewire-region'] === '' ? admit(request) : admitRegion(request);
			return [
				...regionRoutes({ self, admit: admitRegion, handlers: isDispatcher ? handlers : undefined }),
				...writes.map((route) => forwardedRoute(route, regionPaths.forward, admitEither)),
			];
		},
	};
}
