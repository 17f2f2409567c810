import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { operationsRoutes } from './cluster/routes.ts';
import type { Config } from './config.ts';
import { videoOf, videoTopic } from './delivery/topic.ts';
import { createDispatcher } from './dispatcher/dispatcher.ts';
import { GatewayError } from './errors.ts';
import { createFrontend } from './frontend/frontend.ts';
import { frontendRoutes } from './frontend/routes.ts';
import { createIdentify } from './http/identity.ts';
import { type Listener, listen } from './http/listener.ts';
import { createRefusals } from './http/refusals.ts';
import { serveRoutes } from './http/router.ts';
import { loadStaticFiles, type StaticFiles } from './http/static-files.ts';
import { createLikesService } from './likes/likes-service.ts';
import { likesRoutes } from './likes/routes.ts';
import { createSqliteStore } from './store/sqlite-store.ts';
import { type Store, StoreError } from './store/store.ts';
import { VERSION } from './version.ts';

/** Files that the build lays beside the code: the database thread, and the demo with the SDK for browsers. */
const built = (path: string) => new URL(`../dist/${path}`, import.meta.url);

/** A running gateway. */
export interface Gateway {
	/** Where viewers connect. */
	readonly url: string;
	/** Where operators look. */
	readonly internalUrl: string;
	/**
	 * Stops without loss: not ready, no new connections, likes that were taken are committed, answered and shown, viewers
	 * are told to come back, the database is closed. May be called twice.
	 */
	close(): Promise<void>;
}

/** Starts a gateway with all roles in this process. Rejects, with nothing left running, when it cannot start. */
export async function createApp(config: Config, logger: Logger): Promise<Gateway> {
	const staticFiles = loadSite(config.staticDir, logger);
	const store = await openStore(resolve(config.dataDir));
	let closing: Promise<void> | undefined;

	const dispatcher = createDispatcher({
		outboxWindowMs: 0,
		read: async (topics) => {
			const rows = await store.read(topics.map(videoOf));
			return new Map([...rows].map(([video, likes]) => [videoTopic(video), likes]));
		},
		deliver: (_frontend, updates) => frontend.deliver(updates),
		logger: logger.child({ tier: 'dispatcher' }),
	});
	const frontend = createFrontend({ ...config, register: dispatcher.subscribe });
	const likes = createLikesService({
		store,
		reactions: config.reactions,
		commitWindowMs: config.commitWindowMs,
		publish: dispatcher.publish,
		logger: logger.child({ tier: 'likes' }),
	});

	const identify = createIdentify(config);
	const refusals = createRefusals(logger.child({ tier: 'identity' }));
	const publicRoutes = [
		...likesRoutes({ service: likes, viewersOf: (video) => dispatcher.viewers(videoTopic(video)), identify }),
		...frontendRoutes({ frontend, identify }),
	];
	const internalRoutes = operationsRoutes({
		self: {
			node: config.node,
			region: config.region,
			roles: ['likes', 'dispatcher', 'frontend'],
			version: VERSION,
			incarnation: Date.now(),
		},
		figures: () => ({
			connections: frontend.connectionCount,
			topics: frontend.topicCount,
			rows: dispatcher.rowCount,
			dropped: dispatcher.dropped,
		}),
		unready() {
			if (closing !== undefined) return new GatewayError('shutting_down', 'This gateway is shutting down.');
			return likes.healthy ? undefined : new GatewayError('store_unavailable', 'The store does not work.');
		},
	});

	async function stopTiers(): Promise<void> {
		// The way of a like: each hands on what it still has before the next one stops.
		await likes.close();
		dispatcher.close();
		frontend.close();
		await store.close();
	}

	const listeners: Listener[] = [];
	try {
		listeners.push(
			await listen(config.host, config.port, (app) =>
				serveRoutes(app, publicRoutes, {
					allowedOrigins: config.allowedOrigins,
					logger,
					refusals,
					...(staticFiles && { fallback: staticFiles }),
				}),
			),
			await listen(config.host, config.internalPort, (app) =>
				serveRoutes(app, internalRoutes, { allowedOrigins: [], logger, refusals }),
			),
		);
	} catch (error) {
		for (const listener of listeners) listener.close();
		await stopTiers();
		throw error;
	}
	const [publicListener, internalListener] = listeners as [Listener, Listener];
	const urlOf = ({ port }: Listener) =>
		`http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;

	return {
		url: urlOf(publicListener),
		internalUrl: urlOf(internalListener),
		close() {
			closing ??= (async () => {
				publicListener.stop();
				await stopTiers();
				publicListener.close();
				internalListener.close();
			})();
			return closing;
		},
	};
}

async function openStore(directory: string): Promise<Store> {
	try {
		return await createSqliteStore(directory, built('sqlite-worker.js'));
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new StoreError(`cannot use the data directory ${directory}: ${reason} (--data-dir names another)`, { cause });
	}
}

/** The files to serve beside the API: those of `staticDir`, or the demo that comes with the gateway. */
function loadSite(staticDir: string, logger: Logger): StaticFiles | undefined {
	if (staticDir === 'none') return undefined;
	const directory = staticDir === '' ? fileURLToPath(built('public')) : resolve(staticDir);
	if (existsSync(directory)) return loadStaticFiles(directory, { '/embed/': '/embed.html' });
	logger.warn({ directory }, 'there is no such directory; no page is served');
	return undefined;
}
