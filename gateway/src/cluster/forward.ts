import { randomUUID } from 'node:crypto';
import type { Problem } from '@likewire/protocol';
import { GatewayError } from '../errors.ts';
import { type Answer, problem } from '../http/answer.ts';
import { encodeCaller } from '../http/caller.ts';
import type { Identify } from '../http/identity.ts';
import type { Request } from '../http/request.ts';
import type { Route, RouteName } from '../http/router.ts';
import type { PeerResponse } from './answer-parser.ts';
import { type PeerCalls, peerPaths } from './peer-calls.ts';
import { type PeerClient, PeerError } from './peer-client.ts';
import type { StreamRelay } from './uws-stream-relay.ts';

/** A forwarded request has to be answered so soon, in milliseconds: sooner than clients give up. */
const FORWARD_DEADLINE_MS = 5_000;

/** Headers of an answer that are handed through. */
const ANSWER_HEADERS = {
	'content-type': 'Content-Type',
	'cache-control': 'Cache-Control',
	'retry-after': 'Retry-After',
};

export interface ForwardOptions {
	readonly identify: Identify;
	readonly calls: Pick<PeerCalls, 'headers' | 'urlOf'>;
	/** Not the one that nodes talk by: many requests of viewers would keep that waiting. */
	readonly client: PeerClient;
	readonly streamRelay: StreamRelay;
}

/** The nodes that may take a request, in the order in which to try them. */
export type Candidates = (request: Request) => readonly string[];

/** Hands public requests to other nodes, with the caller that this one identified. */
export interface Forward {
	/** A request with an answer. Throws `node_unavailable` when none of the nodes gives one. */
	send(request: Request, body: Uint8Array, nodes: readonly string[]): Promise<Answer>;
	/** A route that is served by other nodes. */
	route(name: RouteName, candidates: Candidates): Route;
}

export function createForward({ identify, calls, client, streamRelay }: ForwardOptions): Forward {
	/** What another node has to know of a request. The caller takes the place of the token. */
	async function headersOf(request: Request): Promise<Record<string, string>> {
		const { 'content-type': type, 'idempotency-key': key, 'last-event-id': lastEventId } = request.headers;
		const caller = encodeCaller(await identify(request));
		return {
			...calls.headers(),
			'x-likewire-caller': caller,
			// A like that names no id gets one here: a node that did not answer may have counted it.
			'idempotency-key': key || randomUUID(),
			...(type !== '' && { 'content-type': type }),
			...(lastEventId !== '' && { 'last-event-id': lastEventId }),
		};
	}

	async function send(request: Request, body: Uint8Array, nodes: readonly string[]): Promise<Answer> {
		const headers = await headersOf(request);
		const method = request.method === 'HEAD' ? 'GET' : (request.method as 'GET' | 'POST' | 'DELETE');
		let reason: unknown;
		for (const node of nodes) {
			try {
				const response = await client.send({
					url: calls.urlOf(node),
					path: forwardedPath(request),
					method,
					headers,
					body,
					deadlineMs: FORWARD_DEADLINE_MS,
				});
				if (isRefusedNode(response)) reason = new PeerError(`${node} refused this node: ${response.body}`);
				else if (response.status !== 503 || node === nodes.at(-1)) return answerOf(response);
			} catch (error) {
				if (!(error instanceof PeerError)) throw error;
				reason = error;
			}
		}
		const error = unavailable(reason);
		// With it a client that named no id can try again, and counts nothing twice.
		return problem(error, request.method === 'POST' ? { 'Idempotency-Key': headers['idempotency-key'] ?? '' } : {});
	}

	return {
		send,
		route({ method, path, streams }, candidates) {
			if (!streams) return { method, path, handle: (request, body) => send(request, body, candidates(request)) };
			return {
				method: 'GET',
				path,
				async stream(request) {
					const headers = await headersOf(request);
					const origins = candidates(request).map((node) => calls.urlOf(node));
					return (res, cors) => streamRelay.relay({ path: forwardedPath(request), headers }, origins, res, cors);
				},
			};
		},
	};
}

/** The path of a request on the internal listener of another node, without the token. */
function forwardedPath({ path, query }: Request): string {
	const rest = new URLSearchParams(query);
	rest.delete('token');
	const text = rest.toString();
	return `${peerPaths.forward}${path}${text === '' ? '' : `?${text}`}`;
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
