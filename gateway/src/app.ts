import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { createUnready, rolesInQuery } from './api/readiness.ts';
import { peerSettleMs, preparePeerSource, type StartPeerSource } from './cluster/discovery/create-peer-source.ts';
import { createDuplicateLikesCheck } from './cluster/discovery/duplicate-likes-check.ts';
import type { Member } from './cluster/membership/member.ts';
import { createStreamRelay } from './cluster/routing/uws-stream-proxy.ts';
import { createPeerAgent } from './cluster/rpc/peer-client.ts';
import { type Config, isAlone, workerCount } from './config/config.ts';
import { createConnectionBound } from './http/connection-bound.ts';
import { createUnderWay } from './http/requests-in-progress.ts';
import { loadSite } from './http/static/site.ts';
import { type Listeners, type ListenersOptions, openInternalListener, openListeners, urlOf } from './listeners.ts';
import { createNode, type Node } from './node.ts';
import { createNodeRoutes } from './node-routes.ts';
import { descriptorLimit } from './process/descriptor-limit.ts';
import { logWhileWaiting } from './process/start-wait.ts';
import { monotonicNow } from './runtime/clock.ts';
import { stopNode } from './shutdown.ts';
import { openStore, storeName } from './store/open/open-store.ts';
import { VERSION } from './version.ts';
import { createWorkerHost, type WorkerHost } from './worker-host.ts';
import { createWorkerLinks } from './workers/worker-links.ts';

/** The directory of the build: the threads, the SDK for browsers, and the demo. */
const BUILD = new URL('../dist/', import.meta.url);

/** Returns the URL of a file of the build. */
const built = (path: string) => new URL(path, BUILD);

/** A running gateway. */
export interface Gateway {
	/** The address for viewers. */
	readonly url: string;
	/** The address for operators and other nodes. */
	readonly internalUrl: string;
	/** A sentence that says why the node is not ready; undefined when it is ready. */
	readonly waitsFor: string | undefined;
	/**
	 * Stops without loss: the node turns not ready, viewers receive pending updates and a close frame, and
	 * accepted likes are committed, answered and published. Other nodes continue without this one. A
	 * second call is allowed.
	 */
	close(): Promise<void>;
}

/** Starts a node of a gateway with its roles. Rejects when it cannot start, and then leaves nothing running. */
export async function createApp(config: Config, logger: Logger): Promise<Gateway> {
	const staticFiles = loadSite({ ...config, build: BUILD, logger });
	const { node: name, region, roles } = config;
	const self: Member = { node: name, region, roles, version: VERSION, incarnation: Date.now() };
	const startPeerSource = preparePeerSource({ ...config, self, logger: logger.child({ tier: 'cluster' }) });
	const storeLogger = logger.child({ tier: 'store' });
	const store = roles.includes('likes')
		? await logWhileWaiting(
				openStore({ ...config, workerFile: built('sqlite-worker.js'), logger: storeLogger }),
				storeName(config),
				logger,
			)
		: undefined;
	const count = workerCount(config, availableParallelism());
	if (count === 0) {
		const node = createNode(config, self, store, logger);
		return startNode({ config, node, host: undefined, startPeerSource, staticFiles, logger });
	}
	const links = createWorkerLinks(self.incarnation, logger.child({ tier: 'workers' }));
	const onOwnersChanged = () => host.order({ kind: 'repeat-heartbeats' });
	const node = createNode(config, self, store, logger, { workers: { cluster: links.cluster, onOwnersChanged } });
	const host = createWorkerHost({ config, node, links, count, file: built('worker.js'), logger });
	return startNode({ config, node, host, startPeerSource, staticFiles, logger });
}

interface StartOptions {
	readonly config: Config;
	readonly node: Node;
	/** The workers of the node; undefined when this process has the viewers. */
	readonly host: WorkerHost | undefined;
	readonly startPeerSource: StartPeerSource;
	readonly staticFiles: ReturnType<typeof loadSite>;
	readonly logger: Logger;
}

