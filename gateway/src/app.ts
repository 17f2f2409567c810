import type { Logger } from 'pino';
import { monotonicNow } from './alarm.ts';
import { createCheckProof } from './cluster/admission.ts';
import { createClockWatch } from './cluster/clock-watch.ts';
import { createCluster } from './cluster/cluster.ts';
import { createForward } from './cluster/forward.ts';
import type { Member } from './cluster/member.ts';
import { Membership } from './cluster/membership.ts';
import { MAX_PEER_BODY_BYTES } from './cluster/messages.ts';
import { createPeerCalls } from './cluster/peer-calls.ts';
import { createPeerAgent, createPeerClient } from './cluster/peer-client.ts';
import type { Peer } from './cluster/peers.ts';
import { createPresenceLookup } from './cluster/presence-lookup.ts';
import { ownStore, storeOfOthers } from './cluster/region-store.ts';
import { createSecondLikes } from './cluster/second-likes.ts';
import { createStreamRelay } from './cluster/uws-stream-relay.ts';
import { type Config, internalHostOf, internalHostsOf, isAlone } from './config.ts';
import { NO_UPDATES } from './delivery/batch.ts';
import { videoTopic } from './delivery/topic.ts';
import { descriptorLimit } from './descriptor-limit.ts';
import { createDispatcher } from './dispatcher/dispatcher.ts';
import { GatewayError } from './errors.ts';
import { createFrontend } from './frontend/frontend.ts';
import { createConnectionBound } from './http/connection-bound.ts';
import { fullFrame, turnAway } from './http/farewell.ts';
import { createGuards } from './http/guards.ts';
import { createIdentify, createIdentifyForwarded } from './http/identity.ts';
import { type Listener, listen } from './http/listener.ts';
import { oncePerRequest } from './http/once-per-request.ts';
import { allowedOriginsOf } from './http/origins.ts';
import { createRefusals } from './http/refusals.ts';
import { serveRoutes } from './http/router.ts';
import { createOperations } from './http/socket-operations.ts';
import { turnSocketAway } from './http/socket-stream.ts';
import { createUnderWay } from './http/under-way.ts';
import { createInternalRoutes } from './internal-routes.ts';
import { createPeerSource, peerSettleMs } from './peer-sources.ts';
import { createPublicRoutes } from './public-routes.ts';
import { createUnready, rolesInQuery } from './readiness.ts';
import { createOtherRegions } from './regions/other-regions.ts';
import { regionPaths } from './regions/region-calls.ts';
import { loadSite } from './site.ts';
import { logWhileWaiting } from './start-wait.ts';
import { type StopTimes, stopNode } from './stop.ts';
import { openStore, storeName } from './store/open-store.ts';
import { VERSION } from './version.ts';
import { createWriters } from './writers.ts';

/** Files that the build lays beside the code: the database thread, and the demo with the SDK for browsers. */
const built = (path: string) => new URL(`../dist/${path}`, import.meta.url);

/** Connections for words between two nodes. More than one is rarely under way. */
const PEER_CONNECTIONS = 8;

/** Connections to one node for requests of viewers that are handed to it; each waits for its answer. */
const FORWARD_CONNECTIONS = 64;

/** A running gateway. */
export interface Gateway {
	/** Where viewers connect. */
	readonly url: string;
	/** Where operators look, and other nodes. */
	readonly internalUrl: string;
	/** Why the node is not ready, in a sentence; undefined when it is. */
	readonly waitsFor: string | undefined;
	/**
	 * Stops without loss: not ready, viewers are shown what is pending and told to come back, likes that were taken are
	 * committed, answered and published, the other nodes go on without this one. May be called twice.
	 */
	close(): Promise<void>;
}

