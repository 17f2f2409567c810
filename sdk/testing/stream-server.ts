import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeEvent, type HelloEvent, type StreamEventName, type StreamEvents } from '@likewire/protocol';
import { EventSource } from 'eventsource';
import { afterEach, vi } from 'vitest';

// Node 20 has no EventSource. The SDK looks for it when it creates a client, so a test need only import this file.
globalThis.EventSource ??= EventSource as unknown as typeof globalThis.EventSource;

/** A stream that a client opened. */
interface Stream {
	readonly query: URLSearchParams;
	readonly headers: IncomingMessage['headers'];
	readonly at: number;
	readonly isOpen: boolean;
	/** Sends an event; `id` is its cursor. */
	send<Name extends StreamEventName>(name: Name, data: StreamEvents[Name], id?: string): void;
	/** Sends `hello`, with the topics of the query. */
	hello(change?: Partial<HelloEvent>): void;
	write(text: string): void;
	/** Refuses instead of streaming; with a code, as a gateway does. */
	refuse(status: number, code?: string, headers?: Record<string, string>): void;
	end(): void;
	/** Cuts the socket. */
	cut(): void;
}

/** A request that opens no stream: mostly a POST. */
export interface Post {
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	readonly headers: IncomingMessage['headers'];
	// biome-ignore lint/suspicious/noExplicitAny: a client may send any JSON; a test expects one shape, and fails on others
	readonly body: any;
	answer(status: number, body: unknown, headers?: Record<string, string>): void;
	cut(): void;
}

export interface StreamServerOptions {
	readonly port?: number;
	/** Default: sends `hello`. */
	onStream?(stream: Stream, index: number): void;
	/** Default: answers a like or a comment as new, and any other request with 200. */
	onPost?(post: Post, index: number): void;
}

export interface StreamServer {
	readonly url: string;
	readonly port: number;
	readonly streams: Stream[];
	/** Requests for streams without an EventSource, by a client that asks for the reason of a refusal. */
	readonly probes: Stream[];
	readonly posts: Post[];
	close(): Promise<void>;
}

export function likeAnswer({ path, body }: Post, revision = 1): unknown {
	const video = path.split('/')[3];
	return { id: body.id, video, type: body.type, totals: { [body.type]: revision }, revision, duplicate: false };
}

/** Returns the answer to several likes: all are new. */
export function batchAnswer({ body }: Post, revision = 1): unknown {
	const likes = body.likes.map(({ id, type }: { id: string; type: string }) => ({ id, type, duplicate: false }));
	return { likes, totals: { heart: revision }, revision };
}

export function commentAnswer({ path, body, headers }: Post, at = 1): unknown {
	return {
		...body,
		region: body.region ?? 'r',
		video: path.split('/')[3],
		user: headers['x-likewire-user'],
		at,
		duplicate: false,
	};
}

function answerWell(post: Post): void {
	if (post.method === 'POST' && post.body?.likes) post.answer(200, batchAnswer(post));
	else if (post.method === 'POST' && post.path.endsWith('/likes')) post.answer(201, likeAnswer(post));
	else if (post.method === 'POST' && post.path.endsWith('/comments')) post.answer(201, commentAnswer(post));
	else post.answer(200, { id: post.path.split('/').at(-1) });
}

async function readBody(request: IncomingMessage): Promise<unknown> {
	let text = '';
	for await (const chunk of request) text += chunk;
	return text === '' ? undefined : JSON.parse(text);
}

function createStream(
	request: IncomingMessage,
	response: ServerResponse,
	query: URLSearchParams,
	name: string,
): Stream {
	const write = (text: string) => {
		if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'text/event-stream' });
		response.write(text);
	};
	return {
		query,
		headers: request.headers,
		at: Date.now(),
		get isOpen() {
			return !response.closed;
		},
		write,
		send: (event, data, id) => write(encodeEvent(event, data, id)),
		hello(change) {
			const videos = query.getAll('video');
			const times = { heartbeatMs: 15_000, maxLifetimeMs: 3_600_000 };
			const followed = {
				videos,
				conversations: query.getAll('conversation'),
				presence: query.getAll('presence'),
				topics: query.getAll('topic'),
			};
			write(encodeEvent('hello', { connection: name, node: 'n', region: 'r', ...times, ...followed, ...change }));
		},
		refuse: (status, code, headers = {}) =>
			response.writeHead(status, headers).end(code && JSON.stringify({ code, detail: `It is ${code}.` })),
		end: () => response.end(),
		cut: () => response.destroy(),
	};
}

/** Starts a server in place of a gateway: real sockets, and each event comes from the test. */
export async function startStreamServer(options: StreamServerOptions = {}): Promise<StreamServer> {
	const { onStream = (stream: Stream) => stream.hello(), onPost = answerWell } = options;
	const streams: Stream[] = [];
	const probes: Stream[] = [];
	const posts: Post[] = [];
	const server = createServer(async (request, response) => {
		const { pathname, searchParams } = new URL(request.url ?? '', 'http://test');
		if (request.method === 'GET' && !/comments|presence/.test(pathname)) {
			const list = request.headers.accept === 'text/event-stream' ? streams : probes;
			const stream = createStream(request, response, searchParams, `c${list.length}`);
			list.push(stream);
			onStream(stream, list.length - 1);
			return;
		}
		const post: Post = {
			method: request.method ?? '',
			path: pathname,
			query: searchParams,
			headers: request.headers,
			body: await readBody(request),
			answer(status, body, headers = {}) {
				const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
				response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(text);
			},
			cut: () => response.destroy(),
		};
		posts.push(post);
		onPost(post, posts.length - 1);
	});
	await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		port,
		streams,
		probes,
		posts,
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** Returns an address at which no server listens. */
export async function unusedUrl(): Promise<string> {
	const server = await startStreamServer();
	await server.close();
	return server.url;
}

/** Waits at most 60 s until `check` passes: a slow machine may need that. */
export function eventually(check: () => void): Promise<void> {
	return vi.waitFor(check, { timeout: 60_000, interval: 5 });
}

/**
 * Starts servers that end with their test. Call it at the top of a test file.
 * A test puts what else it opened into `closing`, the newest of which closes first.
 */
export function cleanUpAfterEach() {
	const closing: (() => unknown)[] = [];
	afterEach(async () => {
		for (const close of closing.splice(0).reverse()) await close();
	});
	async function serve(options?: StreamServerOptions): Promise<StreamServer> {
		const server = await startStreamServer(options);
		closing.push(server.close);
		return server;
	}
	return { closing, serve };
}
