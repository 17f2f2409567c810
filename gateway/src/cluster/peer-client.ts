import { Agent, type Dispatcher } from 'undici';

/** An idle connection is closed after so long, in milliseconds: before the other side does. */
const KEEP_ALIVE_MS = 4_000;

/** A connection has to stand so soon, in milliseconds. */
const CONNECT_TIMEOUT_MS = 1_000;

/** A request from one node to another. */
export interface PeerRequest {
	/** The address of the other's internal listener. */
	readonly url: string;
	readonly path: string;
	readonly method?: 'GET' | 'POST' | 'DELETE';
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: string | Uint8Array;
	/** When the answer has to be there, in milliseconds. */
	readonly deadlineMs: number;
}

export interface PeerResponse {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
}

/** Why a request got no answer. */
export class PeerError extends Error {
	override name = 'PeerError';
}

/** HTTP to other nodes, over connections that stay open. */
export interface PeerClient {
	/** Rejects with a {@link PeerError} when no whole answer came in time. */
	send(request: PeerRequest): Promise<PeerResponse>;
	close(): Promise<void>;
}

/** Connections to other nodes: at most so many to each, or one for each request under way. Who uses them sets deadlines. */
export function createPeerAgent(connections: number | null): Agent {
	return new Agent({
		connections,
		pipelining: 1,
		keepAliveTimeout: KEEP_ALIVE_MS,
		connect: { timeout: CONNECT_TIMEOUT_MS },
		// Deadlines are per request, and finer than the library's own.
		headersTimeout: 0,
		bodyTimeout: 0,
	});
}

/** A client with at most so many connections to each node; further requests wait for one, until their deadline. */
export function createPeerClient(connections: number): PeerClient {
	const agent = createPeerAgent(connections);
	return {
		send({ url, path, method = 'POST', headers, body, deadlineMs }) {
			return new Promise((resolve, reject) => {
				const exchange = new Exchange(`${method} ${url}${path}`, deadlineMs, resolve, reject);
				agent.dispatch({ origin: url, path, method, headers, body: body ?? null }, exchange);
			});
		},
		close: () => agent.destroy(),
	};
}

/** One request and its answer, on the library's lowest level: a stream or a promise of its own would cost too much. */
class Exchange implements Dispatcher.DispatchHandler {
	readonly #what: string;
	readonly #resolve: (response: PeerResponse) => void;
	readonly #reject: (error: PeerError) => void;
	readonly #timer: NodeJS.Timeout;
	#controller: Dispatcher.DispatchController | undefined;
	#settled = false;
	#status = 0;
	#headers: PeerResponse['headers'] = {};
	readonly #chunks: Buffer[] = [];

	constructor(
		what: string,
		deadlineMs: number,
		resolve: (response: PeerResponse) => void,
		reject: (error: PeerError) => void,
	) {
		this.#what = what;
		this.#resolve = resolve;
		this.#reject = reject;
		this.#timer = setTimeout(() => this.#fail(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
	}

	onRequestStart(controller: Dispatcher.DispatchController): void {
		this.#controller = controller;
		// It waited for a connection until its time was over.
		if (this.#settled) controller.abort(new Error('too late'));
	}

	onResponseStart(_: Dispatcher.DispatchController, status: number, headers: PeerResponse['headers']): void {
		this.#status = status;
		this.#headers = headers;
	}

	onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
		this.#chunks.push(chunk);
	}

	onResponseEnd(): void {
		if (!this.#settle()) return;
		const body = this.#chunks.length === 0 ? '' : Buffer.concat(this.#chunks).toString();
		this.#resolve({ status: this.#status, headers: this.#headers, body });
	}

	onResponseError(_: Dispatcher.DispatchController, error: Error): void {
		this.#fail(error);
	}

	#fail(cause: Error): void {
		if (!this.#settle()) return;
		this.#controller?.abort(cause);
		this.#reject(new PeerError(`${this.#what}: ${cause.message}`, { cause }));
	}

	#settle(): boolean {
		if (this.#settled) return false;
		this.#settled = true;
		clearTimeout(this.#timer);
		return true;
	}
}
