import type { HttpResponse } from 'uWebSockets.js';
import { WATCHDOG_FACTOR } from '@likewire/protocol';
import type { Dispatcher } from 'undici';
import { type Headers, problem, statusLine } from '../../http/answer.ts';
import { CHUNK_CLOSER, writeEvents } from '../../http/stream/event-chunks.ts';
import { closeGradually, rejectStream, shutdownFrame } from '../../http/stream/stream-close.ts';
import { GatewayError } from '../../runtime/errors.ts';
import { createSocketRelay, type SocketRelay, type SocketRelayOptions } from './socket-proxy.ts';

/** A frontend has to begin its answer so soon, in milliseconds; then another one is asked. */
const HEAD_DEADLINE_MS = 2_000;

/** A viewer who reads nothing gets a comment so often, in milliseconds: uWebSockets.js ends a silent blocked stream after 10 s. */
const HOLD_ON_MS = 1_000;

const NOTHING = Buffer.alloc(0);
const HEADERS = ['content-type', 'cache-control', 'x-accel-buffering', 'retry-after'];

/** Streams of viewers on their way through a node that does not hold them. */
export interface StreamRelay {
	/**
	 * Asks the origins in turn for the stream, until one gives it, and hands it through to the viewer; a viewer who reads
	 * slowly slows that node down. Answers with `node_unavailable` when none does.
	 */
	relay(request: StreamRequest, origins: readonly string[], res: HttpResponse, cors: Headers): void;
	/** As {@link SocketRelay.relay}. */
	relaySocket: SocketRelay['relay'];
	/**
	 * Ends all streams and sockets, many of them spread over `spreadMs`: tells each viewer, between two events, to come back. Who comes
	 * from now on is told the same.
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
	// Silence is that of a machine that is gone without a word. Time in which the viewer does not read is none.
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

/** The stream as the other node sends it. */
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
		// It stops, or it can take no more; another one may.
		if (status === 503) {
			this.#abort('it takes no streams now');
			return;
		}
		this.#begun = true;
		const kept: Record<string, string> = {};
		for (const name of HEADERS) if (headers[name]) kept[name] = String(headers[name]);
		this.#viewer.begin(status, kept);
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
	/** Those that are open, with this one. */
	readonly #all: Set<Viewer>;
	#status: number | undefined;
	/** The beginning of an event whose end has not come: what is written between two chunks stands between two events. */
	#partial: Buffer = NOTHING;
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
			// The server library sends the rest of what it holds only with the next write.
			this.#comment();
			this.onDrained();
			return true;
		});
	}

	get open(): boolean {
		return this.#all.has(this);
	}

	begin(status: number, headers: Headers): void {
		if (!this.open) return;
		this.#status = status;
		this.#res.cork(() => this.#writeHead(status, headers));
	}

	/** Sends the events that are whole by now; false when the viewer does not keep up. */
	write(chunk: Buffer): boolean {
		// The frontend closed its chunk with it; this node closes its own.
		if (!this.open || (this.#partial.length === 0 && chunk.equals(CHUNK_CLOSER))) return true;
		const bytes = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
		const end = bytes.lastIndexOf('\n\n') + 1;
		this.#partial = end === 0 ? bytes : bytes.subarray(end + 1);
		if (end === 0) return true;
		const kept = writeEvents(this.#res, bytes.subarray(0, end + 1));
		if (!kept) {
			clearInterval(this.#holdingOn);
			this.#holdingOn = setInterval(() => this.#comment(), HOLD_ON_MS);
		}
		return kept;
	}

	/** All that there is was written. */
	end(): void {
		if (!this.open) return;
		this.#leave();
		this.#res.cork(() => this.#res.end(this.#partial));
	}

	/** What was written is not all, so the connection is cut. */
	close(): void {
		if (!this.open) return;
		this.#leave();
		this.#res.close();
	}

	/** Says farewell between two events, and ends the stream. */
	dismiss(farewell: Uint8Array): void {
		if (this.#status === undefined) {
			this.#leave();
			rejectStream(this.#res, this.#cors, farewell);
		} else if (this.#status === 200) {
			this.#leave();
			this.#res.cork(() => this.#res.end(farewell));
		} else this.close();
		this.onGone();
	}

	refuse(): void {
		const { status, headers, body } = problem(
			new GatewayError('node_unavailable', 'No node that could do this answers now; try again.'),
		);
		this.#leave();
		this.#res.cork(() => {
			this.#writeHead(status, headers);
			this.#res.end(body);
		});
	}

	#comment(): void {
		if (this.open) writeEvents(this.#res, CHUNK_CLOSER);
	}

	#leave(): void {
		this.#all.delete(this);
		clearInterval(this.#holdingOn);
	}

	#writeHead(status: number, headers: Headers): void {
		this.#res.writeStatus(statusLine(status));
		for (const set of [headers, this.#cors]) {
			for (const [name, value] of Object.entries(set)) this.#res.writeHeader(name, value);
		}
	}
}
