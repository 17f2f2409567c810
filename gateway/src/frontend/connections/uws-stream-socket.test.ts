import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { listen } from '../../http/listener.ts';
import { GZIP, IDENTITY } from '../../http/stream/stream-encoding.ts';
import { monotonicNow } from '../../runtime/clock.ts';
import { COMMENT_FRAME } from './frames.ts';
import { UwsStreamSocket } from './uws-stream-socket.ts';

/**
 * uWebSockets.js ends a stream 8 to 12 s after a write that found no room, unless the client reads
 * much.
 */
const OVER_MS = 14_000;

/** The interval at which a frontend writes to a viewer that does not read. */
const HOLD_ON_MS = 1_000;

it('keeps a stream open whose client read a little and then stopped, while the gateway writes to it', async () => {
	let stream: UwsStreamSocket | undefined;
	let isGone = false;
	const listener = await listen('127.0.0.1', 0, (app) => {
		app.get('/', (res) => {
			stream = new UwsStreamSocket(res, {}, IDENTITY, { onGone: () => (isGone = true), onDrained: () => undefined });
			stream.write(COMMENT_FRAME);
		});
	});
	const client = connect(listener.port, '127.0.0.1');
	client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
	await once(client, 'readable');
	const frame = new Uint8Array(200_000).fill(120);
	while (stream?.write(frame)) await new Promise(setImmediate);
	// The rest leaves memory for the kernel, which then has too little free room to report that it has some.
	const writes = () => stream?.write(COMMENT_FRAME);
	while (!writes()) {
		client.read(16 * 1024);
		await new Promise(setImmediate);
	}
	const end = monotonicNow() + OVER_MS;
	let next = monotonicNow();
	await expect
		.poll(
			() => {
				if (monotonicNow() >= next) {
					next += HOLD_ON_MS;
					writes();
				}
				return isGone || monotonicNow() > end;
			},
			{ interval: 100 },
		)
		.toBe(true);
	expect(isGone).toBe(false);
	client.destroy();
	listener.close();
});

it('carries all frames of a gzip stream, also those that found no room, and its end', async () => {
	const frames = Array.from({ length: 200 }, (_, index) =>
		new TextEncoder().encode(`event ${index}\n\n`.repeat(10_000)),
	);
	const sent: Uint8Array[] = [];
	let blocked = 0;
	const listener = await listen('127.0.0.1', 0, (app) => {
		app.get('/', (res) => {
			/** Writes until the client does not keep up, as a connection does, and ends the stream after the last frame. */
			function writeOn(): void {
				while (sent.length < frames.length) {
					const frame = frames[sent.length] as Uint8Array;
					sent.push(frame);
					if (stream.write(frame)) continue;
					blocked++;
					return;
				}
				stream.end();
			}
			const events = { onGone: () => undefined, onDrained: writeOn };
			const stream = new UwsStreamSocket(res, {}, GZIP, events);
			writeOn();
		});
	});
	const answer = await new Promise<IncomingMessage>((resolve) => {
		request({ port: listener.port, agent: false }, resolve).end();
	});
	await expect.poll(() => blocked).toBe(1);
	const chunks: Buffer[] = [];
	for await (const chunk of answer) chunks.push(chunk);
	expect(gunzipSync(Buffer.concat(chunks)).equals(Buffer.concat(sent))).toBe(true);
	expect(sent).toHaveLength(frames.length);
	listener.close();
});
