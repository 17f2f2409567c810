import type { Readable } from 'node:stream';
import { ERROR_STATUS, type Problem, WATCHDOG_FACTOR } from '@likewire/protocol';
import type { Dispatcher } from 'undici';
import { closeGradually, shutdownFrame } from '../../http/stream/stream-close.ts';
import type { AcceptSocket, TextSocketEvents } from '../../http/text-socket.ts';
import { GatewayError } from '../../runtime/errors.ts';
import { rejectSocket, SocketStream, type SocketStreamOptions } from '../../socket/socket-stream.ts';

/** A frontend has to begin its answer so soon, in milliseconds; then another one is asked. */
const HEAD_DEADLINE_MS = 2_000;

const NOTHING = Buffer.alloc(0);

/** What is done with a socket that is cut at once. */
const NO_EVENTS: TextSocketEvents = { onMessage: () => undefined, onDrain: () => undefined, onClose: () => undefined };

/** What a viewer asks a frontend for, by way of this node. */
export interface SocketRequest extends Pick<SocketStreamOptions, 'caller' | 'operations'> {
	/** The stream that the socket carries. */
	readonly path: string;
	readonly headers: Record<string, string>;
}

/** Sockets of viewers on a node that does not hold them: each carries a stream of a frontend. */
export interface SocketRelay {
	/**
	 * Asks the origins in turn for the stream, until one gives it. Rejects with the {@link GatewayError} of a frontend that
	 * refuses it, or with `node_unavailable`.
	 */
	relay(request: SocketRequest, origins: readonly string[]): Promise<AcceptSocket>;
	/** Ends all sockets, many of them spread over `spreadMs`, each with the word to come back. */
	drain(spreadMs: number): Promise<void>;
}

export interface SocketRelayOptions {
	readonly agent: Dispatcher;
	/** Something comes from the other node so often, in milliseconds; when it does not, the socket ends. */
	readonly heartbeatMs: number;
	/** Clients come back after about so long, in milliseconds. */
	readonly retryMs: number;
}

export function createSocketRelay({ agent, heartbeatMs, retryMs }: SocketRelayOptions): SocketRelay {
	const bodyTimeout = heartbeatMs * WATCHDOG_FACTOR;
	const sockets = new Set<RelayedSocket>();
	let draining = false;

	/** The stream of the first origin that gives it. */
	async function ask({ path, headers }: SocketRequest, origins: readonly string[]): Promise<Readable> {
		for (const origin of origins) {
			const options = { origin, path, method: 'GET', headers, bodyTimeout, headersTimeout: HEAD_DEADLINE_MS } as const;
			const response = await agent.request(options).catch(() => undefined);
			if (response?.statusCode === 200) return response.body;
			const problem = await (response?.body.json() as Promise<Problem> | undefined)?.catch(() => undefined);
			// It stops, or it can take no more, or does not answer; another one may.
			if (problem === undefined || response?.statusCode === 503) continue;
			if (problem.code in ERROR_STATUS) throw new GatewayError(problem.code, problem.detail);
		}
		throw new GatewayError('node_unavailable', 'No node that could do this answers now; try again.');
	}

	return {
		async relay(request, origins) {
			const farewell = () =>
				({ open: (socket) => rejectSocket(socket, shutdownFrame(retryMs)) }) satisfies AcceptSocket;
			if (draining) return farewell();
			const body = await ask(request, origins);
			// An error ends the socket; before it is open, there is nothing to end.
			body.on('error', () => undefined);
			return {
				open(socket) {
					if (draining) {
						body.destroy();
						return rejectSocket(socket, shutdownFrame(retryMs));
					}
					// It failed before the socket was open.
					if (body.destroyed) {
						socket.close();
						return NO_EVENTS;
					}
					const stream = new SocketStream({
						...request,
						socket,
						onGone: () => relayed.leave(),
						onDrained: () => body.resume(),
					});
					const relayed = new RelayedSocket(stream, body, sockets);
					return stream;
				},
				abandon: () => void body.destroy(),
			};
		},

		async drain(spreadMs) {
			draining = true;
			await closeGradually(
				() => [...sockets],
				(socket) => socket.dismiss(shutdownFrame(retryMs)),
				spreadMs,
			);
		},
	};
}

/** A socket and the stream that it carries: a viewer who reads slowly slows the frontend down. */
class RelayedSocket {
	readonly #stream: SocketStream;
	readonly #body: Readable;
	/** Those that are open, with this one. */
	readonly #all: Set<RelayedSocket>;
	/** The beginning of an event whose end has not come. */
	#partial: Buffer = NOTHING;

	constructor(stream: SocketStream, body: Readable, all: Set<RelayedSocket>) {
		this.#stream = stream;
		this.#body = body;
		this.#all = all;
		all.add(this);
		body.on('data', (chunk: Buffer) => this.#write(chunk));
		body.on('close', () => this.#finish());
	}

	/** The client is gone. */
	leave(): void {
		this.#all.delete(this);
		this.#body.destroy();
	}

	/** Says farewell, and ends the socket. */
	dismiss(farewell: Uint8Array): void {
		this.#stream.write(farewell);
		this.#finish();
	}

	#write(chunk: Buffer): void {
		const bytes = Buffer.concat([this.#partial, chunk]);
		const end = bytes.lastIndexOf('\n\n');
		this.#partial = end < 0 ? bytes : bytes.subarray(end + 2);
		if (end >= 0 && !this.#stream.write(bytes.subarray(0, end + 2))) this.#body.pause();
	}

	/** The frontend ended the stream, or is gone: then what was sent is not all, and the socket is cut. */
	#finish(): void {
		if (!this.#all.has(this)) return;
		const isCut = this.#body.errored !== null;
		this.leave();
		if (isCut) this.#stream.close();
		else this.#stream.end();
	}
}
