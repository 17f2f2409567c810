import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { encodeEvent, type LikesEvent, type Totals } from '@likewire/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { GZIP } from '../../../gateway/src/http/stream/stream-encoding.ts';
import { findViewerClient, type ViewerClient } from './viewer-client.ts';
import type { GroupReport } from './viewer-report.ts';
import { createViewers } from './viewers.ts';

const built = findViewerClient();
const clients: ViewerClient[] = [
	...(built.language === 'c' ? [built] : []),
	{ language: 'node', because: 'the test runs it' },
];

const closers: (() => void)[] = [];
afterEach(() => {
	for (const close of closers.splice(0)) close();
});

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';

/** Returns a chunk without its line break, which uWebSockets.js sends with the next chunk. */
function chunk(text: string): string {
	return `${text.length.toString(16)}\r\n${text}`;
}

function likesText(totals: Totals, delta: Totals, at = Date.now()): string {
	const count = Object.values(delta).reduce((sum, change) => sum + Math.max(change, 0), 0);
	const recent = Array.from({ length: count }, (_, i) => ({ id: `like-${i}`, user: 'u', type: 'heart', at }));
	const event: LikesEvent = { video: 'bench', totals, delta, recent, shown: count, of: count, revision: count, at };
	return encodeEvent('likes', event);
}

const likes = (...args: Parameters<typeof likesText>) => chunk(likesText(...args));

const SNAPSHOT = `${chunk(': ok\nretry: 2000\n\n')}\r\n${likes({ heart: 5 }, {})}`;

/** Returns whether a client can decode gzip: the one in C cannot where zlib is not installed. */
function decodes(client: ViewerClient): boolean {
	if (client.language === 'node') return true;
	return spawnSync(client.file, ['1', '/', '127.0.0.1', 'gzip'], { input: '' }).status === 0;
}

