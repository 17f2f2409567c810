import { encodeEvent } from '@likewire/protocol';
import { pino } from 'pino';
import type { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../test/free-port.ts';
import { SocketViewer } from '../../../test/socket-viewer.ts';
import { heartbeat, StreamUpstreams } from '../../../test/stream-upstreams.ts';
import { makeCaller } from '../../auth/caller.ts';
import { type Listener, listen } from '../../http/listener.ts';
import { createRejections } from '../../http/rejections.ts';
import { serveRoutes } from '../../http/router.ts';
import { createPeerAgent } from '../rpc/peer-client.ts';
import { createSocketRelay, type SocketRelay } from './socket-proxy.ts';

const logger = pino({ level: 'silent' });
const HEARTBEAT_MS = 1_000;

const caller = makeCaller({ proof: 'none', user: 'ann' });
const operations = { use: () => undefined, carryOut: async () => ({ done: true }) };

let agent: Agent;
let upstreams: StreamUpstreams;
let socketRelay: SocketRelay;
let relay: { listener: Listener; url: string };
beforeEach(async () => {
	agent = createPeerAgent(null);
	upstreams = new StreamUpstreams();
	socketRelay = createSocketRelay({ agent, heartbeatMs: HEARTBEAT_MS, retryMs: 4_000 });
	const listener = await listen('127.0.0.1', 0, (app) => {
		const socket = () =>
			socketRelay.relay({ path: '/up', headers: { 'x-from': 'me' }, caller, operations }, upstreams.origins);
		serveRoutes(app, [{ method: 'GET', path: '/v1/socket', socket }], {
			allowedOrigins: '*',
			logger,
			rejections: createRejections(logger),
			admit: () => undefined,
		});
	});
	relay = { listener, url: `http://127.0.0.1:${listener.port}` };
});
afterEach(async () => {
	relay.listener.close();
	await agent.destroy();
});

/** Starts a node that begins a stream with an event. */
const streaming = () =>
	upstreams.stream((response) => {
		response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(`: ok\n\n${heartbeat(1)}:\n\n`);
	});

const heartbeats = ({ events }: SocketViewer) => events.map(({ data }) => data.at);

describe('SocketRelay', () => {
	it('sends the events of the frontend as messages, and ends the socket with the stream', async () => {
		const { responses } = await streaming();
		const socket = await SocketViewer.open(relay, '');
		await socket.event('heartbeat');
		const bye = encodeEvent('bye', { reason: 'lifetime', retryMs: 7 });
		responses[0]?.end(`${heartbeat(2)}retry: 7\n${bye}`);
		await socket.until(() => socket.closed);
		expect(socket.events.map(({ event }) => event)).toEqual(['heartbeat', 'heartbeat', 'bye']);
		expect(socket.closeCode).toBe(1000);
	});

	it('handles the operations of its client', async () => {
		await streaming();
		const socket = await SocketViewer.open(relay, '');
		expect(await socket.request({ op: 'subscribe' })).toEqual({ done: true });
	});

	it('ends the stream when the client leaves', async () => {
		const { closed } = await streaming();
		const socket = await SocketViewer.open(relay, '');
		await socket.event('heartbeat');
		socket.close();
		await expect.poll(closed).toBe(1);
	});

	it('cuts the socket when the frontend fails, without the incomplete event', async () => {
		const { responses } = await streaming();
		const socket = await SocketViewer.open(relay, '');
		await socket.event('heartbeat');
		responses[0]?.write('event: heartbeat\ndata: {"at":');
		responses[0]?.destroy();
		await socket.until(() => socket.closed);
		expect([heartbeats(socket), socket.closeCode]).toEqual([[1], undefined]);
	});

	it('cuts the socket without heartbeats of the frontend', async () => {
		const { closed } = await streaming();
		const socket = await SocketViewer.open(relay, '');
		await socket.event('heartbeat');
		await socket.until(() => socket.closed);
		await expect.poll(closed).toBe(1);
	});

	it('sends close frames when this node stops, also to sockets that open later', async () => {
		const { responses, closed } = await streaming();
		const begun = await SocketViewer.open(relay, '');
		await begun.event('heartbeat');
		responses[0]?.write('event: heartbeat\ndata: {"at":');
		await socketRelay.drain(0);
		const late = await SocketViewer.open(relay, '');
		for (const socket of [begun, late]) {
			expect(await socket.event('bye')).toMatchObject({ reason: 'shutdown' });
			await socket.until(() => socket.closed);
			expect(socket.closeCode).toBe(1001);
		}
		expect(begun.events.map(({ event }) => event)).toEqual(['heartbeat', 'bye']);
		await expect.poll(closed).toBe(1);
	});

	it('keeps events complete, and slows the frontend down while the client does not read', async () => {
		const count = 40_000;
		const pad = '1'.repeat(1_000);
		let written = 0;
		await upstreams.serve((_, response) => {
			response.writeHead(200, { 'Content-Type': 'text/event-stream' });
			const write = (): void => {
				while (written < count) {
					const event = heartbeat(`[${written},${pad}]`);
					written++;
					// In pieces, so that most writes end within an event.
					response.write(event.slice(0, 500));
					if (!response.write(event.slice(500))) {
						response.once('drain', write);
						return;
					}
				}
				response.end();
			};
			write();
		});
		const socket = await SocketViewer.open(relay, '');
		await socket.event('heartbeat');
		socket.pause();
		let before = -1;
		const stalled = () => {
			const isStalled = written === before;
			before = written;
			return isStalled;
		};
		await expect.poll(stalled, { interval: 500, timeout: 60_000 }).toBe(true);
		expect(written).toBeLessThan(count / 2);
		socket.resume();
		await socket.until(() => socket.closed);
		expect(heartbeats(socket).map(([index]) => index)).toEqual(Array.from({ length: count }, (_, index) => index));
	});

	it('asks the next frontend when one is unreachable, full, or cuts the connection', async () => {
		upstreams.origins.push(`http://127.0.0.1:${await freePort()}`);
		await upstreams.serve((_, response) =>
			response.writeHead(503, { 'Content-Type': 'application/problem+json' }).end('{}'),
		);
		await upstreams.serve((request) => request.socket.destroy());
		await streaming();
		const socket = await SocketViewer.open(relay, '');
		await socket.event('heartbeat');
	});

	it('refuses the upgrade without a frontend, and with the error of a frontend', async () => {
		const lonely = await SocketViewer.ask(relay, '');
		expect(lonely.status).toBe(503);
		const problem = { type: 'about:blank', title: 'Forbidden', status: 403, code: 'forbidden', detail: 'No.' };
		await upstreams.serve((_, response) =>
			response.writeHead(403, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify(problem)),
		);
		const asked = await SocketViewer.ask(relay, '');
		expect(asked.status).toBe(403);
		await asked.until(() => asked.body.includes('"code":"forbidden"'));
	});

	it('ends the stream of a client that leaves before the answer', async () => {
		let answer: (() => void) | undefined;
		let closed = 0;
		await upstreams.serve((_, response) => {
			response.on('close', () => closed++);
			answer = () => response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(heartbeat(1));
		});
		const asking = SocketViewer.ask(relay, '');
		await expect.poll(() => answer !== undefined).toBe(true);
		relay.listener.close();
		await asking;
		answer?.();
		await expect.poll(() => closed).toBe(1);
	});
});
