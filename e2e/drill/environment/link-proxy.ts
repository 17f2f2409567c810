import { setMaxListeners } from 'node:events';
import {
	Agent,
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	request,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';

/** The faults of a network for the requests of one node to another, and for their answers. */
export interface NetworkConditions {
	/** Drops requests; the sender gets no answer. */
	readonly losesRequests?: boolean;
	/** Delivers requests, and drops their answers. */
	readonly losesAnswers?: boolean;
	/** The longest delay of a request, and of an answer, in milliseconds. Delays reorder messages. */
	readonly delayMs?: number;
	/** The fraction of requests that arrive a second time, from 0 to 1. */
	readonly duplicates?: number;
	/** The longest delay of the second copy, in milliseconds. */
	readonly lateMs?: number;
}

/** A network without faults. */
export const NO_FAULTS: NetworkConditions = {};

interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;
}

/** A proxy between two nodes that forwards the requests of one to the other under network conditions. */
export class LinkProxy {
	/** The number of requests since the conditions were set. */
	requests = 0;
	/** The number of these requests that the proxy repeats. */
	duplicated = 0;
	#conditions = NO_FAULTS;
	readonly #target: { readonly host: string; readonly port: number };
	readonly #random: () => number;
	readonly #agent = new Agent({ keepAlive: true });
	readonly #closing = new AbortController();
	readonly #server = createServer((asked, answer) => {
		// When the target dies, the sender sees a broken connection, as without a proxy.
		this.#proxy(asked, answer).catch(() => answer.destroy());
	});

	/** @param random from 0 up to 1: decides the delays and repetitions. */
	constructor(target: { readonly host: string; readonly port: number }, random: () => number) {
		this.#target = target;
		this.#random = random;
		// Each delayed message adds a listener.
		setMaxListeners(0, this.#closing.signal);
	}

	set conditions(conditions: NetworkConditions) {
		this.#conditions = conditions;
		this.requests = this.duplicated = 0;
	}

	/** Starts to listen on loopback, and resolves with the address, `host:port`. */
	listen(): Promise<string> {
		return new Promise((resolve, reject) => {
			this.#server.once('error', reject);
			this.#server.listen(0, '127.0.0.1', () => {
				const { address, port } = this.#server.address() as AddressInfo;
				resolve(`${address}:${port}`);
			});
		});
	}

	close(): void {
		this.#closing.abort();
		this.#server.close();
		this.#server.closeAllConnections();
		this.#agent.destroy();
	}

	async #proxy(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
		this.requests++;
		const chunks: Buffer[] = [];
		for await (const chunk of asked) chunks.push(chunk);
		const body = Buffer.concat(chunks);
		const { losesRequests, losesAnswers, duplicates = 0, lateMs = 0 } = this.#conditions;
		// The sender gets no answer, and times out by its own deadline.
		if (losesRequests) return;
		await this.#delay();
		if (this.#random() < duplicates) void this.#repeat(asked, body, this.#random() * lateMs);
		const { status, headers, body: answered } = await this.#forward(asked, body);
		if (losesAnswers) return;
		await this.#delay();
		answer.writeHead(status, headers);
		answer.end(answered);
	}

	async #repeat(asked: IncomingMessage, body: Buffer, inMs: number): Promise<void> {
		this.duplicated++;
		try {
			await after(inMs, undefined, { signal: this.#closing.signal });
			await this.#forward(asked, body);
		} catch {
			// The sender does not wait for an answer to the copy.
		}
	}

	async #delay(): Promise<void> {
		const { delayMs = 0 } = this.#conditions;
		if (delayMs > 0) await after(this.#random() * delayMs, undefined, { signal: this.#closing.signal });
	}

	#forward({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
		return new Promise((resolve, reject) => {
			const forwarded = { ...headers, 'content-length': String(body.length) };
			delete (forwarded as IncomingHttpHeaders)['transfer-encoding'];
			const sent = request({
				...this.#target,
				agent: this.#agent,
				method: method ?? 'GET',
				path: url ?? '/',
				headers: forwarded,
			});
			sent.on('error', reject);
			sent.on('response', (response) => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.on('error', reject);
				response.on('end', () =>
					resolve({ status: response.statusCode ?? 502, headers: response.headers, body: Buffer.concat(chunks) }),
				);
			});
			sent.end(body);
		});
	}
}
