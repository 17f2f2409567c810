import type { z } from 'zod';
import { monotonicNow } from '../../runtime/clock.ts';
import type { Presence } from '../../state/kinds/presence.ts';
import { NOTHING_DIFFERS, type RegistrationAnswer, type Registrations } from '../../state/topics/registration.ts';
import type { Updates } from '../../state/update.ts';
import { encodeClock, parseClock } from '../membership/clock-comparison.ts';
import type { ClockWatch } from '../membership/clock-monitor.ts';
import type { MemberReport } from '../membership/member.ts';
import type { Membership, PingAnswer } from '../membership/membership.ts';
import { encodePublish, encodeUpdates } from './batches.ts';
import { ackMessage, PEER_PROTOCOL, presenceOfAnswer, registrationAnswer, viewersAnswer } from './messages.ts';
import { checkAnswer, checkKnowsOurView, checkSettled, errorOfStatus } from './peer-checks.ts';
import { type PeerClient, PeerError, type PeerRequest } from './peer-client.ts';
import { peerPaths } from './peer-paths.ts';
import type { PeerResponse } from './response-parser.ts';
import { createStoreCalls } from './store-calls.ts';
import type { TopicStore } from './topic-store.ts';

/** The deadline of an answer between nodes, in milliseconds: short, since updates merge. */
export const DEADLINE_MS = 250;

/** The deadline of a ping, in milliseconds: longer, since a busy node is not gone. */
export const PING_DEADLINE_MS = 750;

/** The deadline of a registration, in milliseconds: longer, since it may have all topics. */
export const SUBSCRIBE_DEADLINE_MS = 1_000;

/** The deadline of a read, in milliseconds: it waits behind transactions of the database. */
export const READ_DEADLINE_MS = 1_000;

const NO_EPOCHS: ReadonlyMap<string, number> = new Map();

export interface PeerCallsOptions {
	readonly self: { readonly node: string; readonly incarnation: number };
	readonly secret: string;
	readonly membership: Membership;
	/** The epochs of other regions that this node has read completely, for pings; none by default. */
	readonly epochs?: () => ReadonlyMap<string, number>;
	readonly client: PeerClient;
	/** The clock of this node, and the clocks that other nodes name. */
	readonly clocks?: Pick<ClockWatch, 'own' | 'received'>;
}

/** Requests to other nodes. Each rejects with a {@link PeerError} without the expected answer. */
export interface PeerCalls {
	ping(node: string): Promise<PingAnswer>;
	publish(node: string, updates: Updates, forwarded: boolean): Promise<void>;
	deliver(node: string, updates: Updates): Promise<void>;
	/** Registers topics of this frontend. Resolves with what it does not have. */
	subscribe(node: string, message: Registrations): Promise<RegistrationAnswer>;
	/** Returns the store of the region at a Likes node. */
	storeAt(node: string): TopicStore;
	viewers(node: string, topic: string): Promise<number>;
	/** Sends a dispatcher the heartbeats of users. */
	presence(node: string, users: readonly string[]): Promise<void>;
	/** Asks a dispatcher for the presence of users that it owns. */
	presenceOf(node: string, users: readonly string[]): Promise<ReadonlyMap<string, Presence>>;
	/** Asks a node for its report, by default within {@link DEADLINE_MS}. */
	member(node: string, deadlineMs?: number): Promise<MemberReport>;
	/** Returns the address of a node; undefined for an unknown node. */
	urlOf(node: string): string | undefined;
	/** Returns the headers that authenticate this node. */
	headers(): Record<string, string>;
}

