import type { PresenceLookup } from '../cluster/routing/presence-lookup.ts';
import { createPeerAuth } from '../cluster/rpc/peer-auth.ts';
import { PeerError, PeerFailedError } from '../cluster/rpc/peer-client.ts';
import { peerPaths } from '../cluster/rpc/peer-paths.ts';
import { forwardedRoute, peerRoutes } from '../cluster/rpc/peer-routes.ts';
import type { TopicStore } from '../cluster/rpc/topic-store.ts';
import type { Route } from '../http/router.ts';
import { GatewayError } from '../runtime/errors.ts';
import type { WorkerLinks } from '../workers/worker-links.ts';
import type { WorkersFrontend } from '../workers/workers-frontend.ts';
import type { PublicRoutes } from './public-routes.ts';

export interface LinkRoutesOptions {
	readonly region: string;
	readonly links: WorkerLinks;
	readonly workersFrontend: WorkersFrontend;
	readonly presenceLookup: PresenceLookup;
	/** The store of the region, on this or another node, and whether it works. */
	readonly regionStore: TopicStore;
	readonly storeLives: () => boolean;
	readonly routes: PublicRoutes;
}

/** Returns the routes of the main process of a node for its workers. */
export function linkRoutes(options: LinkRoutesOptions): Route[] {
	const { region, links, workersFrontend, presenceLookup, routes } = options;
	const { self, membership, cluster } = links;
	const admit = createPeerAuth(links.secret, membership);
	return [
		...peerRoutes({
			self: { ...self, region },
			admit,
			membership,
			onReceived: cluster.wake,
			publish: undefined,
			subscribe: workersFrontend.subscribe,
			viewers: undefined,
			presence: workersFrontend.heartbeat,
			presenceOf: presenceLookup,
			deliver: undefined,
			store: storeForWorkers(options),
		}),
		...routes.fromWorkers.map((route) => forwardedRoute(route, peerPaths.forward, admit)),
	];
}

/**
 * Returns the store of the region for workers, which learn of it what this process knows: an error says
 * that it does not work, and `request_timeout` that another node did not answer, which proves nothing.
 */
function storeForWorkers({ regionStore, storeLives }: LinkRoutesOptions): TopicStore {
	return {
		...regionStore,
		async events(...range) {
			if (!storeLives()) throw new GatewayError('store_unavailable', 'The store of the region does not work.');
			try {
				return await regionStore.events(...range);
			} catch (cause) {
				const isSilence = cause instanceof PeerError && !(cause instanceof PeerFailedError);
				if (!isSilence) throw cause;
				throw new GatewayError('request_timeout', 'No Likes node answered.', { cause });
			}
		},
	};
}
