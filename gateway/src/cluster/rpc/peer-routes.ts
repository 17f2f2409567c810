import type { z } from 'zod';
import { type Answer, json } from '../../http/answer.ts';
import { parseBody } from '../../http/body.ts';
import { Rejection } from '../../http/rejections.ts';
import type { Request } from '../../http/request.ts';
import type { Route } from '../../http/router.ts';
import { GatewayError } from '../../runtime/errors.ts';
import type { Changes } from '../../store/store.ts';
import type { ClockWatch } from '../membership/clock-monitor.ts';
import type { MemberReport } from '../membership/member.ts';
import type { PeerIdentity } from '../membership/membership.ts';
import { encodeRegistrationAnswer } from './batches.ts';
import { eventsMessage, findMessage, keepEventsMessage, keepValuesMessage, missingMessage } from './log-messages.ts';
import {
	changesMessage,
	knownBody,
	pingMessage,
	positionsMessage,
	presenceMessage,
	presenceOfMessage,
	publishMessage,
	readMessage,
	registrationsMessage,
	replicateMessage,
	updatesMessage,
	viewersMessage,
} from './messages.ts';
import { knownPage } from './pagination.ts';
import type { AuthenticatePeer } from './peer-auth.ts';
import { identityHeaders } from './peer-calls.ts';
import { createPeerHandlers, type PeerHandlersOptions } from './peer-handlers.ts';
import { peerPaths } from './peer-paths.ts';
import { timelineMessage } from './timeline-messages.ts';

export interface PeerRoutesOptions extends PeerHandlersOptions {
	readonly self: { readonly node: string; readonly region: string; readonly incarnation: number };
	readonly admit: AuthenticatePeer;
	/** The clock that this node names; none by default. */
	readonly clocks?: Pick<ClockWatch, 'own'>;
	/** Reports this node to others; without it no other asks. */
	readonly report?: () => MemberReport | Promise<MemberReport>;
}