/** Starts the parts of a node: the source of peers, the cluster, the regions, and last the listeners. */
async function startNode({ config, node, host, startPeerSource, staticFiles, logger }: StartOptions): Promise<Gateway> {
	const { self, membership, clocks, cluster, dispatcher, frontend, ingest } = node;
	let closing: Promise<void> | undefined;
	let hasMetDispatchers = dispatcher !== undefined;
	const duplicateLikes = createDuplicateLikesCheck(self.node, logger);
	const peerSource = startPeerSource((peers) => {
		membership.name(peers, monotonicNow(), peerSettleMs(config));
		if (ingest !== undefined && config.databaseUrl === '') duplicateLikes.look(peers);
		cluster.wake();
	});
	node.start((view) => {
		// After the first dispatcher, the node stays ready without any: likes are stored and flooded without dispatchers.
		hasMetDispatchers ||= view.ring.members.length > 0;
	});

	const unready = createUnready({
		roles: self.roles,
		isClosing: () => closing !== undefined,
		hasPlace: () => peerSource.ready,
		clockProblem: () => clocks.problem,
		hasMetDispatchers: () => hasMetDispatchers,
		storeWorks: () => ingest?.healthy,
		workersServe: () => host?.serves,
		view: () => cluster.view,
	});
	const connectionBound = createConnectionBound({
		maxConnections: config.maxConnections,
		descriptors: descriptorLimit(),
		storeDescriptors: config.databasePool,
		perStream: frontend === undefined ? 2 : 1,
		logger: logger.child({ tier: 'http' }),
	});
	const streamAgent = createPeerAgent(null);
	const streamRelay = createStreamRelay({ ...config, agent: streamAgent });
	const routes = createNodeRoutes({
		config,
		node,
		streamRelay,
		host,
		connectionBound,
		membershipReport: () => ({
			...peerSource.report,
			...(duplicateLikes.problem && { problem: duplicateLikes.problem }),
		}),
		checkReady(query) {
			const error = unready(rolesInQuery(query));
			if (error !== undefined) throw error;
		},
		logger,
	});

	const underWay = createUnderWay();
	async function closeClients(): Promise<void> {
		clocks.close();
		await Promise.all([node.client.close(), node.forwardClient.close(), streamAgent.destroy()]);
	}
	const viewers = host ?? frontend;
	const stopped = { ...node, viewers, alone: isAlone(config), underWay, streamRelay, peerSource, closeClients };
	const isClosing = () => closing !== undefined;
	const serving = {
		config,
		routes,
		connectionBound,
		rejections: node.rejections,
		underWay,
		staticFiles,
		isClosing,
		logger,
	};
	try {
		await ingest?.started;
		const listeners = host === undefined ? await openListeners(serving) : await openWithWorkers(host, serving);
		peerSource.announce(config.advertise === '' ? listeners.internalUrl : `http://${config.advertise}`);
		return {
			url: listeners.url,
			internalUrl: listeners.internalUrl,
			get waitsFor() {
				return unready([])?.message;
			},
			close() {
				host?.order({ kind: 'closing' });
				closing ??= stopNode({ ...stopped, publicListener: listeners.public }, config).then(listeners.internal.close);
				return closing;
			},
		};
	} catch (error) {
		await stopNode({ ...stopped, publicListener: undefined }, { drainMinMs: 0, drainMs: 0 });
		throw error;
	}
}

/** Starts the workers, and opens the listener for operators and other nodes. */
async function openWithWorkers(host: WorkerHost, options: ListenersOptions): Promise<Listeners> {
	const { listener: internal, url: internalUrl } = await openInternalListener(options);
	try {
		const viewers = await host.open(options);
		return { public: viewers, internal, url: urlOf(options.config.host, viewers), internalUrl };
	} catch (error) {
		internal.close();
		throw error;
	}
}
