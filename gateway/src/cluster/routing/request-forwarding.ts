import { type Problem, paths, uuid } from '@likewire/protocol';
import type { Identify } from '../../auth/authenticate.ts';
import { type Caller, encodeCaller } from '../../auth/caller.ts';
import { type Answer, problem } from '../../http/answer.ts';
import type { Request } from '../../http/request.ts';
import type { Route, RouteName } from '../../http/router.ts';
import { GatewayError } from '../../runtime/errors.ts';
import { monotonicNow } from '../../runtime/run-loop.ts';
import type { Operations } from '../../socket/socket-operations.ts';
import type { PeerCalls } from '../rpc/peer-calls.ts';
import { type PeerClient, PeerError } from '../rpc/peer-client.ts';
import { peerPaths } from '../rpc/peer-paths.ts';
import type { PeerResponse } from '../rpc/response-parser.ts';
import type { StreamRelay } from './uws-stream-proxy.ts';

/** A forwarded request has to be answered so soon, in milliseconds, by whoever answers in the end: sooner than clients give up. */
export const FORWARD_DEADLINE_MS = 5_000;

/** Headers of an answer that are handed through. */
const ANSWER_HEADERS = {
	'content-type': 'Content-Type',
	'cache-control': 'Cache-Control',
	'retry-after': 'Retry-After',
	'idempotency-key': 'Idempotency-Key',
};

export interface SenderOptions {
	/** What shows that a request comes from this node. */
	readonly headers: () => Record<string, string>;
	/** Not the one that nodes talk by: many requests of viewers would keep that waiting. */
	readonly client: PeerClient;
	/** Below which path the others take requests that are forwarded. */
	readonly prefix: string;
}

/**
 * Hands a request over, with the caller that this node identified, to the first of the addresses that answers: within 5 s,
 * or so many milliseconds.
 */
export type Send = (
	request: Request,
	body: Uint8Array,
	caller: Caller,
	urls: readonly string[],
	withinMs?: number,
) => Promise<Answer>;

/** Divides a time among tries that follow each other, in milliseconds: each has an equal share of what is left then. */
export function* shareTime<Try>(totalMs: number, tries: readonly Try[]): Generator<readonly [one: Try, ms: number]> {
	const endsAt = monotonicNow() + totalMs;
	// The order of addresses may change meanwhile.
	for (const [index, one] of [...tries].entries()) {
		yield [one, Math.max(1, Math.ceil((endsAt - monotonicNow()) / (tries.length - index)))];
	}
}

/** The answer is a problem, `node_unavailable`, when none of the addresses gives one. */
export function createSender({ headers, client, prefix }: SenderOptions): Send {
	return async (request, body, caller, urls, withinMs = FORWARD_DEADLINE_MS) => {
		const sent = { ...headers(), ...headersOf(request, caller) };
		const method = request.method === 'HEAD' ? 'GET' : (request.method as 'GET' | 'POST' | 'DELETE');
		let reason: unknown;
		for (const [url, deadlineMs] of shareTime(withinMs, urls)) {
			try {
				const response = await client.send({
					url,
					path: forwardedPath(prefix, request),
					method,
					headers: sent,
					body,
					deadlineMs,
				});
				if (isRefusedNode(response)) reason = new PeerError(`${url} refused this node: ${response.body}`);
				else if (response.status !== 503 || url === urls.at(-1)) return answerOf(response);
			} catch (error) {
				if (!(error instanceof PeerError)) throw error;
				reason = error;
			}
		}
		const error = unavailable(reason);
		// With it a client that named no id can try again, and counts nothing twice.
		return problem(error, request.method === 'POST' ? { 'Idempotency-Key': sent['idempotency-key'] ?? '' } : {});
	};
}

