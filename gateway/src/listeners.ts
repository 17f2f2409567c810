import type { Logger } from 'pino';
import { embedRoutes } from './api/embed/embed-routes.ts';
import { MAX_PEER_BODY_BYTES } from './cluster/rpc/messages.ts';
import { createCheckProof } from './cluster/rpc/peer-auth.ts';
import { type Config, internalHostOf, internalHostsOf } from './config/config.ts';
import type { ConnectionBound } from './http/connection-bound.ts';
import { createGuards } from './http/guards.ts';
import { type Listener, listen } from './http/listener.ts';
import { allowedOriginsOf } from './http/origins.ts';
import type { Rejections } from './http/rejections.ts';
import type { UnderWay } from './http/requests-in-progress.ts';
import { type RouterOptions, serveRoutes } from './http/router.ts';
import { fullFrame, rejectStream } from './http/stream/stream-close.ts';
import type { NodeRoutes } from './node-routes.ts';
import { GatewayError } from './runtime/errors.ts';
import { rejectSocket } from './socket/socket-stream.ts';

export interface ListenersOptions {
	readonly config: Config;
	readonly routes: NodeRoutes;
	readonly connectionBound: ConnectionBound;
	readonly rejections: Rejections;
	/** Counts the requests of viewers without an answer yet. */
	readonly underWay: UnderWay;
	/** Serves the files next to the API. */
	readonly staticFiles: RouterOptions['fallback'];
	readonly isClosing: () => boolean;
	readonly logger: Logger;
}

/** The listeners of a node: for viewers, and for operators and other nodes. */
export interface Listeners {
	readonly url: string;
	readonly internalUrl: string;
	readonly public: Listener;
	readonly internal: Listener;
}

/** Opens both listeners. Rejects, with none of them open, when a port is taken or not allowed. */
export async function openListeners(options: ListenersOptions): Promise<Listeners> {
	const viewers = await openPublicListener(options);
	try {
		const { listener: internal, url: internalUrl } = await openInternalListener(options);
		return { public: viewers, internal, url: urlOf(options.config.host, viewers), internalUrl };
	} catch (error) {
		viewers.close();
		throw error;
	}
}

export interface PublicListenerOptions extends Omit<ListenersOptions, 'routes'> {
	readonly routes: Pick<NodeRoutes, 'public' | 'identify'>;
	/** Opens the port; that of this process alone by default. */
	readonly open?: typeof listen;
}

/** Opens the listener for viewers. */
export function openPublicListener(options: PublicListenerOptions): Promise<Listener> {
	const {
		config,
		routes,
		connectionBound,
		rejections,
		underWay,
		staticFiles,
		isClosing,
		logger,
		open = listen,
	} = options;
	const allowedOrigins = allowedOriginsOf(config);
	const guard = guardsOf(config).public;
	return open(config.host, config.port, (app) => {
		connectionBound.guard(app);
		serveRoutes(app, [...embedRoutes(config), ...underWay.count(routes.public)], {
			allowedOrigins,
			...(guard && { guard }),
			logger,
			rejections,
			admit: routes.identify,
			isLast: () => isClosing() || connectionBound.isOverfull,
			refuseStream() {
				if (connectionBound.admitsStream()) return undefined;
				return (res, headers) => rejectStream(res, headers, fullFrame(config.retryMs));
			},
			refuseSocket() {
				if (connectionBound.admitsStream()) return undefined;
				return { open: (socket) => rejectSocket(socket, fullFrame(config.retryMs)) };
			},
			onSocketClosed: connectionBound.socketClosed,
			...(staticFiles && { fallback: staticFiles }),
		});
	});
}

/** What an internal listener serves. */
export interface InternalListenerOptions
	extends Pick<ListenersOptions, 'config' | 'connectionBound' | 'rejections' | 'logger'> {
	readonly routes: Pick<NodeRoutes, 'internal'>;
}

/** Opens a listener for operators, other nodes, or other processes of this node. */
export async function openInternalListener(
	options: InternalListenerOptions,
): Promise<{ readonly listener: Listener; readonly url: string }> {
	const { config, routes, connectionBound, rejections, logger } = options;
	const host = internalHostOf(config);
	const listener = await listen(host, config.internalPort, (app) => {
		connectionBound.count(app);
		serveRoutes(app, routes.internal, {
			allowedOrigins: () => false,
			guard: guardsOf(config).internal,
			logger,
			rejections,
			admit: createCheckProof(config.clusterSecret),
			maxBodyBytes: MAX_PEER_BODY_BYTES,
			refuseStream() {
				if (connectionBound.admitsStream()) return undefined;
				// The node that asks for a viewer then asks the next frontend.
				throw new GatewayError('overloaded', 'This node reached its limit of connections; connect to another node.');
			},
		});
	});
	return { listener, url: urlOf(host, listener) };
}

/** Returns the checks of requests that a configuration asks for. */
function guardsOf(config: Config) {
	return createGuards({
		isDevelopment: config.jwtSecret === '',
		allowedOrigins: allowedOriginsOf(config),
		trustedHosts: config.trustedHosts,
		internalHosts: internalHostsOf(config),
	});
}

/** Returns the address of a listener. */
export function urlOf(host: string, { port }: Pick<Listener, 'port'>): string {
	return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
