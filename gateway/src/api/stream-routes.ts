import { parseUuid, STREAM_PACES, type SubscriptionAnswer } from '@likewire/protocol';
import { z } from 'zod';
import type { Identify } from '../auth/authenticate.ts';
import {
	type Caller,
	connectionOwner,
	mayChangeConnection,
	presentUserOf,
	type WatchRights,
	watchRights,
} from '../auth/caller.ts';
import type { StreamWish } from '../frontend/connections/connections.ts';
import { checkTopicCount, refusedOf, topicsInQuery, topicsOf } from '../frontend/connections/followed.ts';
import { UwsStreamSocket } from '../frontend/connections/uws-stream-socket.ts';
import type { Frontend } from '../frontend/frontend.ts';
import { type Answer, json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import type { Rejections } from '../http/rejections.ts';
import type { Request } from '../http/request.ts';
import type { Route, RouteName } from '../http/router.ts';
import { rejectStream } from '../http/stream/stream-close.ts';
import { encodingFor, relayedEncodingFor } from '../http/stream/stream-encoding.ts';
import { GatewayError } from '../runtime/errors.ts';
import type { Operations } from '../socket/socket-operations.ts';
import { rejectSocket, SocketStream } from '../socket/socket-stream.ts';
import { type Cursor, parseCursor } from '../state/cursor.ts';
import { cachedBriefly } from './cache-control.ts';

const names = z.array(z.string()).default([]);
const lists = z.object({ videos: names, conversations: names, presence: names, topics: names }).prefault({});
const subscriptionBody = z.object({
	add: lists,
	remove: lists,
	cursors: names,
	pace: z.enum(STREAM_PACES).optional(),
});

/** The routes that require the role `frontend`. */
export const FRONTEND_ROUTES = {
	stream: { method: 'GET', path: '/v1/stream', streams: true, tokenIn: 'header or query' },
	poll: { method: 'GET', path: '/v1/poll', tokenIn: 'header or query' },
	socket: { method: 'GET', path: '/v1/socket', upgrades: true, tokenIn: 'header or query' },
	change: { method: 'POST', path: '/v1/connections/:connection/subscriptions' },
	end: { method: 'DELETE', path: '/v1/connections/:connection' },
	alive: { method: 'POST', path: '/v1/connections/:connection/alive' },
} as const satisfies Record<string, RouteName>;

export interface FrontendRoutesOptions {
	/** Returns whether this process made a connection, or its id names no frontend. */
	readonly isOwn: (connection: string) => boolean;
	readonly frontend: Frontend;
	/** Performs the operations of clients of sockets. */
	readonly operations: Operations;
	readonly identify: Identify;
	/** Counts refused topics. */
	readonly rejections: Pick<Rejections, 'note'>;
	/** Whether clients that accept gzip get it. */
	readonly streamGzip: boolean;
	/** Whether other nodes send the requests, and not viewers. */
	readonly forwarded: boolean;
	/** Forwards a request for a connection of another frontend to that frontend. */
	readonly forward: (request: Request, body: Uint8Array) => Promise<Answer>;
	/**
	 * Forwards a poll to the frontend that counts its viewer; undefined when that is this one, or does not
	 * answer.
	 */
	readonly forwardPoll: (request: Request, poll: string) => Promise<Answer | undefined>;
}

/**
 * Returns the error for an unknown connection and for one of another caller, which learns no more than
 * that.
 */
export function connectionNotFound(): GatewayError {
	return new GatewayError('connection_not_found', 'The caller has no such connection; open a new stream.');
}

export function frontendRoutes(options: FrontendRoutesOptions): Route[] {
	const { isOwn, frontend, operations, identify, rejections, streamGzip, forwarded, forward, forwardPoll } = options;

	/** Returns a route of a connection, which its own frontend serves, for its own caller. */
	function ofConnection(name: RouteName, serve: (call: ConnectionCall) => Answer): Route {
		return {
			...name,
			async handle(request, body) {
				const id = request.parameters[0] ?? '';
				if (!isOwn(id)) return forward(request, body);
				const caller = await identify(request);
				const owner = frontend.ownerOf(id);
				if (owner === undefined || !mayChangeConnection(owner, caller)) throw connectionNotFound();
				return serve({ id, caller, request, body });
			},
		};
	}

	function note(refused: WatchRights['refused'], { path }: RouteName): void {
		for (const { refusal } of refused) rejections.note(refusal, path);
	}

	/**
	 * Returns what a query names, as far as its caller may follow it. Throws a {@link GatewayError}, also
	 * when it may follow nothing.
	 */
	function wishOf({ query, headers }: Request, caller: Caller, name: RouteName, more?: readonly string[]) {
		const { allowed, refused } = watchRights(caller, topicsInQuery(query, more));
		// A stream of nothing but forbidden topics carries no events: its client gets the status of the refusal.
		if (allowed.length === 0 && refused[0] !== undefined) throw refused[0].refusal;
		note(refused, name);
		const last = headers['last-event-id'] || query.get('lastEventId');
		return {
			topics: allowed,
			refused: refusedOf(refused),
			cursors: query.getAll('cursor').map(asCursor),
			// An EventSource sends it with every attempt, so an error would keep the client away for good.
			lastEvent: last ? (parseCursor(last) ?? ('unknown_position' as const)) : undefined,
			user: presentUserOf(caller),
		};
	}

	function streamWishOf(request: Request, caller: Caller, name: RouteName): StreamWish {
		const rest = { owner: connectionOwner(caller), allowedMs: caller.expiresAt - Date.now() };
		return { ...wishOf(request, caller, name), ...rest };
	}

	/**
	 * This node serves sockets for its own viewers; other nodes forward theirs as the streams that they
	 * carry.
	 */
	const sockets: Route[] = [
		{
			method: FRONTEND_ROUTES.socket.method,
			path: FRONTEND_ROUTES.socket.path,
			async socket(request) {
				const caller = await identify(request, FRONTEND_ROUTES.socket.tokenIn);
				const wish = streamWishOf(request, caller, FRONTEND_ROUTES.socket);
				checkTopicCount(wish.topics.length);
				return {
					open(socket) {
						if (frontend.draining) return rejectSocket(socket, frontend.closeFrame());
						let stream: SocketStream | undefined;
						frontend.connect(wish, (handlers) => {
							stream = new SocketStream({ socket, caller, operations, handlers });
							return stream;
						});
						if (stream === undefined) throw new Error('the frontend opened no socket');
						return stream;
					},
				};
			},
		},
	];

	return [
		...(forwarded ? [] : sockets),
		{
			method: FRONTEND_ROUTES.poll.method,
			path: FRONTEND_ROUTES.poll.path,
			async handle(request) {
				const caller = await identify(request, FRONTEND_ROUTES.poll.tokenIn);
				const poll = pollIn(request.query);
				const wish = wishOf(request, caller, FRONTEND_ROUTES.poll, [POLL]);
				if (poll === undefined) {
					return json(200, await frontend.poll({ ...wish, viewer: undefined }), cachedBriefly(caller));
				}
				const answer = await forwardPoll(request, poll);
				if (answer !== undefined) return answer;
				return json(200, await frontend.poll({ ...wish, viewer: `${connectionOwner(caller)} ${poll}` }));
			},
		},
		{
			method: FRONTEND_ROUTES.stream.method,
			path: FRONTEND_ROUTES.stream.path,
			async stream(request) {
				const caller = await identify(request, FRONTEND_ROUTES.stream.tokenIn);
				const wish = streamWishOf(request, caller, FRONTEND_ROUTES.stream);
				const choose = forwarded ? relayedEncodingFor : encodingFor;
				const encoding = choose(streamGzip ? request.headers['accept-encoding'] : '');
				return (res, headers) => {
					// Another node gets an error, and tries the next frontend.
					if (frontend.draining && !forwarded) rejectStream(res, headers, frontend.closeFrame());
					else frontend.connect(wish, (handlers) => new UwsStreamSocket(res, headers, encoding, handlers));
				};
			},
		},
		ofConnection(FRONTEND_ROUTES.change, ({ id, caller, request, body }) => {
			const { add, remove, cursors, pace } = parseBody(request, body, subscriptionBody);
			const { allowed, refused } = watchRights(caller, topicsOf(add));
			const followed = frontend.change(id, {
				add: allowed,
				remove: topicsOf(remove),
				cursors: cursors.map(asCursor),
				allowedMs: caller.expiresAt - Date.now(),
				pace,
			});
			if (followed === undefined) throw connectionNotFound();
			note(refused, FRONTEND_ROUTES.change);
			const named = refusedOf(refused);
			const answer: SubscriptionAnswer = { ...followed, ...(named && { refused: named }), ...(pace && { pace }) };
			return json(200, answer);
		}),
		ofConnection(FRONTEND_ROUTES.end, ({ id }) => {
			frontend.end(id);
			return NO_CONTENT;
		}),
		ofConnection(FRONTEND_ROUTES.alive, ({ id }) => {
			frontend.alive(id);
			return NO_CONTENT;
		}),
	];
}

const NO_CONTENT: Answer = { status: 204, headers: {}, body: '' };

/** A request for a connection that its caller may change. */
interface ConnectionCall {
	readonly id: string;
	readonly caller: Caller;
	readonly request: Request;
	readonly body: Uint8Array;
}

/** The parameter of a poll that names its viewer. */
const POLL = 'poll';

/**
 * Returns the id of the viewer in the query of a poll; undefined for none. Throws a {@link
 * GatewayError} for an invalid id.
 */
export function pollIn(query: URLSearchParams): string | undefined {
	const [first, ...more] = query.getAll(POLL);
	if (first === undefined) return undefined;
	const poll = more.length === 0 ? parseUuid(first) : undefined;
	if (poll !== undefined) return poll;
	throw new GatewayError('invalid_query', 'A poll has one parameter poll, a UUID that the client made, or none.');
}

/** Returns the cursor of a text. Throws a {@link GatewayError} for an invalid one. */
function asCursor(text: string): Cursor {
	const cursor = parseCursor(text);
	if (cursor !== undefined) return cursor;
	throw new GatewayError('invalid_cursor', 'A cursor is the id of an event of a log, as a stream sent it.');
}