/** What another node has to know of a request. The caller takes the place of the token. */
function headersOf({ headers }: Request, caller: Caller): Record<string, string> {
	const { 'content-type': type, 'idempotency-key': key, 'last-event-id': lastEventId } = headers;
	return {
		'x-likewire-caller': encodeCaller(caller),
		// A like that names no id gets one here: a node that did not answer may have counted it.
		'idempotency-key': key || uuid(),
		...(type !== '' && { 'content-type': type }),
		// An id that is no cursor may hold anything; the client between nodes refuses what a header may not hold.
		...(lastEventId !== '' && { 'last-event-id': lastEventId.replace(/[^\x20-\x7e]/g, '?') }),
	};
}

export interface ForwardOptions {
	readonly identify: Identify;
	readonly calls: Pick<PeerCalls, 'headers' | 'urlOf'>;
	readonly client: PeerClient;
	readonly streamRelay: StreamRelay;
	/** What clients of sockets may ask for. */
	readonly operations: Operations;
	/** Below which path the others take what this one hands on. */
	readonly prefix?: string;
}

/** The nodes that may take a request, in the order in which to try them. */
export type Candidates = (request: Request) => readonly string[];

/** Hands public requests to other nodes of the cluster, with the caller that this one identified. */
export interface Forward {
	/** A request with an answer, which is `node_unavailable` when none of the nodes gives one. */
	send(request: Request, body: Uint8Array, nodes: readonly string[]): Promise<Answer>;
	/** A route that is served by other nodes. */
	route(name: RouteName, candidates: Candidates): Route;
}

export function createForward(options: ForwardOptions): Forward {
	const { identify, calls, client, streamRelay, operations, prefix = peerPaths.forward } = options;
	const sendOn = createSender({ headers: calls.headers, client, prefix });
	const urlsOf = (nodes: readonly string[]) => nodes.map(calls.urlOf).filter((url) => url !== undefined);

	async function send(request: Request, body: Uint8Array, nodes: readonly string[]): Promise<Answer> {
		return sendOn(request, body, await identify(request), urlsOf(nodes));
	}

	return {
		send,
		route({ method, path, streams, upgrades, tokenIn }, candidates) {
			/** The stream that a request asks for, of one of the other nodes. */
			async function forwarded(request: Request) {
				const caller = await identify(request, tokenIn);
				const headers = { ...calls.headers(), ...headersOf(request, caller) };
				return { caller, headers, path: forwardedPath(prefix, request), origins: urlsOf(candidates(request)) };
			}
			if (upgrades) {
				return {
					method: 'GET',
					path,
					async socket(request) {
						const { origins, ...stream } = await forwarded({ ...request, path: paths.stream });
						return streamRelay.relaySocket({ ...stream, operations }, origins);
					},
				};
			}
			if (!streams) {
				return {
					method,
					path,
					async handle(request, body) {
						await identify(request, tokenIn);
						return send(request, body, candidates(request));
					},
				};
			}
			return {
				method: 'GET',
				path,
				async stream(request) {
					const { origins, ...stream } = await forwarded(request);
					return (res, cors) => streamRelay.relay(stream, origins, res, cors);
				},
			};
		},
	};
}

/** The path of a request on the internal listener of another node, without the token. */
function forwardedPath(prefix: string, { path, query }: Request): string {
	const rest = new URLSearchParams(query);
	rest.delete('token');
	const text = rest.toString();
	return `${prefix}${path}${text === '' ? '' : `?${text}`}`;
}

/** Whether it is this node that was refused, which its client can do nothing about. */
function isRefusedNode({ status, body }: PeerResponse): boolean {
	if (status !== 401 && status !== 409) return false;
	const { code } = JSON.parse(body) as Partial<Problem>;
	return code === 'unauthorized' || code === 'peer_conflict';
}

function answerOf({ status, headers, body }: PeerResponse): Answer {
	const kept: Record<string, string> = {};
	for (const [from, to] of Object.entries(ANSWER_HEADERS)) if (headers[from]) kept[to] = String(headers[from]);
	return { status, headers: kept, body };
}

function unavailable(cause?: unknown): GatewayError {
	const detail = 'No node that could do this has answered. It may be done all the same: try again with the same id.';
	return new GatewayError('node_unavailable', detail, { cause });
}
