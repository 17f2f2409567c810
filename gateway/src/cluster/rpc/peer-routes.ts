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
	/** What this node says of its clock; nothing when not given. */
	readonly clocks?: Pick<ClockWatch, 'own'>;
	/** The membership may have learned something. */
	readonly onHeard: (word: PeerIdentity) => void;
	/** A node knows other regions to the end, in these epochs. */
	readonly onEpochs?: (epochs: ReadonlyMap<string, number>) => void;
	readonly report: () => MemberReport;
	/** What the roles of this node take; undefined without the role. */
	readonly publish: ((updates: Updates, origin: { view: string; forwarded: boolean }) => void) | undefined;
	readonly subscribe: ((message: Registrations) => Updates) | undefined;
	readonly viewers: ((topic: string) => number) | undefined;
	readonly presence: ((users: readonly string[]) => void) | undefined;
	readonly presenceOf: ((users: readonly string[]) => Promise<ReadonlyMap<string, Presence>>) | undefined;
	readonly deliver: ((updates: Updates) => void) | undefined;
	readonly store: TopicStore | undefined;
}

/** What nodes take of each other, on the internal listener. */
export function peerRoutes(options: PeerRoutesOptions): Route[] {
	const { self, admit, membership, clocks, onHeard, onEpochs, report, publish, subscribe, viewers, deliver, store } =
		options;
	const { presence, presenceOf } = options;

	/** The answer to a node, which says who answers. */
	function answer(value?: unknown): Answer {
		const headers = identityHeaders(self, membership, clocks);
		return value === undefined ? { status: 204, headers, body: '' } : json(200, value, headers);
	}

	function route<Message>(
		path: string,
		schema: z.ZodType<Message>,
		handle: ((message: Message, word: PeerIdentity) => Answer | Promise<Answer>) | undefined,
	): Route {
		return {
			method: 'POST',
			path,
			async handle(request, body) {
				const word = admit(request);
				onHeard(word);
				if (handle === undefined) {
					const detail = `${word.node} takes ${self.node} for a node of a role that it has not.`;
					throw new Rejection('node_unavailable', 'peer_role', detail);
				}
				return handle(parseMessage(request, body, schema), word);
			},
		};
	}

	/** Nobody else knows what the store of this node's region says. */
	function refuseOwnRegion(region: string, { node }: PeerIdentity): void {
		if (region !== self.region) return;
		const detail = `${node} tells of the store of ${region}, which this node has itself.`;
		throw new Rejection('peer_conflict', 'peer_region_own', detail);
	}

	return [
		route(peerPaths.ping, pingMessage, ({ leaving, epochs }, word) => {
			onEpochs?.(epochs);
			membership.pinged(word, leaving, monotonicNow());
			onHeard(word);
			return answer(membership.ack(word.node, monotonicNow()));
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
				((message, word) => {
					checkRegistrations(message, word, membership);
					const updates = subscribe(message);
					// Most digests find nothing that differs.
					return updates.size === 0 ? answer() : { ...answer([]), body: encodeUpdates(updates) };
				}),
		),
		route(
			peerPaths.presence,
			presenceMessage,
			presence &&
				(({ users }, word) => {
					checkView(word.node, word.view, membership);
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
				(async ({ region, rows, reached }, word) => {
					refuseOwnRegion(region, word);
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
				(async ({ region, logs }, word) => {
					refuseOwnRegion(region, word);
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
 * A route of the public listener for requests that another node forwards, below the path `prefix`, with the caller that
 * it identified. `admit` throws unless the other node may.
 */
export function forwardedRoute(route: Route, prefix: string, admit: (request: Request) => unknown): Route {
	const path = prefix + route.path;
	function admitted(request: Request): Request {
		admit(request);
		return { ...request, path: request.path.slice(prefix.length) };
	}
	if ('socket' in route) throw new Error('a socket is handed on as the stream that it carries');
	if ('stream' in route) return { ...route, path, stream: (request) => route.stream(admitted(request)) };
	return { ...route, path, handle: (request, body) => route.handle(admitted(request), body) };
}

/** The body of an answer to a question for changes. */
export function changesBody({ rows, values, ...page }: Changes): unknown {
	return { ...page, rows: Object.fromEntries(rows), values: Object.fromEntries(values) };
}

/** The message in a body. Throws a {@link Rejection} that says what is wrong with it. */
export function parseMessage<Message>(request: Request, body: Uint8Array, schema: z.ZodType<Message>): Message {
	try {
		return parseBody(request, body, schema);
	} catch (cause) {
		if (!(cause instanceof GatewayError)) throw cause;
		throw new Rejection(cause.code, 'peer_message', cause.message, { cause });
	}
}

/** A frontend registers for itself, and by a ring that it has told of. */
function checkRegistrations(
	{ frontend, incarnation, view }: Registrations,
	word: PeerIdentity,
	membership: Membership,
): void {
	if (frontend !== word.node || incarnation !== word.incarnation) {
		throw new Rejection('peer_conflict', 'peer_message', `${word.node} registers for ${frontend} of ${incarnation}.`);
	}
	checkView(frontend, view, membership);
}

/** A frontend speaks by a ring that it has told of. */
function checkView(frontend: string, view: string, membership: Membership): void {
	if (membership.isIntroduced(frontend, view)) return;
	const known = membership.view.ring.view;
	const detail = `${frontend} speaks by the view ${view}, which no ping has told of; this node's is ${known}.`;
	throw new Rejection('peer_conflict', 'peer_view', detail);
}