/** Starts a node of a gateway, with its roles. Rejects, with nothing left running, when it cannot start. */
export async function createApp(config: Config, logger: Logger): Promise<Gateway> {
	const staticFiles = loadSite(config.staticDir, built('public'), logger);
	const { node, region, roles } = config;
	const self: Member = { node, region, roles, version: VERSION, incarnation: Date.now() };
	const has = (role: (typeof self.roles)[number]) => self.roles.includes(role);
	const membership = new Membership({ ...self, url: '' });
	const secondLikes = createSecondLikes(self.node, logger);
	// Until there is a cluster, nobody has to hear of changes.
	let wakeCluster = () => {};
	function onPeers(peers: readonly Peer[]): void {
		membership.name(peers, monotonicNow(), peerSettleMs(config));
		if (has('likes') && config.databaseUrl === '') secondLikes.look(peers);
		wakeCluster();
	}
	const peerSource = createPeerSource({ ...config, self, onPeers, logger: logger.child({ tier: 'cluster' }) });
	const storeLogger = logger.child({ tier: 'store' });
	const store = has('likes')
		? await logWhileWaiting(
				openStore({ ...config, workerFile: built('sqlite-worker.js'), logger: storeLogger }),
				storeName(config),
				logger,
			)
		: undefined;
	let closing: Promise<void> | undefined;
	let hasMetDispatchers = has('dispatcher');

	// Each with connections of its own: what viewers do keeps no word between nodes waiting.
	const client = createPeerClient(PEER_CONNECTIONS);
	const forwardClient = createPeerClient(FORWARD_CONNECTIONS);
	const streamAgent = createPeerAgent(null);
	const clocks = createClockWatch(logger.child({ tier: 'cluster' }));
	const calls = createPeerCalls({
		self,
		clocks,
		secret: config.clusterSecret,
		membership,
		epochs: () => regionLink?.epochs ?? new Map(),
		client,
	});
	const otherRegions = createOtherRegions({
		self,
		regions: config.regions,
		secret: config.clusterSecret,
		isDispatcher: has('dispatcher'),
		isOnce: (type) => config.reactions.get(type) === 'once',
		client,
		forwardClient,
		logger: logger.child({ tier: 'regions' }),
	});
	const { lanes } = otherRegions;
	const cluster = createCluster({
		self: self.node,
		isDispatcher: has('dispatcher'),
		membership,
		calls,
		windowMs: config.peerWindowMs,
		relay: lanes,
		logger: logger.child({ tier: 'cluster' }),
	});
	wakeCluster = cluster.wake;

	const storeHere = store && ownStore(store);
	const regionStore = storeHere ?? storeOfOthers(() => cluster.view.likes, calls.storeAt);

	/** Whether the store of this region is known to live (docs/adr/0015-logs-resume-by-cursor.md). */
	function storeLives(): boolean {
		const standings = cluster.view.likes.map((node) => membership.standing(node));
		return store?.available ?? standings.some((standing) => standing === 'alive' || standing === 'suspect');
	}

	/** Connections that follow a video, as its owner has it; undefined when it cannot be asked. */
	async function viewersOf(video: string): Promise<number | undefined> {
		const topic = videoTopic(video);
		const owner = cluster.view.ring.owner(topic);
		if (owner === self.node) return dispatcher?.viewers(topic);
		return owner === undefined ? undefined : calls.viewers(owner, topic).catch(() => undefined);
	}

	const dispatcher = has('dispatcher')
		? createDispatcher({
				...config,
				self: self.node,
				// Alone, a batch is a call.
				windowMs: isAlone(config) ? 0 : config.peerWindowMs,
				router: cluster.router,
				view: cluster.view,
				isAbroad: config.regions.length > 0,
				read: regionStore.read,
				keepValues: regionStore.keepValues,
				onRouted: cluster.flush,
				logger: logger.child({ tier: 'dispatcher' }),
			})
		: undefined;
	const connectionBound = createConnectionBound({
		maxConnections: config.maxConnections,
		descriptors: descriptorLimit(),
		storeDescriptors: config.databasePool,
		perStream: has('frontend') ? 1 : 2,
		logger: logger.child({ tier: 'http' }),
	});
	const refusals = createRefusals(logger.child({ tier: 'http' }));
	const regionLink = otherRegions.link({
		store: regionStore,
		isInCharge: (region) => cluster.view.ring.owner(`region:${region}`) === self.node,
		publish: cluster.publish,
		onNewEpoch: () => dispatcher?.reread(),
		onRefused: refusals.count,
	});
	const frontend = has('frontend')
		? createFrontend({
				...config,
				incarnation: self.incarnation,
				ring: cluster.view.ring,
				async subscribe(node, message) {
					if (node !== self.node) return calls.subscribe(node, message);
					return dispatcher?.subscribe(message) ?? NO_UPDATES;
				},
				events: regionStore.events,
				storeLives,
				async heartbeat(node, users) {
					if (node === self.node) dispatcher?.heartbeat(users);
					else await calls.presence(node, users);
				},
				logger: logger.child({ tier: 'frontend' }),
			})
		: undefined;
	const writers =
		store && createWriters({ ...config, store, publish: cluster.publish, logger: logger.child({ tier: 'likes' }) });
	const presenceLookup = createPresenceLookup({
		ring: () => cluster.view.ring,
		ask: async (node, users) =>
			node === self.node && dispatcher ? dispatcher.presenceOf(users) : calls.presenceOf(node, users),
		store: regionStore,
	});

	const { identify, know } = oncePerRequest(createIdentify(config));
	const operations = createOperations({ know, refusals, logger });
	const streamRelay = createStreamRelay({ ...config, agent: streamAgent });
	const identifyForwarded = createIdentifyForwarded(config);
	const ways = { calls, client: forwardClient, streamRelay, operations };
	const forward = createForward({ identify, ...ways });

	const routes = createPublicRoutes({
		node: self.node,
		writers,
		frontend,
		membership,
		forward,
		identify,
		identifyForwarded,
		forwardFromRegion: createForward({ identify: identifyForwarded, prefix: regionPaths.forward, ...ways }),
		elsewhere: otherRegions.elsewhere,
		viewersOf,
		presenceLookup,
		refusals,
		operations,
	});

	const unready = createUnready({
		roles,
		isClosing: () => closing !== undefined,
		hasPlace: () => peerSource.ready,
		clockProblem: () => clocks.problem,
		hasMetDispatchers: () => hasMetDispatchers,
		storeWorks: () => writers?.healthy,
		view: () => cluster.view,
	});

	const internalRoutes = createInternalRoutes({
		self,
		secret: config.clusterSecret,
		membership,
		clocks,
		cluster,
		calls,
		membershipReport: () => ({
			...peerSource.report,
			...(secondLikes.problem && { problem: secondLikes.problem }),
		}),
		dispatcher,
		frontend,
		otherRegions,
		regionLink,
		storeHere,
		regionStore,
		refusals,
		connectionBound,
		routes,
		checkReady(query) {
			const error = unready(rolesInQuery(query));
			if (error !== undefined) throw error;
		},
	});

	cluster.start({
		publish: (updates) => dispatcher?.publishOwn(updates),
		deliver: (updates) => frontend?.deliver(updates),
		onView(view) {
			// Once met, they may all go: likes are stored and flooded without them, and traffic had better stay.
			hasMetDispatchers ||= view.ring.members.length > 0;
			dispatcher?.setView(view);
			frontend?.setRing(view.ring);
			regionLink?.wake();
		},
	});

	const underWay = createUnderWay();

	function stop(times: StopTimes): Promise<void> {
		const tiers = { frontend, streamRelay, writers, dispatcher, regionLink };
		const parts = {
			...tiers,
			alone: isAlone(config),
			publicListener,
			underWay,
			cluster,
			peerSource,
			store,
			closeClients,
		};
		return stopNode(parts, times);
	}

	async function closeClients(): Promise<void> {
		clocks.close();
		await Promise.all([client.close(), forwardClient.close(), streamAgent.destroy()]);
	}

	const allowedOrigins = allowedOriginsOf(config);
	const guards = createGuards({
		isDevelopment: config.jwtSecret === '',
		allowedOrigins,
		trustedHosts: config.trustedHosts,
		internalHosts: internalHostsOf(config),
	});
	let publicListener: Listener | undefined;
	let internalListener: Listener;
	try {
		// Only here: the cluster calls the parts above as soon as an await lets it.
		await writers?.started;
		publicListener = await listen(config.host, config.port, (app) => {
			connectionBound.guard(app);
			serveRoutes(app, underWay.count(routes.all), {
				allowedOrigins,
				...(guards.public && { guard: guards.public }),
				logger,
				refusals,
				admit: identify,
				isLast: () => closing !== undefined || connectionBound.isOverfull,
				refuseStream() {
					if (connectionBound.admitsStream()) return undefined;
					return (res, headers) => turnAway(res, headers, fullFrame(config.retryMs));
				},
				refuseSocket() {
					if (connectionBound.admitsStream()) return undefined;
					return { open: (socket) => turnSocketAway(socket, fullFrame(config.retryMs)) };
				},
				onSocketClosed: connectionBound.socketClosed,
				...(staticFiles && { fallback: staticFiles }),
			});
		});
		internalListener = await listen(internalHostOf(config), config.internalPort, (app) => {
			connectionBound.count(app);
			serveRoutes(app, internalRoutes, {
				allowedOrigins: () => false,
				guard: guards.internal,
				logger,
				refusals,
				admit: createCheckProof(config.clusterSecret),
				maxBodyBytes: MAX_PEER_BODY_BYTES,
				refuseStream() {
					if (connectionBound.admitsStream()) return undefined;
					// The node that asks for a viewer of its own asks the next frontend.
					throw new GatewayError('overloaded', 'This node has as many connections as it can take.');
				},
			});
		});
	} catch (error) {
		publicListener?.close();
		await stop({ drainMinMs: 0, drainMs: 0 });
		throw error;
	}
	const urlOf = (host: string, { port }: Listener) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

	const internalUrl = urlOf(internalHostOf(config), internalListener);
	peerSource.announce(config.advertise === '' ? internalUrl : `http://${config.advertise}`);

	return {
		url: urlOf(config.host, publicListener),
		internalUrl,
		get waitsFor() {
			return unready([])?.message;
		},
		close() {
			closing ??= (async () => {
				await stop(config);
				internalListener.close();
			})();
			return closing;
		},
	};
}
