import type { z } from 'zod';
import { type Answer, json } from '../../http/answer.ts';
import { parseBody } from '../../http/body.ts';
import { Rejection } from '../../http/rejections.ts';
import type { Request } from '../../http/request.ts';
import type { Route } from '../../http/router.ts';
import { GatewayError } from '../../runtime/errors.ts';
import { monotonicNow } from '../../runtime/run-loop.ts';
import type { Presence } from '../../state/kinds/presence.ts';
import type { Registrations } from '../../state/topics/registration.ts';
import type { Updates } from '../../state/update.ts';
import type { Changes } from '../../store/store.ts';
import type { ClockWatch } from '../membership/clock-monitor.ts';
import type { MemberReport } from '../membership/member.ts';
import type { Membership, PeerIdentity } from '../membership/membership.ts';
import { encodeUpdates } from './batches.ts';
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
import { peerPaths } from './peer-paths.ts';
import type { TopicStore } from './topic-store.ts';

export interface PeerRoutesOptions {
	readonly self: { readonly node: string; readonly region: string; readonly incarnation: number };
	readonly admit: AuthenticatePeer;
	readonly membership: Membership;
	/** The clock that this node names; none by default. */
	readonly clocks?: Pick<ClockWatch, 'own'>;
	/** Called after each message of a node, by which the membership may have changed. */
	readonly onReceived: (sender: PeerIdentity) => void;
	/** Called with the epochs of other regions whose stores a node has read completely. */
	readonly onEpochs?: (epochs: ReadonlyMap<string, number>) => void;
	readonly report: () => MemberReport;
	/** The functions of the roles of this node; undefined without the role. */
	readonly publish: ((updates: Updates, origin: { view: string; forwarded: boolean }) => void) | undefined;
	readonly subscribe: ((message: Registrations) => Updates) | undefined;
	readonly viewers: ((topic: string) => number) | undefined;
	readonly presence: ((users: readonly string[]) => void) | undefined;
	readonly presenceOf: ((users: readonly string[]) => Promise<ReadonlyMap<string, Presence>>) | undefined;
	readonly deliver: ((updates: Updates) => void) | undefined;
	readonly store: TopicStore | undefined;
}

/** Returns the routes between nodes, on the internal listener. */
export function peerRoutes(options: PeerRoutesOptions): Route[] {
	const { self, admit, membership, clocks, onReceived, onEpochs, report, publish, subscribe, viewers, deliver, store } =
		options;
	const { presence, presenceOf } = options;

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
				onReceived(sender);
				if (handle === undefined) {
					const detail = `${sender.node} sent ${self.node} a message for a role that ${self.node} does not have.`;
					throw new Rejection('node_unavailable', 'peer_role', detail);
				}
				return handle(parseMessage(request, body, schema), sender);
			},
		};
	}

	/** Throws when a node sends rows of the own region: only the store of this region has them. */
	function refuseOwnRegion(region: string, { node }: PeerIdentity): void {
		if (region !== self.region) return;
		const detail = `${node} sent rows of the store of ${region}, which is the region of this node.`;
		throw new Rejection('peer_conflict', 'peer_region_own', detail);
	}

	return [
		route(peerPaths.ping, pingMessage, ({ leaving, epochs }, sender) => {
			onEpochs?.(epochs);
			membership.pinged(sender, leaving, monotonicNow());
			onReceived(sender);
			return answer(membership.ack(sender.node, monotonicNow()));
		}),
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
					checkRegistrations(message, sender, membership);
					const updates = subscribe(message);
					// Most digests find nothing that differs.
					return updates.size === 0 ? answer() : { ...answer([]), body: encodeUpdates(updates) };
				}),
		),
		route(
			peerPaths.presence,
			presenceMessage,
			presence &&
				(({ users }, sender) => {
					checkView(sender.node, sender.view, membership);
					presence(users);
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
			store &&
				(async ({ topics }) => {
					const { known, left } = await knownPage(store.read, topics);
					return answer(knownBody(known, left));
				}),
		),
		route(
			peerPaths.changes,
			changesMessage,
			store && (async ({ since, limit }) => answer(changesBody(await store.changes(since, limit)))),
		),
		route(
			peerPaths.positions,
			positionsMessage,
			store && (async () => answer({ positions: Object.fromEntries(await store.positions()) })),
		),
		route(
			peerPaths.replicate,
			replicateMessage,
			store &&
				(async ({ region, rows, reached }, sender) => {
					refuseOwnRegion(region, sender);
					await store.replicate(region, rows, reached);
					return answer();
				}),
		),
		route(
			peerPaths.events,
			eventsMessage,
			store && (async ({ topic, region, after, limit }) => answer(await store.events(topic, region, after, limit))),
		),
		route(
			peerPaths.find,
			findMessage,
			store && (async ({ topic, id }) => answer({ found: await store.find(topic, id) })),
		),
		route(
			peerPaths.keepEvents,
			keepEventsMessage,
			store &&
				(async ({ region, logs }, sender) => {
					refuseOwnRegion(region, sender);
					await store.keepEvents(region, logs);
					return answer();
				}),
		),
		route(
			peerPaths.missing,
			missingMessage,
			store &&
				(async ({ region, topics }) => answer({ missing: Object.fromEntries(await store.missing(region, topics)) })),
		),
		route(
			peerPaths.keepValues,
			keepValuesMessage,
			store &&
				(async ({ values }) => {
					await store.keepValues(values);
					return answer();
				}),
		),
		{
			method: 'GET',
			path: peerPaths.member,
			handle(request) {
				admit(request);
				return answer(report());
			},
		},
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

/** Throws unless a frontend registers for itself, by a ring that it named in a ping. */
function checkRegistrations(
	{ frontend, incarnation, view }: Registrations,
	sender: PeerIdentity,
	membership: Membership,
): void {
	if (frontend !== sender.node || incarnation !== sender.incarnation) {
		throw new Rejection('peer_conflict', 'peer_message', `${sender.node} registers for ${frontend} of ${incarnation}.`);
	}
	checkView(frontend, view, membership);
}

/** Throws unless a frontend named its ring in a ping. */
function checkView(frontend: string, view: string, membership: Membership): void {
	if (membership.isIntroduced(frontend, view)) return;
	const known = membership.view.ring.view;
	const detail = `${frontend} uses the view ${view}, which no ping has named; this node uses ${known}.`;
	throw new Rejection('peer_conflict', 'peer_view', detail);
}
