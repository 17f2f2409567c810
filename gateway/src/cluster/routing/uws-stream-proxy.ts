import type { HttpResponse } from 'uWebSockets.js';
import { WATCHDOG_FACTOR } from '@likewire/protocol';
import type { Dispatcher } from 'undici';
import { type Headers, problem, writeHead } from '../../http/answer.ts';
import { writeEvents } from '../../http/stream/event-chunks.ts';
import { closeGradually, rejectStream, shutdownFrame } from '../../http/stream/stream-close.ts';
import { GatewayError } from '../../runtime/errors.ts';
import { type RelayedStream, relayedStream } from './relayed-stream.ts';
import { createSocketRelay, type SocketRelay, type SocketRelayOptions } from './socket-proxy.ts';

/** The deadline of the head of an answer, in milliseconds; then the proxy asks the next frontend. */
const HEAD_DEADLINE_MS = 2_000;

/** The period of comments to a blocked viewer, in milliseconds: uWebSockets.js ends it after 10 s. */
const HOLD_ON_MS = 1_000;

const HEADERS = ['content-type', 'cache-control', 'vary', 'x-accel-buffering', 'retry-after'];

/** Relays streams of viewers from frontends through this node. */
export interface StreamRelay {
	/**
	 * Asks the origins in turn for the stream, and relays the first one to the viewer. A viewer that reads
	 * slowly slows that frontend down. Answers with `node_unavailable` when no origin answers.
	 */
	relay(request: StreamRequest, origins: readonly string[], res: HttpResponse, cors: Headers): void;
	/** As {@link SocketRelay.relay}. */
	relaySocket: SocketRelay['relay'];
	/**
	 * Ends all streams and sockets, spread over `spreadMs`. Each viewer receives a close frame between two
	 * events, and new viewers receive it at once.
	 */
	drain(spreadMs: number): Promise<void>;
}

export type StreamRelayOptions = SocketRelayOptions;

export interface StreamRequest {
	readonly path: string;
	readonly headers: Record<string, string>;
}

export function createStreamRelay(options: StreamRelayOptions): StreamRelay {
	const { agent, heartbeatMs, retryMs } = options;
	const socketRelay = createSocketRelay(options);
	// Silence shows that the machine of the frontend failed. Time in which the viewer does not read does not count.
	const bodyTimeout = heartbeatMs * WATCHDOG_FACTOR;
	const viewers = new Set<Viewer>();
	let draining = false;

	return {
		relay({ path, headers }, origins, res, cors) {
			if (draining) {
				rejectStream(res, cors, shutdownFrame(retryMs));
				return;
			}
			const viewer = new Viewer(res, cors, viewers);
			const ask = ([origin, ...others]: readonly string[]): void => {
				if (!viewer.open) return;
				const request = { path, method: 'GET', headers, bodyTimeout } as const;
				if (origin === undefined) viewer.refuse();
				else agent.dispatch({ ...request, origin }, new Upstream(viewer, () => ask(others)));
			};
			ask(origins);
		},

		relaySocket: socketRelay.relay,

		async drain(spreadMs) {
			draining = true;
			const streams = closeGradually(
				() => [...viewers],
				(viewer) => viewer.dismiss(shutdownFrame(retryMs)),
				spreadMs,
			);
			await Promise.all([streams, socketRelay.drain(spreadMs)]);
		},
	};
}

/** The stream that a frontend sends. */
class Upstream implements Dispatcher.DispatchHandler {
	readonly #viewer: Viewer;
	readonly #askNext: () => void;
	readonly #timer: NodeJS.Timeout;
	#controller: Dispatcher.DispatchController | undefined;
	#aborted: Error | undefined;
	#begun = false;

	constructor(viewer: Viewer, askNext: () => void) {
		this.#viewer = viewer;
		this.#askNext = askNext;
		this.#timer = setTimeout(() => this.#abort('no answer in time'), HEAD_DEADLINE_MS);
		viewer.onGone = () => this.#abort('the viewer left');
		viewer.onDrained = () => this.#controller?.resume();
	}

