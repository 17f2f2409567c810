import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { pino } from 'pino';
import type { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { EventStream } from '../../../test/event-stream.ts';
import { freePort } from '../../../test/free-port.ts';
import { expectProblem } from '../../../test/http-client.ts';
import { type Listener, listen } from '../../http/listener.ts';
import { createRejections } from '../../http/rejections.ts';
import { serveRoutes } from '../../http/router.ts';
import { blocksOf } from '../../http/stream/shared-frames.ts';
import { FRAMED_GZIP } from '../../http/stream/stream-encoding.ts';
import { createPeerAgent } from '../rpc/peer-client.ts';
import { createStreamRelay, type StreamRelay } from './uws-stream-proxy.ts';

const logger = pino({ level: 'silent' });
const HEARTBEAT_MS = 1_000;
const RETRY_MS = 4_000;
const HEAD = { 'Content-Type': 'text/event-stream', 'Retry-After': '7', 'X-Secret': 'mine' };

let agent: Agent;
let origins: string[];
let streamRelay: StreamRelay;
let relay: { listener: Listener; url: string };
beforeEach(async () => {
	agent = createPeerAgent(null);
	origins = [];
	streamRelay = createStreamRelay({ agent, heartbeatMs: HEARTBEAT_MS, retryMs: RETRY_MS });
	const listener = await listen('127.0.0.1', 0, (app) => {
		const path = '/v1/stream';
		const stream = async () => (res: Parameters<StreamRelay['relay']>[2], cors: Record<string, string>) =>
			streamRelay.relay({ path: '/up', headers: { 'x-from': 'me' } }, origins, res, cors);
		const rejections = createRejections(logger);
		serveRoutes(app, [{ method: 'GET', path, stream }], {
			allowedOrigins: '*',
			logger,
			rejections,
			admit: () => undefined,
		});
	});
	relay = { listener, url: `http://127.0.0.1:${listener.port}` };
});
afterEach(async () => {
	relay.listener.close();
	await agent.destroy();
});

/** A node that serves streams; the proxy asks it last. */
async function upstream(onRequest: RequestListener): Promise<Server> {
	const server = createServer(onRequest);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	origins.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return server;
}

const heartbeat = (at: number | string) => `event: heartbeat\ndata: {"at":${at}}\n\n`;

/** Starts a node that begins a stream with an event. Returns a function that ends it. */
async function streaming(
	head: Record<string, string> = HEAD,
	first: string | Uint8Array = heartbeat(1),
): Promise<{ responses: ServerResponse[]; closed: () => number }> {
	const responses: ServerResponse[] = [];
	let closed = 0;
	await upstream((_, response) => {
		responses.push(response);
		response.on('close', () => closed++);
		response.writeHead(200, head).write(first);
	});
	return { responses, closed: () => closed };
}

const heartbeats = (stream: EventStream) =>
	stream.events.flatMap((event) => (event.name === 'heartbeat' ? [event.data.at] : []));

describe('StreamRelay', () => {
	it('sends the events and the known headers of the frontend', async () => {
		const { responses } = await streaming();
		const stream = await EventStream.open(relay, []);
		await stream.event('heartbeat');
		expect(stream.headers).toMatchObject({
			'content-type': 'text/event-stream',
			'retry-after': '7',
			'access-control-allow-origin': '*',
		});
		expect(stream.headers['x-secret']).toBeUndefined();
		responses[0]?.end(heartbeat(2));
		await stream.until(() => stream.closed);
		expect(heartbeats(stream)).toEqual([1, 2]);
	});

	it('ends the stream at the frontend when the viewer leaves', async () => {
		const { closed } = await streaming();
		const stream = await EventStream.open(relay, []);
		await stream.event('heartbeat');
		stream.close();
		await expect.poll(closed).toBe(1);
	});

	it('cuts the stream when the frontend fails, without the incomplete event', async () => {
		const { responses } = await streaming();
		const stream = await EventStream.open(relay, []);
		await stream.event('heartbeat');
		responses[0]?.write('event: heartbeat\ndata: {"at":');
		responses[0]?.destroy();
		await stream.until(() => stream.closed);
		expect(heartbeats(stream)).toEqual([1]);
	});

	it('cuts a stream without heartbeats of the frontend, and keeps another one', async () => {
		const startedAt = performance.now();
		const { closed } = await streaming();
		const silent = await EventStream.open(relay, []);
		await silent.event('heartbeat');
		origins.length = 0;
		const { responses } = await streaming();
		const beats = setInterval(() => responses[0]?.write(': ok\n\n'), HEARTBEAT_MS);
		onTestFinished(() => clearInterval(beats));
		const other = await EventStream.open(relay, []);
		await silent.until(() => silent.closed);
		expect(performance.now() - startedAt).toBeGreaterThan(2 * HEARTBEAT_MS);
		await expect.poll(closed).toBe(1);
		const { comments } = other;
		await other.until(() => other.comments > comments);
		expect(other.closed).toBe(false);
	});

	it('sends a close frame between two events when this node stops, and ends the stream at the frontend', async () => {
		const { responses, closed } = await streaming();
		const begun = await EventStream.open(relay, []);
		await begun.event('heartbeat');
		responses[0]?.write(`${heartbeat(2)}event: heartbeat\ndata: {"at":`);
		await begun.event('heartbeat', ({ at }) => at === 2);
		origins.length = 0;
		let asked = false;
		await upstream(() => {
			asked = true;
		});
		const waiting = EventStream.open(relay, []);
		await expect.poll(() => asked).toBe(true);
		await streamRelay.drain(0);
		const late = EventStream.open(relay, []);
		for (const stream of [begun, await waiting, await late]) {
			const { reason, retryMs } = await stream.event('bye');
			await stream.until(() => stream.closed);
			expect([reason, stream.events.at(-1)?.name, stream.retryMs]).toEqual(['shutdown', 'bye', retryMs]);
			expect(stream.headers).toMatchObject({
				'content-type': 'text/event-stream',
				'access-control-allow-origin': '*',
			});
			expect(retryMs).toBeLessThan(RETRY_MS / 2);
		}
		expect(heartbeats(begun)).toEqual([1, 2]);
		await expect.poll(closed).toBe(1);
	});

	it('keeps events complete, and slows the frontend down while the viewer does not read', async () => {
		const count = 40_000;
		const pad = '1'.repeat(1_000);
		let written = 0;
		await upstream((_, response) => {
			response.writeHead(200, HEAD);
			const write = (): void => {
				while (written < count) {
					const event = heartbeat(`[${written},${pad}]`);
					written++;
					// In pieces, so that most writes end within an event.
					for (let at = 0; at < 900; at += 100) response.write(event.slice(at, at + 100));
					if (!response.write(event.slice(900))) {
						response.once('drain', write);
						return;
					}
				}
				response.end();
			};
			write();
		});
		const stream = await EventStream.open(relay, []);
		await stream.event('heartbeat');
		stream.pause();
		let before = -1;
		await expect
			.poll(
				() => {
					const stalled = written === before;
					before = written;
					return stalled;
				},
				{ interval: 500, timeout: 60_000 },
			)
			.toBe(true);
		expect(written).toBeLessThan(count / 2);
		stream.resume();
		await stream.until(() => stream.closed);
		expect(stream.events.map(({ data }) => (data as unknown as { at: unknown[] }).at[0])).toEqual(
			Array.from({ length: count }, (_, index) => index),
		);
	});

	it.each([
		['of the frontend', false],
		['of this node, between two events, when it stops', true],
	])('relays a compressed stream, and gives it the right end %s', async (_, stops) => {
		const blocks = (text: string) => blocksOf(new TextEncoder().encode(text)).framed;
		const { responses } = await streaming({ ...HEAD, 'Content-Encoding': FRAMED_GZIP }, blocks(heartbeat(1)));
		// Its decoder refuses a wrong end.
		const stream = await EventStream.open(relay, []);
		await stream.event('heartbeat');
		expect(stream.headers['content-encoding']).toBe('gzip');
		const next = Buffer.concat([blocks(heartbeat(2)), blocks(': ok\n\n'), blocks(heartbeat(3)), blocks(heartbeat(4))]);
		// Each piece is a chunk of its own.
		for (let at = 0; at < next.length - 9; at += 7)
			responses[0]?.write(next.subarray(at, Math.min(at + 7, next.length - 9)));
		await stream.event('heartbeat', ({ at }) => at === 3);
		if (stops) await streamRelay.drain(0);
		else responses[0]?.end(next.subarray(next.length - 9));
		await stream.until(() => stream.closed);
		expect(heartbeats(stream)).toEqual(stops ? [1, 2, 3] : [1, 2, 3, 4]);
		expect(stream.events.at(-1)?.name).toBe(stops ? 'bye' : 'heartbeat');
	});

	it('asks the next frontend when one is unreachable, refuses, or does not answer', async () => {
		origins.push(`http://127.0.0.1:${await freePort()}`);
		await upstream((_, response) => response.writeHead(503, { 'Content-Type': 'application/problem+json' }).end('{}'));
		await upstream((request) => request.socket.destroy());
		const silent = createTcpServer((socket) => onTestFinished(() => void socket.destroy()));
		await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
		onTestFinished(() => void silent.close());
		origins.push(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
		await streaming();
		const stream = await EventStream.open(relay, []);
		await stream.event('heartbeat');
		expect(heartbeats(stream)).toEqual([1]);
	});

	it('answers node_unavailable without a frontend', async () => {
		const origin = { Origin: 'https://example.com' };
		await expectProblem(await fetch(`${relay.url}/v1/stream`, { headers: origin }), 503, 'node_unavailable');
		origins.push(`http://127.0.0.1:${await freePort()}`);
		await upstream((_, response) => response.writeHead(503).end());
		const answer = await fetch(`${relay.url}/v1/stream`, { headers: origin });
		expect(answer.headers.get('access-control-allow-origin')).toBe('*');
		expect(answer.headers.get('retry-after')).toBe('1');
		await expectProblem(answer, 503, 'node_unavailable');
	});

	it('answers with the error of a frontend', async () => {
		const problem = { type: 'about:blank', title: 'Forbidden', status: 403, code: 'video_forbidden', detail: 'No.' };
		await upstream((_, response) =>
			response.writeHead(403, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify(problem)),
		);
		await upstream((_, response) => response.writeHead(200, HEAD).end(heartbeat(1)));
		const answer = await fetch(`${relay.url}/v1/stream`);
		expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([
			403,
			'application/problem+json',
			problem,
		]);
	});
});
