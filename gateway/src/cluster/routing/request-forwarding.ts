import { type Problem, paths, uuid } from '@likewire/protocol';
import type { Identify } from '../../auth/authenticate.ts';
import { type Caller, encodeCaller } from '../../auth/caller.ts';
import { acceptsGzip } from '../../http/accept-encoding.ts';
import { type Answer, problem } from '../../http/answer.ts';
import type { Request } from '../../http/request.ts';
import type { Route, RouteName } from '../../http/router.ts';
import { FRAMED_GZIP } from '../../http/stream/stream-encoding.ts';
import { monotonicNow } from '../../runtime/clock.ts';
import { GatewayError } from '../../runtime/errors.ts';
import type { Operations } from '../../socket/socket-operations.ts';
import type { PeerCalls } from '../rpc/peer-calls.ts';
import { type PeerClient, PeerError } from '../rpc/peer-client.ts';
import { peerPaths } from '../rpc/peer-paths.ts';
import type { PeerResponse } from '../rpc/response-parser.ts';
import type { StreamRelay } from './uws-stream-proxy.ts';

/** The deadline of a forwarded request over all tries, in milliseconds: shorter than that of clients. */
export const FORWARD_DEADLINE_MS = 5_000;

/** Headers of an answer that reach the client. */
const ANSWER_HEADERS = {
	'content-type': 'Content-Type',
	'cache-control': 'Cache-Control',
	'retry-after': 'Retry-After',
	'idempotency-key': 'Idempotency-Key',
};

export interface SenderOptions {
	/** The headers that authenticate this node. */
	readonly headers: () => Record<string, string>;
	/** A client of its own: many requests of viewers would delay the messages between nodes. */
	readonly client: PeerClient;
	/** The path below which other nodes take forwarded requests. */
	readonly prefix: string;
}

/**
 * Forwards a request, with the caller that this node identified, to the first address that answers,
 * within `withinMs`: 5 s by default.
 */
export type Send = (
	request: Request,
	body: Uint8Array,
	caller: Caller,
	urls: readonly string[],
	withinMs?: number,
) => Promise<Answer>;

/** Divides a time, in milliseconds, among tries in turn: each has an equal share of the rest. */
export function* shareTime<Try>(totalMs: number, tries: readonly Try[]): Generator<readonly [one: Try, ms: number]> {
	const endsAt = monotonicNow() + totalMs;
	// A copy, since the order of addresses may change during the tries.
	for (const [index, one] of [...tries].entries()) {
		yield [one, Math.max(1, Math.ceil((endsAt - monotonicNow()) / (tries.length - index)))];
	}
}

/** Creates a {@link Send} that resolves with the problem `node_unavailable` when no address answers. */
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
		// With this key a client that named no id can retry, and the like counts once.
		return problem(error, request.method === 'POST' ? { 'Idempotency-Key': sent['idempotency-key'] ?? '' } : {});
	};
}

/** Returns the headers of a forwarded request. The caller takes the place of the token. */
function headersOf({ headers }: Request, caller: Caller): Record<string, string> {
	const { 'content-type': type, 'idempotency-key': key, 'last-event-id': lastEventId } = headers;
	return {
		'x-likewire-caller': encodeCaller(caller),
		// A like without an id gets one, since a node that did not answer may have counted it.
		'idempotency-key': key || uuid(),
		...(type !== '' && { 'content-type': type }),
		// An id that is not a cursor may have any characters, and the client between nodes refuses invalid headers.
		...(lastEventId !== '' && { 'last-event-id': lastEventId.replace(/[^\x20-\x7e]/g, '?') }),
	};
}

export interface ForwardOptions {
	readonly identify: Identify;
	readonly calls: Pick<PeerCalls, 'headers' | 'urlOf'>;
	readonly client: PeerClient;
	readonly streamRelay: StreamRelay;
	/** Whether viewers of streams that accept gzip get it. */
	readonly streamGzip: boolean;
	/** The operations of clients of sockets. */
	readonly operations: Operations;
	/** The path below which other nodes take forwarded requests. */
	readonly prefix?: string;
}

/** Returns the nodes that may serve a request, in the order of tries. */
export type Candidates = (request: Request) => readonly string[];

/** Forwards public requests to other nodes of the cluster, with the caller that this node identified. */
export interface Forward {
	/** Forwards a request. Resolves with the problem `node_unavailable` when no node answers. */
	send(request: Request, body: Uint8Array, nodes: readonly string[]): Promise<Answer>;
	/** Returns a route that other nodes serve. */
	route(name: RouteName, candidates: Candidates): Route;
}

export function createForward(options: ForwardOptions): Forward {
	const { identify, calls, client, streamRelay, streamGzip, operations, prefix = peerPaths.forward } = options;
	const sendOn = createSender({ headers: calls.headers, client, prefix });
	const urlsOf = (nodes: readonly string[]) => nodes.map(calls.urlOf).filter((url) => url !== undefined);

	async function send(request: Request, body: Uint8Array, nodes: readonly string[]): Promise<Answer> {
		return sendOn(request, body, await identify(request), urlsOf(nodes));
	}

	return {
		send,
		route({ method, path, streams, upgrades, tokenIn }, candidates) {
			/** Resolves with the request for the stream at another node. */
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
					const { origins, path, headers } = await forwarded(request);
					const isGzip = streamGzip && acceptsGzip(request.headers['accept-encoding']);
					const stream = { path, headers: { ...headers, ...(isGzip && { 'accept-encoding': FRAMED_GZIP }) } };
					return (res, cors) => streamRelay.relay(stream, origins, res, cors);
				},
			};
		},
	};
}

/** Returns the path of a request on the internal listener of another node, without the token. */
function forwardedPath(prefix: string, { path, query }: Request): string {
	const rest = new URLSearchParams(query);
	rest.delete('token');
	const text = rest.toString();
	return `${prefix}${path}${text === '' ? '' : `?${text}`}`;
}

/** Returns whether the other node refused this node, and not its client. */
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
	const detail = 'No node that serves this request has answered. It may have succeeded: try again with the same id.';
	return new GatewayError('node_unavailable', detail, { cause });
}
