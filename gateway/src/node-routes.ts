import type { Logger } from 'pino';
import { createForward } from './cluster/forward.ts';
import { createPresenceLookup } from './cluster/presence-lookup.ts';
import type { StreamRelay } from './cluster/uws-stream-relay.ts';
import type { Config } from './config.ts';
import { videoTopic } from './delivery/topic.ts';
import { createIdentify, createIdentifyForwarded, type Identify } from './http/identity.ts';
import { oncePerRequest } from './http/once-per-request.ts';
import type { Route } from './http/router.ts';
import { createOperations } from './http/socket-operations.ts';
import { createInternalRoutes, type InternalRoutesOptions } from './internal-routes.ts';
import type { Node } from './node.ts';
import { createPublicRoutes } from './public-routes.ts';
import { regionPaths } from './regions/region-calls.ts';

export interface NodeRoutesOptions
	extends Pick<InternalRoutesOptions, 'membershipReport' | 'connectionBound' | 'checkReady'> {
	readonly config: Config;
	readonly node: Node;
	/** Hands streams of viewers through, where other nodes hold them. */
	readonly streamRelay: StreamRelay;
	readonly logger: Logger;
}

/** All that a node answers. */
export interface NodeRoutes {
	/** The routes for viewers … */
	readonly public: readonly Route[];
	/** … and for operators, other nodes and other regions. */
	readonly internal: readonly Route[];
	/** Identifies the caller of a public request. */
	readonly identify: Identify;
}

/** Makes the routes for the roles of a node. */
export function createNodeRoutes({ config, node, streamRelay, logger, ...reports }: NodeRoutesOptions): NodeRoutes {
	const { self, membership, calls, cluster, regions, dispatcher, refusals, forwardClient, regionStore } = node;
	const { identify, know } = oncePerRequest(createIdentify(config));
	const identifyForwarded = createIdentifyForwarded(config);
	const operations = createOperations({ know, refusals, logger });
	const ways = { calls, client: forwardClient, streamRelay, operations };

	/** The connections that follow a video, as its owner has them; undefined when it cannot be asked. */
	async function viewersOf(video: string): Promise<number | undefined> {
		const topic = videoTopic(video);
		const owner = cluster.view.ring.owner(topic);
		if (owner === self.node) return dispatcher?.viewers(topic);
		return owner === undefined ? undefined : calls.viewers(owner, topic).catch(() => undefined);
	}

	const presenceLookup = createPresenceLookup({
		ring: () => cluster.view.ring,
		ask: async (owner, users) =>
			owner === self.node && dispatcher ? dispatcher.presenceOf(users) : calls.presenceOf(owner, users),
		store: regionStore,
	});
	const routes = createPublicRoutes({
		...node,
		node: self.node,
		membership,
		forward: createForward({ identify, ...ways }),
		identify,
		identifyForwarded,
		forwardFromRegion: createForward({ identify: identifyForwarded, prefix: regionPaths.forward, ...ways }),
		elsewhere: regions.elsewhere,
		viewersOf,
		presenceLookup,
		operations,
	});
	const internal = createInternalRoutes({ ...node, ...reports, secret: config.clusterSecret, routes });
	return { public: routes.all, internal, identify };
}