export function createPeerCalls({
	self,
	secret,
	membership,
	epochs = () => NO_EPOCHS,
	client,
	clocks,
}: PeerCallsOptions): PeerCalls {
	function headers(): Record<string, string> {
		return {
			'x-likewire-protocol': PEER_PROTOCOL,
			'x-likewire-secret': secret,
			...identityHeaders(self, membership, clocks),
		};
	}

	function urlOf(node: string): string {
		const peer = membership.peer(node);
		if (peer === undefined) throw new PeerError(`${node} is not among the peers of this node`);
		return peer.url;
	}

	/** Throws unless the answer comes from the node that was asked, in its known life. */
	function checkSender(node: string, { status, headers: answered, body }: PeerResponse): void {
		const error = errorOfStatus(node, status, body.slice(0, 500));
		if (error !== undefined) throw error;
		const identity = {
			node: String(answered['x-likewire-node']),
			incarnation: Number(answered['x-likewire-incarnation']),
			view: String(answered['x-likewire-view']),
		};
		if (!Number.isSafeInteger(identity.incarnation)) throw new PeerError(`${node} names no incarnation`);
		if (identity.node !== node)
			throw new PeerError(`${urlOf(node)} should be ${node}, and answers as ${identity.node}`);
		const clock = parseClock(String(answered['x-likewire-clock']));
		if (clock !== undefined) clocks?.received(node, clock);
		checkAnswer(membership, identity, monotonicNow());
	}

	async function send(node: string, request: Omit<PeerRequest, 'url'>): Promise<PeerResponse> {
		checkSettled(membership, node, monotonicNow());
		const response = await client.send({ ...request, url: urlOf(node), headers: { ...headers(), ...request.headers } });
		checkSender(node, response);
		return response;
	}

	async function call(
		node: string,
		path: string,
		body: string | Uint8Array,
		deadlineMs = DEADLINE_MS,
	): Promise<PeerResponse> {
		return send(node, { path, headers: { 'content-type': 'application/json' }, body, deadlineMs });
	}

	function parse<Schema extends z.ZodType>(node: string, { body }: PeerResponse, schema: Schema): z.infer<Schema> {
		try {
			return schema.parse(JSON.parse(body));
		} catch (cause) {
			throw new PeerError(`${node} sent an unreadable answer`, { cause });
		}
	}

	return {
		urlOf: (node) => membership.peer(node)?.url,
		headers,
		async ping(node) {
			const body = JSON.stringify({ leaving: membership.leaving, epochs: Object.fromEntries(epochs()) });
			const response = await call(node, peerPaths.ping, body, PING_DEADLINE_MS);
			return {
				node,
				incarnation: Number(response.headers['x-likewire-incarnation']),
				view: String(response.headers['x-likewire-view']),
				...parse(node, response, ackMessage),
			};
		},
		async publish(node, updates, forwarded) {
			await call(node, peerPaths.publish, encodePublish(updates, forwarded));
		},
		async deliver(node, updates) {
			await call(node, peerPaths.deliver, encodeUpdates(updates));
		},
		async subscribe(node, message) {
			checkKnowsOurView(membership, node);
			const answer = await call(node, peerPaths.subscriptions, JSON.stringify(message), SUBSCRIBE_DEADLINE_MS);
			return answer.status === 204 ? NOTHING_DIFFERS : parse(node, answer, registrationAnswer);
		},
		storeAt: (node) =>
			createStoreCalls(node, {
				async ask(path, question, schema) {
					return parse(node, await call(node, path, JSON.stringify(question), READ_DEADLINE_MS), schema);
				},
				async send(path, message) {
					await call(node, path, JSON.stringify(message), READ_DEADLINE_MS);
				},
			}),
		async viewers(node, topic) {
			return parse(node, await call(node, peerPaths.viewers, JSON.stringify({ topic })), viewersAnswer).viewers;
		},
		async presence(node, users) {
			checkKnowsOurView(membership, node);
			await call(node, peerPaths.presence, JSON.stringify({ users }), SUBSCRIBE_DEADLINE_MS);
		},
		async presenceOf(node, users) {
			const response = await call(node, peerPaths.presenceOf, JSON.stringify({ users }), READ_DEADLINE_MS);
			return parse(node, response, presenceOfAnswer);
		},
		async member(node, deadlineMs = DEADLINE_MS) {
			const request = { method: 'GET', path: peerPaths.member, headers: {}, deadlineMs } as const;
			return JSON.parse((await send(node, request)).body) as MemberReport;
		},
	};
}

/** Returns the headers by which every request and answer between nodes identifies its sender. */
export function identityHeaders(
	self: { readonly node: string; readonly incarnation: number },
	membership: Membership,
	clocks?: Pick<ClockWatch, 'own'>,
): Record<string, string> {
	return {
		'x-likewire-node': self.node,
		'x-likewire-incarnation': String(self.incarnation),
		'x-likewire-view': membership.view.ring.view,
		...(clocks && { 'x-likewire-clock': encodeClock(clocks.own) }),
	};
}
