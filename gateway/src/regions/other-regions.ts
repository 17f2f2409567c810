import type { Logger } from 'pino';
import type { Admit } from '../cluster/admission.ts';
import { createSender, type Send } from '../cluster/forward.ts';
import type { PeerClient } from '../cluster/peer-client.ts';
import { forwardedRoute } from '../cluster/peer-routes.ts';
import type { RegionStore } from '../cluster/region-store.ts';
import type { Request } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import { createAdmitRegion } from './admit-region.ts';
import { ALL_HERE, createElsewhere, type Elsewhere } from './elsewhere.ts';
import { RegionLanes } from './lanes.ts';
import { createRegionCalls, regionPaths } from './region-calls.ts';
import { createRegionLink, type RegionLink, type RegionLinkOptions } from './region-link.ts';
import { regionRoutes } from './region-routes.ts';
import type { Region } from './regions.ts';

/**
 * A region gets at most one relay in it, in milliseconds: as many as may be under way take turns on a way that takes
 * 160 ms there and back.
 */
const RELAY_WINDOW_MS = 20;

export interface OtherRegionsOptions {
	readonly self: { readonly node: string; readonly region: string };
	readonly regions: readonly Region[];
	readonly secret: string;
	readonly isDispatcher: boolean;
	/** Whether a user has only one reaction of this type. */
	readonly isOnce: (type: string) => boolean;
	/** For words between regions, and for requests of viewers that are handed there. */
	readonly client: PeerClient;
	readonly forwardClient: PeerClient;
	readonly logger: Logger;
}

/** What a node has to do with other regions; it is there, and does nothing, when there are none. */
export interface OtherRegions {
	readonly lanes: RegionLanes;
	readonly elsewhere: Elsewhere;
	/** Begins to talk with them; undefined when there are none. */
	link(
		parts: Pick<RegionLinkOptions, 'store' | 'isInCharge' | 'publish' | 'onNewEpoch' | 'onRefused'>,
	): RegionLink | undefined;
	/** What it takes of them: `writes` are the routes for what viewers there asked for. */
	routes(parts: {
		readonly admit: Admit;
		readonly link: RegionLink | undefined;
		readonly store: RegionStore;
		readonly writes: readonly Route[];
	}): Route[];
}

export function createOtherRegions(options: OtherRegionsOptions): OtherRegions {
	const { self, regions, secret, isDispatcher, isOnce, client, forwardClient, logger } = options;
	const others = regions.map(({ region }) => region);
	const lanes = new RegionLanes({ region: self.region, others, windowMs: RELAY_WINDOW_MS, greets: isDispatcher });
	const calls = createRegionCalls({ self, secret, regions, client });
	/** Hands what a viewer asked for to a region. */
	const sendTo = (region: string): Send => {
		const headers = () => calls.headers(region);
		return createSender({ headers, client: forwardClient, prefix: regionPaths.forward });
	};
	const admitRegion = createAdmitRegion(secret, self.region, others);
	const isAlone = others.length === 0;

	return {
		lanes,
		elsewhere: isAlone
			? ALL_HERE
			: createElsewhere({ region: self.region, others, isOnce, sendTo, urlsOf: calls.urlsOf }),

		link: (parts) => (isAlone ? undefined : createRegionLink({ others, lanes, calls, logger, ...parts })),

		routes({ admit, link, store, writes }) {
			/** What another region forwarded may have come to the wrong node, which hands it on. */
			const admitEither = (request: Request) =>
				request.headers['x-likewire-region'] === '' ? admit(request) : admitRegion(request);
			return [
				...regionRoutes({
					self,
					admit: admitRegion,
					take: isDispatcher ? link?.take : undefined,
					epochOf: (region) => link?.epochs.get(region) ?? 0,
					changes: isDispatcher ? store.changes : undefined,
					events: isDispatcher ? (topic, after, limit) => store.events(topic, self.region, after, limit) : undefined,
				}),
				...writes.map((route) => forwardedRoute(route, regionPaths.forward, admitEither)),
			];
		},
	};
}
