import { Agent } from 'undici';
import { type Asker, PeerConnection } from './peer-connection.ts';
import type { PeerResponse } from './response-parser.ts';

/** The time after which an idle connection closes, in milliseconds: before the other side. */
const KEEP_ALIVE_MS = 4_000;

/** The deadline of a new connection of an agent, in milliseconds. */
const CONNECT_TIMEOUT_MS = 1_000;

/** Characters that a header must not have: they end a line, or are not valid in HTTP. */
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

/** A request from one node to another. */
export interface PeerRequest {
	/** The address of the internal listener of the receiver. */
	readonly url: string;
	readonly path: string;
	readonly method?: 'GET' | 'POST' | 'DELETE';
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: string | Uint8Array;
	/** The deadline of the whole answer, in milliseconds. */
	readonly deadlineMs: number;
}

/** A request without an answer, or with an unexpected one. The message says why. */
export class PeerError extends Error {
	override name = 'PeerError';
}

/** The node rejects this one: an operator must correct the configuration of one of the two. */
export class PeerRefusedError extends PeerError {
	override name = 'PeerRefusedError';
}

/** The request is longer than its receiver accepts: the caller must not send it again unchanged. */
export class PeerTooLongError extends PeerError {
	override name = 'PeerTooLongError';
}

/** The node answered that it failed, for example because its store does not work. */
export class PeerFailedError extends PeerError {
	override name = 'PeerFailedError';
}

/** HTTP to other nodes, over connections that stay open. */
export interface PeerClient {
	/** Rejects with a {@link PeerError} without a whole answer in time. */
	send(request: PeerRequest): Promise<PeerResponse>;
	close(): Promise<void>;
}

/** Creates at most `connections` to each node for streams; null for no limit. Callers set deadlines. */
export function createPeerAgent(connections: number | null): Agent {
	return new Agent({
		connections,
		pipelining: 1,
		keepAliveTimeout: KEEP_ALIVE_MS,
		connect: { timeout: CONNECT_TIMEOUT_MS },
		// Callers set deadlines per request, finer than those of the library.
		headersTimeout: 0,
		bodyTimeout: 0,
	});
}

/**
 * Creates a client with at most `connections` to each node; further requests wait for one until their
 * deadline. It does only what requests between nodes need:
 * docs/adr/0010-a-client-of-our-own-between-nodes.md says why.
 */
export function createPeerClient(connections: number): PeerClient {
	const pools = new Map<string, Pool>();
	let closed = false;

	function poolOf(url: string): Pool {
		let pool = pools.get(url);
		if (pool === undefined) {
			pool = new Pool(new URL(url), connections);
			pools.set(url, pool);
		}
		return pool;
	}

	return {
		send(request) {
			return new Promise((resolve, reject) => {
				if (closed) throw new PeerError('the client was closed');
				const pool = poolOf(request.url);
				pool.send(new Exchange(request, headOf(request, pool.host), resolve, reject));
			});
		},
		async close() {
			closed = true;
			for (const pool of pools.values()) pool.close();
		},
	};
}

/** The connections to one node, and the requests that wait for one. */
class Pool {
	readonly #url: URL;
	readonly #most: number;
	readonly #connections = new Set<PeerConnection>();
	readonly #idle: PeerConnection[] = [];
	/** Their number is bounded by their deadlines. */
	readonly #waiting: Exchange[] = [];

	constructor(url: URL, most: number) {
		this.#url = url;
		this.#most = most;
	}

	get host(): string {
		return this.#url.host;
	}

	send(exchange: Exchange): void {
		this.#waiting.push(exchange);
		this.#next();
	}

	close(): void {
		const cause = new Error('the client was closed');
		for (const exchange of this.#waiting.splice(0)) exchange.failed(cause);
		for (const connection of this.#connections) connection.close(cause);
	}

	#next(): void {
		while (this.#waiting[0]?.isLate) this.#waiting.shift();
		const [exchange] = this.#waiting;
		if (exchange === undefined) return;
		// The connection that was used last, so that the others become old enough to close.
		const connection = this.#idle.pop() ?? this.#open();
		if (connection === undefined) return;
		this.#waiting.shift();
		exchange.sendOn(connection);
	}

	#open(): PeerConnection | undefined {
		if (this.#connections.size >= this.#most) return undefined;
		const connection = new PeerConnection(
			this.#url,
			(free) => {
				this.#idle.push(free);
				this.#next();
			},
			(closed) => {
				this.#connections.delete(closed);
				const index = this.#idle.indexOf(closed);
				if (index >= 0) this.#idle.splice(index, 1);
				this.#next();
			},
		);
		this.#connections.add(connection);
		return connection;
	}
}

/** One request and its answer. */
class Exchange implements Asker {
	readonly #what: string;
	readonly #head: string;
	readonly #body: Uint8Array;
	readonly #resolve: (response: PeerResponse) => void;
	readonly #reject: (error: PeerError) => void;
	readonly #timer: NodeJS.Timeout;
	#connection: PeerConnection | undefined;
	/** Whether its deadline has passed. */
	isLate = false;
	#ended = false;

	constructor(
		{ method = 'POST', url, path, body = '', deadlineMs }: PeerRequest,
		head: string,
		resolve: (response: PeerResponse) => void,
		reject: (error: PeerError) => void,
	) {
		this.#what = `${method} ${url}${path}`;
		this.#body = typeof body === 'string' ? Buffer.from(body) : body;
		this.#head = method === 'GET' ? `${head}\r\n` : `${head}content-length: ${this.#body.length}\r\n\r\n`;
		this.#resolve = resolve;
		this.#reject = reject;
		// Timers run before sockets: after a stall of this process, the answer may wait unread.
		this.#timer = setTimeout(() => {
			this.isLate = true;
			setImmediate(() => this.#expire(deadlineMs));
		}, deadlineMs);
	}

	sendOn(connection: PeerConnection): void {
		this.#connection = connection;
		connection.send(this.#head, this.#body, this);
	}

	answered(response: PeerResponse): void {
		if (this.#end()) this.#resolve(response);
	}

	failed(cause: Error): void {
		if (this.#end()) this.#reject(new PeerError(`${this.#what}: ${cause.message}`, { cause }));
	}

	#expire(deadlineMs: number): void {
		if (this.#ended) return;
		const cause = new Error(`no answer within ${deadlineMs} ms`);
		this.failed(cause);
		// A late answer would look like that of the next request.
		this.#connection?.close(cause);
	}

	#end(): boolean {
		if (this.#ended) return false;
		this.#ended = true;
		clearTimeout(this.#timer);
		return true;
	}
}

/** Returns a head without the length of its body. Throws a {@link PeerError} if it is invalid. */
function headOf({ method = 'POST', path, headers }: PeerRequest, host: string): string {
	if (/[^!-~]/.test(path)) throw new PeerError(`invalid character in the path ${path}`);
	let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`;
	for (const name in headers) {
		const value = headers[name] ?? '';
		if (FORBIDDEN.test(value)) throw new PeerError(`invalid character in the header ${name}`);
		head += `${name}: ${value}\r\n`;
	}
	return head;
}
