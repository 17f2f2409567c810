import type { Readable } from 'node:stream';
import { ERROR_STATUS, type Problem, WATCHDOG_FACTOR } from '@likewire/protocol';
import type { Dispatcher } from 'undici';
import { closeGradually, shutdownFrame } from '../../http/stream/stream-close.ts';
import type { AcceptSocket, TextSocketEvents } from '../../http/text-socket.ts';
import { GatewayError } from '../../runtime/errors.ts';
import { rejectSocket, SocketStream, type SocketStreamOptions } from '../../socket/socket-stream.ts';

/** The deadline of the head of an answer, in milliseconds; then the proxy asks the next frontend. */
const HEAD_DEADLINE_MS = 2_000;

const NOTHING = Buffer.alloc(0);

/** The handlers of a socket that is closed at once. */
const NO_EVENTS: TextSocketEvents = { onMessage: () => undefined, onDrain: () => undefined, onClose: () => undefined };

/** The request of a viewer for a stream of a frontend. */
export interface SocketRequest extends Pick<SocketStreamOptions, 'caller' | 'operations'> {
	/** The stream that the socket carries. */
	readonly path: string;
	readonly headers: Record<string, string>;
}

/** Relays streams of frontends to sockets of viewers on this node. */
export interface SocketRelay {
	/**
	 * Asks the origins in turn for the stream, and resolves with the first one. Rejects with the {@link
	 * GatewayError} of a frontend that refuses it, or with `node_unavailable`.
	 */
	relay(request: SocketRequest, origins: readonly string[]): Promise<AcceptSocket>;
	/** Ends all sockets, spread over `spreadMs`, each with a close frame. */
	drain(spreadMs: number): Promise<void>;
}

export interface SocketRelayOptions {
	readonly agent: Dispatcher;
	/** The period of heartbeats of a stream, in milliseconds; without them the socket ends. */
	readonly heartbeatMs: number;
	/** The time after which clients reconnect, in milliseconds. */
	readonly retryMs: number;
}

export function createSocketRelay({ agent, heartbeatMs, retryMs }: SocketRelayOptions): SocketRelay {
	const bodyTimeout = heartbeatMs * WATCHDOG_FACTOR;
	const sockets = new Set<RelayedSocket>();
	let draining = false;

	/** Resolves with the stream of the first origin that has one. */
	async function ask({ path, headers }: SocketRequest, origins: readonly string[]): Promise<Readable> {
		for (const origin of origins) {
			const options = { origin, path, method: 'GET', headers, bodyTimeout, headersTimeout: HEAD_DEADLINE_MS } as const;
			const response = await agent.request(options).catch(() => undefined);
			if (response?.statusCode === 200) return response.body;
			const problem = await (response?.body.json() as Promise<Problem> | undefined)?.catch(() => undefined);
			// The frontend stops, is full, or does not answer; another one may take the stream.
			if (problem === undefined || response?.statusCode === 503) continue;
			if (problem.code in ERROR_STATUS) throw new GatewayError(problem.code, problem.detail);
		}
		throw new GatewayError('node_unavailable', 'No frontend answered; retry.');
	}

	return {
		async relay(request, origins) {
			const rejection = () =>
				({ open: (socket) => rejectSocket(socket, shutdownFrame(retryMs)) }) satisfies AcceptSocket;
			if (draining) return rejection();
			const body = await ask(request, origins);
			// `close` handles an error of an open socket; before it is open, no socket has to end.
			body.on('error', () => undefined);
			return {
				open(socket) {
					if (draining) {
						body.destroy();
						return rejectSocket(socket, shutdownFrame(retryMs));
					}
					// The stream failed before the socket was open.
					if (body.destroyed) {
						socket.close();
						return NO_EVENTS;
					}
					const stream = new SocketStream({
						...request,
						socket,
						handlers: { onGone: () => relayed.leave(), onDrained: () => body.resume() },
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

/** A socket with the stream that it carries: a viewer that reads slowly slows the frontend down. */
class RelayedSocket {
	readonly #stream: SocketStream;
	readonly #body: Readable;
	/** All open sockets, this one included. */
	readonly #all: Set<RelayedSocket>;
	/** The beginning of an event without its end. */
	#partial: Buffer = NOTHING;

	constructor(stream: SocketStream, body: Readable, all: Set<RelayedSocket>) {
		this.#stream = stream;
		this.#body = body;
		this.#all = all;
		all.add(this);
		body.on('data', (chunk: Buffer) => this.#write(chunk));
		body.on('close', () => this.#finish());
	}

	/** Ends the stream of a client that is gone. */
	leave(): void {
		this.#all.delete(this);
		this.#body.destroy();
	}

	/** Sends a close frame, and ends the socket. */
	dismiss(closeFrame: Uint8Array): void {
		this.#stream.write(closeFrame);
		this.#finish();
	}

	#write(chunk: Buffer): void {
		const bytes = Buffer.concat([this.#partial, chunk]);
		const end = bytes.lastIndexOf('\n\n');
		this.#partial = end < 0 ? bytes : bytes.subarray(end + 2);
		if (end >= 0 && !this.#stream.write(bytes.subarray(0, end + 2))) this.#body.pause();
	}

	/** Ends the socket with its stream; cuts it when the frontend failed, since events are missing. */
	#finish(): void {
		if (!this.#all.has(this)) return;
		const isCut = this.#body.errored !== null;
		this.leave();
		if (isCut) this.#stream.close();
		else this.#stream.end();
	}
}
