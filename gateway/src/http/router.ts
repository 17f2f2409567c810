import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t } from 'uWebSockets.js';
import { MAX_BODY_BYTES } from '@likewire/protocol';
import type { Logger } from 'pino';
import { GatewayError } from '../runtime/errors.ts';
import { type Answer, asGatewayError, type Headers, problem } from './answer.ts';
import { checkHead, lengthRequired, nextTurn, readBody } from './body.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import type { Guard } from './guards.ts';
import type { AllowedOrigins } from './origins.ts';
import { Rejection, type Rejections } from './rejections.ts';
import { type Request, snapshotRequest } from './request.ts';
import { type After, sendAnswer } from './send.ts';
import type { AcceptSocket } from './text-socket.ts';
import { serveSockets, upgradeOf, upgradeRequired } from './uws-sockets.ts';

/** Answers a request whose body, if the method has one, is complete. May throw a {@link GatewayError}. */
export type Handler = (request: Request, body: Uint8Array) => Answer | Promise<Answer>;

/** Takes over a response for a stream, with `headers` added to its own. May throw before it wrote. */
export type BeginStream = (res: HttpResponse, headers: Headers) => void;

/**
 * Resolves with the function that begins the requested stream, which the router does not call after
 * the client left. May reject with a {@link GatewayError}.
 */
export type StreamHandler = (request: Request) => Promise<BeginStream>;

/**
 * Resolves with what opens the requested WebSocket. May reject with a {@link GatewayError}, before the
 * upgrade.
 */
export type SocketHandler = (request: Request) => Promise<AcceptSocket>;

/** The identity of a route. */
export interface RouteName {
	readonly method: 'GET' | 'POST' | 'DELETE';
	/** In the notation of uWebSockets.js: `/v1/videos/:video`. */
	readonly path: string;
	/** Whether it takes over a response for a stream. */
	readonly streams?: boolean;
	/** Whether it takes an upgrade to a WebSocket. */
	readonly upgrades?: boolean;
	/** Where its token may be; in the header alone when not given. */
	readonly tokenIn?: 'header or query';
}

export type Route =
	| { readonly method: 'GET' | 'POST' | 'DELETE'; readonly path: string; readonly handle: Handler }
	| { readonly method: 'GET'; readonly path: string; readonly stream: StreamHandler }
	| { readonly method: 'GET'; readonly path: string; readonly socket: SocketHandler };

export interface RouterOptions {
	readonly allowedOrigins: AllowedOrigins;
	/** Checks every request first; no check when not given. */
	readonly guard?: Guard;
	readonly logger: Logger;
	readonly rejections: Rejections;
	/**
	 * Throws, or rejects with, a {@link GatewayError} when this caller may send no body; called before a
	 * body is read.
	 */
	readonly admit: (request: Request) => unknown;
	/** The longest body, in bytes; that of the public protocol when not given. */
	readonly maxBodyBytes?: number;
	/**
	 * Returns whether every answer is the last one on its connection, so that the next request goes to
	 * another node.
	 */
	readonly isLast?: () => boolean;
	/**
	 * Returns what begins instead of a stream on a full node; undefined on another. May throw a {@link
	 * GatewayError}.
	 */
	readonly refuseStream?: () => BeginStream | undefined;
	/** Returns what opens instead of a socket on a full node; undefined on another. */
	readonly refuseSocket?: () => AcceptSocket | undefined;
	/** Counts one connection less, since a WebSocket closed. */
	readonly onSocketClosed?: () => void;
	/** Answers requests without a route; undefined for none. */
	readonly fallback?: (request: Request) => Answer | undefined;
}

/**
 * Adds routes to an app. Paths are in the notation of uWebSockets.js: `/v1/videos/:video`. Adds HEAD
 * to every GET that answers, OPTIONS for CORS, 405 with `Allow` and 404, and answers an error of a
 * handler with a problem.
 */