	onRequestStart(controller: Dispatcher.DispatchController): void {
		this.#controller = controller;
		if (this.#aborted !== undefined) controller.abort(this.#aborted);
	}

	onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
		clearTimeout(this.#timer);
		// The frontend stops or is full; another one may take the stream.
		if (status === 503) {
			this.#abort('the frontend takes no streams now');
			return;
		}
		this.#begun = true;
		const kept: Record<string, string> = {};
		for (const name of HEADERS) if (headers[name]) kept[name] = String(headers[name]);
		this.#viewer.begin(status, kept, relayedStream(headers['content-encoding']));
	}

	onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
		if (this.#begun && !this.#viewer.write(chunk)) controller.pause();
	}

	onResponseEnd(): void {
		clearTimeout(this.#timer);
		if (this.#begun) this.#viewer.end();
		else this.#askNext();
	}

	onResponseError(): void {
		clearTimeout(this.#timer);
		if (this.#begun) this.#viewer.close();
		else this.#askNext();
	}

	#abort(reason: string): void {
		clearTimeout(this.#timer);
		this.#aborted ??= new Error(reason);
		this.#controller?.abort(this.#aborted);
	}
}

/** The response to the viewer. */
class Viewer {
	onGone: () => void = () => undefined;
	onDrained: () => void = () => undefined;
	readonly #res: HttpResponse;
	readonly #cors: Headers;
	/** All open viewers, this one included. */
	readonly #all: Set<Viewer>;
	#status: number | undefined;
	/** What the frontend sends; undefined before its head. */
	#stream: RelayedStream | undefined;
	#holdingOn: NodeJS.Timeout | undefined;

	constructor(res: HttpResponse, cors: Headers, all: Set<Viewer>) {
		this.#res = res;
		this.#cors = cors;
		this.#all = all;
		all.add(this);
		res.onAborted(() => {
			this.#leave();
			this.onGone();
		});
		res.onWritable(() => {
			clearInterval(this.#holdingOn);
			// The server library flushes its buffer only with the next write.
			this.#comment();
			this.onDrained();
			return true;
		});
	}

	get open(): boolean {
		return this.#all.has(this);
	}

	begin(status: number, headers: Headers, stream: RelayedStream): void {
		if (!this.open) return;
		this.#status = status;
		this.#stream = stream;
		this.#res.cork(() => {
			writeHead(this.#res, status, headers, stream.headers, this.#cors);
			this.#res.write(stream.head);
		});
	}

	/** Sends the complete events. Returns false when the viewer is blocked. */
	write(chunk: Buffer): boolean {
		if (!this.open || this.#stream === undefined) return true;
		const events = this.#stream.take(chunk);
		if (events.length === 0) return true;
		const kept = writeEvents(this.#res, events, this.#stream.closer);
		if (!kept) {
			clearInterval(this.#holdingOn);
			this.#holdingOn = setInterval(() => this.#comment(), HOLD_ON_MS);
		}
		return kept;
	}

	/** Ends the stream after its last event. */
	end(): void {
		if (!this.open) return;
		this.#leave();
		this.#res.cork(() => this.#res.end(this.#stream?.end()));
	}

	/** Cuts the connection of an incomplete stream. */
	close(): void {
		if (!this.open) return;
		this.#leave();
		this.#res.close();
	}

	/** Sends a close frame between two events, and ends the stream. */
	dismiss(closeFrame: Uint8Array): void {
		const stream = this.#stream;
		if (stream === undefined) {
			this.#leave();
			rejectStream(this.#res, this.#cors, closeFrame);
		} else if (this.#status === 200) {
			this.#leave();
			this.#res.cork(() => this.#res.end(stream.endWith(closeFrame)));
		} else this.close();
		this.onGone();
	}

	refuse(): void {
		const { status, headers, body } = problem(new GatewayError('node_unavailable', 'No frontend answered; retry.'));
		this.#leave();
		this.#res.cork(() => {
			writeHead(this.#res, status, headers, this.#cors);
			this.#res.end(body);
		});
	}

	#comment(): void {
		if (this.open && this.#stream !== undefined) writeEvents(this.#res, this.#stream.comment(), this.#stream.closer);
	}

	#leave(): void {
		this.#all.delete(this);
		clearInterval(this.#holdingOn);
	}
}
