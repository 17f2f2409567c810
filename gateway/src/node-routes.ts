import type { Logger } from 'pino';
import { createInternalRoutes, type InternalRoutesOptions } from './api/internal-routes.ts';
import { linkRoutes } from './api/link-routes.ts';
import { createPublicRoutes } from './api/public-routes.ts';
import { createIdentify, createIdentifyForwarded, type Identify } from './auth/authenticate.ts';
import { oncePerRequest } from './auth/once-per-request.ts';
import { createPresenceLookup } from './cluster/routing/presence-lookup.ts';
import { createForward } from './cluster/routing/request-forwarding.ts';
import type { StreamRelay } from './cluster/routing/uws-stream-proxy.ts';
import type { Config } from './config/config.ts';
import type { Route } from './http/router.ts';
import type { Node } from './node.ts';
import { createStoreLives } from './node-parts.ts';
import { regionPaths } from './regions/region-calls.ts';
import { createOperations } from './socket/socket-operations.ts';
import { videoTopic } from './state/topics/topic.ts';
import type { WorkerLinks } from './workers/worker-links.ts';
import type { Workers } from './workers/workers.ts';

export interface NodeRoutesOptions
	extends Pick<InternalRoutesOptions, 'membershipReport' | 'connectionBound' | 'checkReady'> {
	readonly config: Config;
	readonly node: Node;
	/** Relays streams of viewers from other nodes. */
	readonly streamRelay: StreamRelay;
	/** The workers with the viewers of the node, and the links to them; undefined without workers. */
	readonly host: { readonly links: WorkerLinks; readonly workers: Workers } | undefined;
	readonly logger: Logger;
}

export interface NodeRoutes {
	/** The routes for viewers. */
	readonly public: readonly Route[];
	/** The routes for operators, other nodes and other regions. */
	readonly internal: readonly Route[];
	/** The routes of the main process of a node for its workers; none without workers. */
	readonly links: readonly Route[];
	/** Identifies the caller of a public request. */
	readonly identify: Identify;
}

/** Creates the routes for the roles of a node. */
export function createNodeRoutes({
	config,
	node,
	streamRelay,
	host,
	logger,
	...reports
}: NodeRoutesOptions): NodeRoutes {
	const { self, membership, calls, cluster, regions, dispatcher, rejections, forwardClient, regionStore } = node;
	const { identify, know } = oncePerRequest(createIdentify(config));
	const identifyForwarded = createIdentifyForwarded(config);
	const operations = createOperations({ know, rejections, logger });
	const { streamGzip } = config;
	const ways = { calls, client: forwardClient, streamRelay, streamGzip, operations };

	/** Resolves with the viewers of a video, from its owner; undefined without an answer. */
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
	const forwardOn = { identify: identifyForwarded, ...ways };
	const workerForwarding = host && {
		names: host.workers.names,
		toNodes: createForward(forwardOn),
		toWorkers: createForward({ ...forwardOn, calls: host.links.calls, client: host.links.forwardClient }),
	};
	const routes = createPublicRoutes({
		...node,
		node: self.node,
		membership,
		forward: createForward({ identify, ...ways }),
		identify,
		identifyForwarded,
		forwardFromRegion: createForward({ prefix: regionPaths.forward, ...forwardOn }),
		writeRouting: regions.writeRouting,
		viewersOf,
		presenceLookup,
		streamGzip,
		workerForwarding,
		operations,
	});
	const workers = host?.workers;
	const internal = createInternalRoutes({ ...node, ...reports, workers, secret: config.clusterSecret, routes });
	const { workersFrontend } = node;
	const storeLives = createStoreLives(cluster, node);
	const links =
		host && workersFrontend
			? linkRoutes({ ...self, ...node, links: host.links, workersFrontend, presenceLookup, storeLives, routes })
			: [];
	return { public: routes.all, internal, links, identify };
}