export function serveRoutes(app: TemplatedApp, routes: readonly Route[], options: RouterOptions): void {
	const {
		allowedOrigins,
		guard,
		logger,
		rejections,
		admit,
		maxBodyBytes = MAX_BODY_BYTES,
		isLast = () => false,
		refuseStream = () => undefined,
		refuseSocket = () => undefined,
		onSocketClosed = () => undefined,
		fallback,
	} = options;

	function serve(route: Route, res: HttpResponse, req: HttpRequest, context?: us_socket_context_t): void {
		const barred = guard?.(req);
		if (barred !== undefined) {
			bar(res, req, barred, route.path);
			return;
		}
		const request = snapshotRequest(req, route.path.split(':').length - 1);
		const upgrade = context === undefined ? undefined : upgradeOf(req, context, allowedOrigins);
		const cors = corsHeaders(allowedOrigins, request.headers.origin);
		let aborted = false;
		res.onAborted(() => {
			aborted = true;
		});
		/** Performs the route, unless the client left: then no method of `res` may be called any more. */
		const finish = async (act: () => Answer | Promise<Answer | BeginStream>): Promise<void> => {
			let outcome: Answer | BeginStream;
			try {
				outcome = await act();
				if (typeof outcome === 'function') {
					if (!aborted) outcome(res, cors);
					return;
				}
			} catch (thrown) {
				outcome = failure(route, request, thrown);
			}
			// The rest of a late body would be parsed as the next request.
			if (!aborted) sendAnswer(res, request.method, outcome, cors, outcome.status === 408 ? 'close' : afterAnswer());
		};
		const takesBody = route.method === 'POST';
		let admitted: unknown;
		try {
			checkHead(request, takesBody ? maxBodyBytes : undefined);
			if (takesBody) admitted = admit(request);
		} catch (thrown) {
			sendAnswer(res, request.method, failure(route, request, thrown), cors, afterRefusal(request));
			return;
		}
		if ('socket' in route) {
			void finish(async () => {
				if (upgrade === undefined) throw upgradeRequired();
				if (upgrade instanceof Rejection) throw upgrade;
				const accept = refuseSocket() ?? (await route.socket(request));
				if (aborted) accept.abandon?.();
				return (res) => upgrade(res, accept);
			});
		} else if ('stream' in route) void finish(async () => refuseStream() ?? route.stream(request));
		else if (route.method === 'GET') void finish(() => route.handle(request, NO_BODY));
		else {
			const isGone = () => aborted;
			const received = takesBody ? readBody(res, request, isGone) : nextTurn(NO_BODY, isGone);
			void finish(async () => {
				const [body] = await Promise.all([received, admitted]);
				return route.handle(request, body);
			});
		}
	}

	const afterAnswer = (): After => (isLast() ? 'close' : 'keep');

	/** The server skips the rest of a short body. */
	function afterRefusal({ headers, hasClearLength }: Request): After {
		if (!hasClearLength) return 'cut';
		return Number(headers['content-length']) > MAX_SKIPPED_BYTES ? 'close' : afterAnswer();
	}

	function failure(route: Route, { method }: Request, thrown: unknown): Answer {
		const error = asGatewayError(thrown);
		if (error instanceof Rejection) rejections.note(error, route.path);
		// Not the path of the request: it may contain the id of a connection.
		if (error.code === 'internal_error') {
			logger.error({ err: error.cause, method, route: route.path }, 'a request failed');
		}
		return problem(error);
	}

	/** Answers a request that the guard refuses. */
	function bar(res: HttpResponse, req: HttpRequest, refusal: Rejection, path: string): void {
		rejections.note(refusal, path);
		const request = snapshotRequest(req, 0);
		res.onAborted(() => undefined);
		const cors = corsHeaders(allowedOrigins, request.headers.origin);
		sendAnswer(res, request.method, problem(refusal), cors, afterRefusal(request));
	}

	/** Answers at once, without a handler. */
	function refuse(res: HttpResponse, req: HttpRequest, answerTo: (request: Request) => Answer): void {
		const barred = guard?.(req);
		if (barred !== undefined) {
			bar(res, req, barred, 'none');
			return;
		}
		const request = snapshotRequest(req, 0);
		res.onAborted(() => undefined);
		const answer = request.hasClearLength ? answerTo(request) : problem(lengthRequired());
		const cors = corsHeaders(allowedOrigins, request.headers.origin);
		sendAnswer(res, request.method, answer, cors, afterRefusal(request));
	}

	for (const [path, methods] of methodsByPath(routes)) {
		const allowed = [...methods, 'OPTIONS'];
		app.options(path, (res, req) =>
			refuse(res, req, () => ({
				status: 204,
				headers: { Allow: allowed.join(', '), ...preflightHeaders(methods) },
				body: '',
			})),
		);
		app.any(path, (res, req) =>
			refuse(res, req, () =>
				problem(new GatewayError('method_not_allowed', `This path takes ${methods.join(', ')}.`), {
					Allow: allowed.join(', '),
				}),
			),
		);
	}
	for (const route of routes) {
		if ('socket' in route) {
			const upgrade = (res: HttpResponse, req: HttpRequest, context: us_socket_context_t) =>
				serve(route, res, req, context);
			serveSockets(app, route.path, upgrade, onSocketClosed);
		}
		app[METHODS[route.method]](route.path, (res, req) => serve(route, res, req));
		if (route.method === 'GET' && 'handle' in route) app.head(route.path, (res, req) => serve(route, res, req));
	}
	app.any('/*', (res, req) =>
		refuse(
			res,
			req,
			(request) => fallback?.(request) ?? problem(new GatewayError('not_found', 'No route has this path.')),
		),
	);
}

const NO_BODY = new Uint8Array();

/** The server skips at most this much of an unread body, in bytes, so that the connection can continue. */
const MAX_SKIPPED_BYTES = 1024 * 1024;

const METHODS = { GET: 'get', POST: 'post', DELETE: 'del' } as const;

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
	const byPath = new Map<string, string[]>();
	for (const route of routes) {
		const methods = byPath.get(route.path) ?? [];
		methods.push(route.method);
		if (route.method === 'GET' && 'handle' in route) methods.push('HEAD');
		byPath.set(route.path, methods);
	}
	return byPath;
}