/** Starts a server that sends the same bytes to every viewer, in pieces of `pieceBytes`. */
async function startServer(first: string, pieceBytes: number) {
	const sockets: Socket[] = [];
	async function send(socket: Socket, text: string): Promise<void> {
		for (let at = 0; at < text.length && !socket.destroyed; at += pieceBytes) {
			// Each piece waits for the previous one, so that each is its own TCP segment.
			await new Promise((resolve) => socket.write(text.slice(at, at + pieceBytes), 'latin1', resolve));
		}
	}
	const server: Server = createServer({ noDelay: true }, (socket) => {
		sockets.push(socket);
		socket.on('error', () => socket.destroy());
		socket.once('data', () => send(socket, first));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	closers.push(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	const { port } = server.address() as { port: number };
	return { port, sendAll: (text: string) => Promise.all(sockets.map((socket) => send(socket, text))) };
}

/** Resolves with the report of two viewers after both received the snapshot and all frames. */
async function watch(
	client: ViewerClient,
	frames: readonly string[],
	pieceBytes = 100_000,
	first = HEAD + SNAPSHOT,
): Promise<GroupReport> {
	const { port, sendAll } = await startServer(first, pieceBytes);
	const viewers = createViewers(client, port, 'bench');
	closers.push(() => void viewers.close());
	await viewers.open('all', 2);
	for (const frame of frames) await sendAll(`\r\n${frame}`);
	const report = async () => (await viewers.report()).groups.get('all') as GroupReport;
	await expect.poll(async () => (await report()).frames).toBe((1 + frames.length) * 2);
	return report();
}

const NONE = { snapshot: 0, sum: 0, fall: 0, format: 0 };

describe.each(clients)('viewers in $language', (client) => {
	const two = [likes({ heart: 7 }, { heart: 2 }), likes({ heart: 7, wow: 1 }, { wow: 1 })];

	it('adds deltas to the snapshot without a violation', async () => {
		const report = await watch(client, two);
		expect(report).toMatchObject({ violations: NONE, deliveries: 6, shown: 6, withSnapshot: 2, closed: 0 });
		expect(report.lowest).toEqual({ heart: 7, wow: 1 });
		expect(report.highest).toEqual({ heart: 7, wow: 1 });
	});

	it('parses a stream that arrives in pieces of a few bytes', async () => {
		const report = await watch(client, two, 7);
		expect(report).toMatchObject({ violations: NONE, deliveries: 6 });
	});

	it.skipIf(!decodes(client)).each([100_000, 7])(
		'decodes a gzip stream that arrives in pieces of %s bytes',
		async (pieceBytes) => {
			const sums = { crc: 0, length: 0 };
			const bytes = (coded: Uint8Array) => chunk(Buffer.from(coded).toString('latin1'));
			const coded = (text: string) => bytes(GZIP.encode(Buffer.from(text), sums));
			const closer = bytes(GZIP.closer);
			const first = `${bytes(GZIP.head)}\r\n${coded(': ok\nretry: 2000\n\n')}\r\n${coded(likesText({ heart: 5 }, {}))}`;
			const head = HEAD.replace('\r\n\r\n', '\r\nContent-Encoding: gzip\r\n\r\n');
			const frames = [
				`${coded(likesText({ heart: 7 }, { heart: 2 }))}\r\n${closer}`,
				`${coded(likesText({ heart: 7, wow: 1 }, { wow: 1 }))}\r\n${closer}`,
			];
			const report = await watch({ ...client, gzip: true }, frames, pieceBytes, head + first);
			expect(report).toMatchObject({ violations: NONE, deliveries: 6, shown: 6, withSnapshot: 2, closed: 0 });
		},
	);

	it('reports the latency of each like', async () => {
		const report = await watch(client, [likes({ heart: 6 }, { heart: 1 }, Date.now() - 5_000)]);
		const buckets = report.latency.buckets.map(([tenths]) => tenths);
		expect(buckets.length).toBeGreaterThan(0);
		for (const tenths of buckets) expect(tenths).toBeGreaterThanOrEqual(50_000);
	});

	it.each([
		['a delta that misses a like', likes({ heart: 7 }, { heart: 1 }), 'sum'],
		['a delta that counts one twice', likes({ heart: 7 }, { heart: 3 }), 'sum'],
		['a type that is in the totals only', likes({ heart: 5, wow: 1 }, {}), 'sum'],
		['a total that falls', likes({ heart: 4 }, { heart: -1 }), 'fall'],
		['a likes event that is not JSON', chunk('event: likes\ndata: {"totals":\n\n'), 'format'],
	] as const)('reports %s, on every viewer', async (_, frame, violation) => {
		const { port, sendAll } = await startServer(HEAD + SNAPSHOT, 100_000);
		const viewers = createViewers(client, port, 'bench');
		closers.push(() => void viewers.close());
		await viewers.open('all', 3);
		await sendAll(`\r\n${frame}`);
		const violations = async () => (await viewers.report()).groups.get('all')?.violations;
		await expect.poll(violations).toEqual({ ...NONE, [violation]: 3 });
	});

	it('reports a first event that is not a snapshot', async () => {
		const { port } = await startServer(HEAD + likes({ heart: 5 }, { heart: 5 }), 100_000);
		const viewers = createViewers(client, port, 'bench');
		closers.push(() => void viewers.close());
		await viewers.open('all', 1);
		expect((await viewers.report()).groups.get('all')?.violations).toEqual({ ...NONE, snapshot: 1 });
	});
});

/** Serves text frames of WebSockets to viewers of a protocol: those of `all` and then those of `first` to the first one alone. */
async function serveFrames(all: readonly string[], first: readonly string[] = []): Promise<number> {
	const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
	await once(server, 'listening');
	closers.push(() => {
		for (const socket of server.clients) socket.terminate();
		server.close();
	});
	let connections = 0;
	server.on('connection', (socket) => {
		const frames = connections++ === 0 ? [...all, ...first] : all;
		for (const frame of frames) socket.send(frame);
	});
	return (server.address() as { port: number }).port;
}

const eventOf = (totals: Totals, delta: Totals) =>
	JSON.stringify({ video: 'bench', totals, delta, recent: [], shown: 0, of: 0, revision: 0, at: 0 });

describe.skipIf(built.language !== 'c')('viewers in c of a WebSocket', () => {
	async function reportOf(protocol: 'websocket' | 'socket.io', port: number, frames: number): Promise<GroupReport> {
		const viewers = createViewers(built, port, { path: '/', protocol });
		closers.push(() => void viewers.close());
		await viewers.open('all', 2);
		const report = async () => (await viewers.report()).groups.get('all') as GroupReport;
		await expect.poll(async () => (await report()).frames).toBe(frames);
		return report();
	}

	it('reads frames of all lengths that events have', async () => {
		const long = `"${'x'.repeat(50_000)}"`;
		const frames = [
			'{"totals":{"heart":5},"delta":{}}',
			eventOf({ heart: 6 }, { heart: 1 }),
			eventOf({ heart: 7 }, { heart: 1 }).replace('"bench"', long),
		];
		const report = await reportOf('websocket', await serveFrames(frames), 6);
		expect(report).toMatchObject({ violations: NONE, deliveries: 4, closed: 0, lowest: { heart: 7 } });
	});

	it('notices the viewer that misses a frame', async () => {
		const all = [eventOf({ heart: 5 }, {})];
		const first = [eventOf({ heart: 7 }, { heart: 1 })];
		const report = await reportOf('websocket', await serveFrames(all, first), 3);
		expect(report).toMatchObject({ violations: { ...NONE, sum: 1 }, lowest: { heart: 5 }, highest: { heart: 6 } });
	});

	it('joins Socket.IO, and reads its packets', async () => {
		const packets = ['0{"sid":"a"}', '40{"sid":"b"}', '2', `42["likes",${eventOf({ heart: 5 }, {})}]`];
		const server = await serveFrames([...packets, `42["likes",${eventOf({ heart: 6 }, { heart: 1 })}]`]);
		expect(await reportOf('socket.io', server, 4)).toMatchObject({ violations: NONE, deliveries: 2, closed: 0 });
	});

	it('closes on what is no packet of Socket.IO', async () => {
		const viewers = createViewers(built, await serveFrames(['44{"message":"no"}']), {
			path: '/',
			protocol: 'socket.io',
		});
		closers.push(() => void viewers.close());
		await viewers.open('all', 1);
		const report = (await viewers.report()).groups.get('all');
		expect(report).toMatchObject({ closed: 1, violations: { ...NONE, format: 1 } });
	});
});
