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

/** What a network does to the requests of one node to another, and to their answers. */
export interface Weather {
	/** Requests never arrive, and nobody says so. */
	readonly losesRequests?: boolean;
	/** Requests arrive, their answers do not. */
	readonly losesAnswers?: boolean;
	/** Requests and answers each take up to so many milliseconds more; one may overtake the other. */
	readonly delayMs?: number;
	/** The part of all requests that arrive a second time, from 0 to 1 … */
	readonly duplicates?: number;
	/** … so many milliseconds after the first at the most, when later ones may have passed them. */
	readonly lateMs?: number;
}

export const FAIR: Weather = {};

interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;
}

/** Stands between two nodes, and hands on what one asks of the other, as the weather lets it. */
export class LinkProxy {
	/** Requests that came by since the weather was set. */
	requests = 0;
	/** Those of them that arrived a second time. */
	duplicated = 0;
	#weather = FAIR;
	readonly #target: { readonly host: string; readonly port: number };
	readonly #random: () => number;
	readonly #agent = new Agent({ keepAlive: true });
	readonly #closing = new AbortController();
	readonly #server = createServer((asked, answer) => {
		// A node that is killed takes its requests with it; there is nobody to tell.
		this.#handOn(asked, answer).catch(() => answer.destroy());
	});

	/** @param random from 0 up to 1: draws what is delayed and repeated. */
	constructor(target: { readonly host: string; readonly port: number }, random: () => number) {
		this.#target = target;
		this.#random = random;
		// Every message that is late listens.
		setMaxListeners(0, this.#closing.signal);
	}

	set weather(weather: Weather) {
		this.#weather = weather;
		this.requests = this.duplicated = 0;
	}

	/** Begins to listen on loopback, and answers with its address, `host:port`. */
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

	async #handOn(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
		this.requests++;
		const chunks: Buffer[] = [];
		for await (const chunk of asked) chunks.push(chunk);
		const body = Buffer.concat(chunks);
		const { losesRequests, losesAnswers, duplicates = 0, lateMs = 0 } = this.#weather;
		// As in a black hole: whoever asked finds out by its own patience.
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
			// Nobody waits for the second answer.
		}
	}

	async #delay(): Promise<void> {
		const { delayMs = 0 } = this.#weather;
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
