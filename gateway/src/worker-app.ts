import type { Logger } from 'pino';
import { createWorkerRoutes } from './api/worker-routes.ts';
import { createIdentify, createIdentifyForwarded } from './auth/authenticate.ts';
import { oncePerRequest } from './auth/once-per-request.ts';
import type { Member } from './cluster/membership/member.ts';
import { createPresenceLookup } from './cluster/routing/presence-lookup.ts';
import { createForward } from './cluster/routing/request-forwarding.ts';
import { createStreamRelay, type StreamRelay } from './cluster/routing/uws-stream-proxy.ts';
import { createPeerAuth } from './cluster/rpc/peer-auth.ts';
import { createPeerAgent } from './cluster/rpc/peer-client.ts';
import { peerPaths } from './cluster/rpc/peer-paths.ts';
import { forwardedRoute, peerRoutes } from './cluster/rpc/peer-routes.ts';
import type { Config } from './config/config.ts';
import type { Frontend } from './frontend/frontend.ts';
import { type ConnectionBound, createConnectionBound } from './http/connection-bound.ts';
import { type Listener, listenShared } from './http/listener.ts';
import { createUnderWay } from './http/requests-in-progress.ts';
import { loadSite } from './http/static/site.ts';
import { openInternalListener, openPublicListener } from './listeners.ts';
import { createNode, type Node } from './node.ts';
import type { NodeRoutes } from './node-routes.ts';
import { descriptorLimit } from './process/descriptor-limit.ts';
import { monotonicNow } from './runtime/clock.ts';
import { stopNode } from './shutdown.ts';
import { createOperations } from './socket/socket-operations.ts';
import { VERSION } from './version.ts';
import { MAIN, nameOf } from './workers/worker-names.ts';

/** What the main process of a node starts a worker with. */
export interface WorkerSetup {
	readonly config: Config;
	/** Its number. */
	readonly worker: number;
	readonly incarnation: number;
	/** The address of the main process for its workers. */
	readonly mainUrl: string;
}

/** A worker of a node. */
export interface WorkerApp {
	/** Its address for the main process. */
	readonly url: string;
	/** Serves viewers on a port that other workers share. */
	serve(port: number): Promise<void>;
	/** Sends the heartbeats of all users again. */
	repeatHeartbeats(): void;
	/** Makes each answer the last one on its connection. */
	announceStop(): void;
	/** Sends viewers what is pending, ends all connections, and stops. */
	close(): Promise<void>;
}

/** Starts a worker, which serves no viewers yet. */
export async function startWorker(setup: WorkerSetup, build: URL, logger: Logger): Promise<WorkerApp> {
	const { config, worker, incarnation, mainUrl } = setup;
	const { region } = config;
	const self: Member = { node: nameOf(worker), region, roles: ['frontend'], version: VERSION, incarnation };
	const node = createNode(config, self, undefined, logger, { worker });
	const { frontend, membership, clocks, client, forwardClient, cluster, rejections } = node;
	if (frontend === undefined) throw new Error('a worker without a frontend');
	const connectionBound = createConnectionBound({
		maxConnections: config.maxConnections,
		descriptors: descriptorLimit(),
		storeDescriptors: 0,
		perStream: 1,
		logger: logger.child({ tier: 'http' }),
	});
	const streamAgent = createPeerAgent(null);
	const streamRelay = createStreamRelay({ ...config, agent: streamAgent });
	const routes = routesOf({ setup, node, frontend, streamRelay, connectionBound, logger });
	const staticFiles = loadSite({ ...config, build, logger });
	const underWay = createUnderWay();
	const serving = { config, routes, connectionBound, rejections, logger };
	const { listener: internal, url } = await openInternalListener(serving);
	let publicListener: Listener | undefined;
	let isClosing = false;
	/** Settles when the main process is the owner of all topics. */
	const linked = new Promise<void>((resolve) => {
		node.start((view) => {
			if (view.ring.has(MAIN)) resolve();
		});
	});

	return {
		url,
		async serve(port) {
			membership.name([{ node: MAIN, roles: ['likes', 'dispatcher'], url: mainUrl }], monotonicNow());
			cluster.wake();
			await linked;
			publicListener = await openPublicListener({
				...serving,
				config: { ...config, port },
				underWay,
				staticFiles,
				isClosing: () => isClosing,
				open: listenShared,
			});
		},
		repeatHeartbeats: frontend.repeatHeartbeats,
		announceStop() {
			isClosing = true;
		},
		async close() {
			isClosing = true;
			const peerSource = { leave: async () => undefined, close: async () => undefined };
			async function closeClients(): Promise<void> {
				clocks.close();
				await Promise.all([client.close(), forwardClient.close(), streamAgent.destroy()]);
			}
			const parts = {
				...node,
				viewers: frontend,
				alone: false,
				publicListener,
				underWay,
				streamRelay,
				peerSource,
				closeClients,
			};
			// The main process has waited for load balancers.
			await stopNode(parts, { drainMinMs: 0, drainMs: config.drainMs });
			internal.close();
		},
	};
}

interface RoutesOptions {
	readonly setup: WorkerSetup;
	readonly node: Node;
	readonly frontend: Frontend;
	readonly streamRelay: StreamRelay;
	readonly connectionBound: ConnectionBound;
	readonly logger: Logger;
}

/** Returns the routes of a worker: for viewers, and for the main process. */
function routesOf(options: RoutesOptions): Pick<NodeRoutes, 'public' | 'internal' | 'identify'> {
	const { setup, node, frontend, streamRelay, connectionBound, logger } = options;
	const { config, worker } = setup;
	const { self, membership, clocks, calls, cluster, forwardClient, regionStore, rejections } = node;
	const { streamGzip } = config;
	const { identify, know } = oncePerRequest(createIdentify(config));
	const operations = createOperations({ know, rejections, logger });
	const routes = createWorkerRoutes({
		node: config.node,
		worker,
		frontend,
		forward: createForward({ identify, calls, client: forwardClient, streamRelay, streamGzip, operations }),
		identify,
		identifyForwarded: createIdentifyForwarded(config),
		presenceLookup: createPresenceLookup({
			ring: () => cluster.view.ring,
			ask: calls.presenceOf,
			store: regionStore,
		}),
		operations,
		rejections,
		streamGzip,
	});
	const admit = createPeerAuth(config.clusterSecret, membership, clocks);

	function report() {
		return {
			...self,
			view: cluster.view.ring.view,
			connections: frontend.connectionCount,
			sockets: connectionBound.figures,
			topics: frontend.topicCount,
			rows: 0,
			dropped: 0,
			counters: {},
			load: { ...frontend.load },
			regions: [],
			refused: rejections.counts,
		};
	}

	const internal = [
		...peerRoutes({ ...node.peerHandlers, self, admit, clocks, report }),
		...routes.forwarded.map((route) => forwardedRoute(route, peerPaths.forward, admit)),
	];
	return { public: routes.all, internal, identify };
}
