import { z } from 'zod';
import { type Cursor, parseCursor } from '../delivery/cursor.ts';
import { GatewayError } from '../errors.ts';
import { type Answer, json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { authorizeTopics, presentUserOf } from '../http/caller.ts';
import { turnAway } from '../http/farewell.ts';
import type { Identify } from '../http/identity.ts';
import type { Request } from '../http/request.ts';
import type { Route, RouteName } from '../http/router.ts';
import { topicsInQuery, topicsOf } from './followed.ts';
import type { Frontend } from './frontend.ts';
import { UwsStreamSocket } from './uws-stream-socket.ts';

const names = z.array(z.string()).default([]);
const lists = z.object({ videos: names, conversations: names, presence: names, topics: names }).prefault({});
const subscriptionBody = z.object({ add: lists, remove: lists, cursors: names });

/** The routes that take the role `frontend`. */
export const FRONTEND_ROUTES = {
	stream: { method: 'GET', path: '/v1/stream', streams: true },
	change: { method: 'POST', path: '/v1/connections/:connection/subscriptions' },
} as const satisfies Record<string, RouteName>;

export interface FrontendRoutesOptions {
	/** The name of this node. */
	readonly node: string;
	readonly frontend: Frontend;
	readonly identify: Identify;
	/** Whether other nodes send the requests, and not viewers. */
	readonly forwarded: boolean;
	/** Hands a request for a connection of another frontend to that one. */
	readonly forward: (request: Request, body: Uint8Array) => Promise<Answer>;
}

/** The frontend that made a connection: the part of its id before the random one. */
export function frontendOf(connection: string): string {
	return connection.slice(0, Math.max(connection.lastIndexOf('.'), 0));
}

/** The routes of a Frontend. */
export function frontendRoutes({ node, frontend, identify, forwarded, forward }: FrontendRoutesOptions): Route[] {
	return [
		{
			method: FRONTEND_ROUTES.stream.method,
			path: FRONTEND_ROUTES.stream.path,
			async stream(request) {
				const caller = await identify(request);
				const topics = topicsInQuery(request.query);
				authorizeTopics(caller, topics);
				const last = request.headers['last-event-id'] || request.query.get('lastEventId');
				const wish = {
					topics,
					cursors: request.query.getAll('cursor').map(asCursor),
					lastEvent: last ? asCursor(last) : undefined,
					user: presentUserOf(caller),
					allowedMs: caller.expiresAt - Date.now(),
				};
				return (res, headers) => {
					// Another node hears an error, and asks the next frontend.
					if (frontend.draining && !forwarded) turnAway(res, headers, frontend.farewell());
					else frontend.connect(wish, (handlers) => new UwsStreamSocket(res, headers, handlers));
				};
			},
		},
		{
			...FRONTEND_ROUTES.change,
			async handle(request, body) {
				const connection = request.parameters[0] ?? '';
				const owner = frontendOf(connection);
				if (owner !== '' && owner !== node) return forward(request, body);
				const caller = await identify(request);
				const { add, remove, cursors } = parseBody(request, body, subscriptionBody);
				const change = { add: topicsOf(add), remove: topicsOf(remove), cursors: cursors.map(asCursor) };
				authorizeTopics(caller, change.add);
				const followed = frontend.change(connection, change);
				if (followed === undefined) {
					throw new GatewayError('connection_not_found', 'There is no such connection; open a new stream.');
				}
				return json(200, followed);
			},
		},
	];
}

/** The text as a cursor, or a {@link GatewayError}. */
function asCursor(text: string): Cursor {
	const cursor = parseCursor(text);
	if (cursor !== undefined) return cursor;
	throw new GatewayError('invalid_cursor', 'A cursor is the id of an event of a log, as a stream sent it.');
}