/** Returns the routes between nodes, on the internal listener. */
export function peerRoutes(options: PeerRoutesOptions): Route[] {
	const { self, admit, membership, clocks, report } = options;
	const { received, ping, publish, deliver, subscribe, presence, presenceOf, viewers, storeFor } =
		createPeerHandlers(options);

	/** Returns an answer with the identity of this node. */
	function answer(value?: unknown): Answer {
		const headers = identityHeaders(self, membership, clocks);
		return value === undefined ? { status: 204, headers, body: '' } : json(200, value, headers);
	}

	function route<Message>(
		path: string,
		schema: z.ZodType<Message>,
		handle: ((message: Message, sender: PeerIdentity) => Answer | Promise<Answer>) | undefined,
	): Route {
		return {
			method: 'POST',
			path,
			async handle(request, body) {
				const sender = admit(request);
				received(sender);
				if (handle === undefined) {
					const detail = `${sender.node} sent ${self.node} a message for a role that ${self.node} does not have.`;
					throw new Rejection('node_unavailable', 'peer_role', detail);
				}
				return handle(parseMessage(request, body, schema), sender);
			},
		};
	}

	return [
		route(peerPaths.ping, pingMessage, (message, sender) => answer(ping(message, sender))),
		route(
			peerPaths.publish,
			publishMessage,
			publish &&
				(({ updates, forwarded }, { view }) => {
					publish(updates, { view, forwarded });
					return answer();
				}),
		),
		route(
			peerPaths.deliver,
			updatesMessage,
			deliver &&
				((updates) => {
					deliver(updates);
					return answer();
				}),
		),
		route(
			peerPaths.subscriptions,
			registrationsMessage,
			subscribe &&
				((message, sender) => {
					const found = subscribe(message, sender);
					// Most digests find nothing that differs.
					const isEmpty = found.updates.size === 0 && found.buckets === undefined;
					return isEmpty ? answer() : { ...answer([]), body: encodeRegistrationAnswer(found) };
				}),
		),
		route(
			peerPaths.presence,
			presenceMessage,
			presence &&
				(async ({ users }, sender) => {
					await presence(users, sender);
					return answer();
				}),
		),
		route(
			peerPaths.presenceOf,
			presenceOfMessage,
			presenceOf && (async ({ users }) => answer({ users: [...(await presenceOf(users))] })),
		),
		route(peerPaths.viewers, viewersMessage, viewers && (({ topic }) => answer({ viewers: viewers(topic) }))),
		route(
			peerPaths.read,
			readMessage,
			storeFor &&
				(async ({ topics }, sender) => {
					const { known, left } = await knownPage(storeFor(sender).read, topics);
					return answer(knownBody(known, left));
				}),
		),
		route(
			peerPaths.changes,
			changesMessage,
			storeFor &&
				(async ({ since, limit }, sender) => answer(changesBody(await storeFor(sender).changes(since, limit)))),
		),
		route(
			peerPaths.positions,
			positionsMessage,
			storeFor && (async (_, sender) => answer({ positions: Object.fromEntries(await storeFor(sender).positions()) })),
		),
		route(
			peerPaths.replicate,
			replicateMessage,
			storeFor &&
				(async ({ region, rows, reached }, sender) => {
					await storeFor(sender).replicate(region, rows, reached);
					return answer();
				}),
		),
		route(
			peerPaths.events,
			eventsMessage,
			storeFor &&
				(async ({ topic, region, after, limit }, sender) =>
					answer(await storeFor(sender).events(topic, region, after, limit))),
		),
		route(
			peerPaths.find,
			findMessage,
			storeFor && (async ({ topic, id }, sender) => answer({ found: await storeFor(sender).find(topic, id) })),
		),
		route(
			peerPaths.keepEvents,
			keepEventsMessage,
			storeFor &&
				(async ({ region, logs }, sender) => {
					await storeFor(sender).keepEvents(region, logs);
					return answer();
				}),
		),
		route(
			peerPaths.missing,
			missingMessage,
			storeFor &&
				(async ({ region, topics }, sender) =>
					answer({ missing: Object.fromEntries(await storeFor(sender).missing(region, topics)) })),
		),
		route(
			peerPaths.keepValues,
			keepValuesMessage,
			storeFor &&
				(async ({ values }, sender) => {
					await storeFor(sender).keepValues(values);
					return answer();
				}),
		),
		route(
			peerPaths.timeline,
			timelineMessage,
			storeFor && (async (range, sender) => answer(await storeFor(sender).timeline(range))),
		),
		...(report === undefined
			? []
			: [
					{
						method: 'GET' as const,
						path: peerPaths.member,
						async handle(request: Request) {
							admit(request);
							return answer(await report());
						},
					},
				]),
	];
}

/**
 * Returns a route of the public listener for forwarded requests, below the path `prefix`, with the
 * caller that the other node identified. `admit` throws unless the other node may forward.
 */
export function forwardedRoute(route: Route, prefix: string, admit: (request: Request) => unknown): Route {
	const path = prefix + route.path;
	function admitted(request: Request): Request {
		admit(request);
		return { ...request, path: request.path.slice(prefix.length) };
	}
	if ('socket' in route) throw new Error('a socket is forwarded as the stream that it carries');
	if ('stream' in route) return { ...route, path, stream: (request) => route.stream(admitted(request)) };
	return { ...route, path, handle: (request, body) => route.handle(admitted(request), body) };
}

/** Returns the body of an answer to a request for changes. */
export function changesBody({ rows, values, ...page }: Changes): unknown {
	return { ...page, rows: Object.fromEntries(rows), values: Object.fromEntries(values) };
}

/** Parses the message in a body. Throws a {@link Rejection} that names the mistake. */
export function parseMessage<Message>(request: Request, body: Uint8Array, schema: z.ZodType<Message>): Message {
	try {
		return parseBody(request, body, schema);
	} catch (cause) {
		if (!(cause instanceof GatewayError)) throw cause;
		throw new Rejection(cause.code, 'peer_message', cause.message, { cause });
	}
}
