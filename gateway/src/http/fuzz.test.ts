import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { GatewayProcess } from '../../test/gateway-process.ts';
import { like, newVideo } from '../../test/http-client.ts';
import { RawConnection } from '../../test/raw-connection.ts';
import { testDirectory } from '../../test/temporary-directory.ts';

const word = fc.oneof(
	fc.constantFrom(
		'',
		'a',
		'%',
		'%00',
		'%0d%0a',
		'..',
		'*',
		'?',
		'#',
		':',
		'{',
		randomUUID(),
		'x'.repeat(300),
		'é',
		'\0',
	),
	fc.string({ unit: 'binary', maxLength: 20 }),
);

const path = fc.oneof(
	word,
	fc.tuple(word, word).map(([video, id]) => `/v1/videos/${video}/likes/${id}`),
	word.map((video) => `/v1/videos/${video}/likes`),
	word.map((video) => `/v1/videos/${video}`),
	fc
		.array(word, { maxLength: 5 })
		.map((videos) => `${paths.stream}?${videos.map((video) => `video=${video}`).join('&')}`),
	word.map((connection) => `/v1/connections/${connection}/subscriptions`),
);

const header = fc.oneof(
	fc.constantFrom(
		'Content-Type: application/json',
		'Transfer-Encoding: chunked',
		'Content-Length: 0',
		'Content-Length: 5',
		'Content-Length: 99999',
		'Expect: 100-continue',
		'Connection: close',
		'Connection: Upgrade',
		'Upgrade: websocket',
		'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
		'Range: bytes=0-',
		'If-None-Match: *',
		'Origin: null',
		`Idempotency-Key: ${randomUUID()}`,
	),
	fc
		.tuple(fc.constantFrom('X-Likewire-User', 'Content-Type', 'Content-Length', 'Range', 'X'), word)
		.map((pair) => pair.join(': ')),
);

const body = fc.oneof(
	word,
	fc.json({ maxDepth: 4 }),
	fc.constantFrom(
		'{}',
		'{"type":"heart"}',
		'5\r\nhello\r\n0\r\n\r\n',
		'ffffffff\r\n',
		'{"add":{"videos":["a"]}}',
		'['.repeat(5_000),
	),
);

/** A request of a careless client. */
const request = fc
	.record({
		method: fc.oneof(
			fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PUT', 'TRACE', 'CONNECT', 'get'),
			word,
		),
		path,
		headers: fc.array(header, { maxLength: 6 }),
		body,
	})
	.map((parts) => {
		const lines = [`${parts.method} ${parts.path} HTTP/1.1`, 'Host: localhost', ...parts.headers, '', parts.body];
		return Buffer.from(lines.join('\r\n'));
	});

/** The request with some other bytes, perhaps cut off. */
const damaged = fc
	.record({
		bytes: request,
		changes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
		length: fc.option(fc.nat()),
	})
	.map(({ bytes, changes, length }) => {
		const copy = Buffer.from(bytes);
		for (const [at, byte] of changes) copy[at % copy.length] = byte;
		return length === null ? copy : copy.subarray(0, length % (copy.length + 1));
	});

const noise = fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes));

const conversation = fc.record({
	writes: fc.array(fc.oneof({ weight: 4, arbitrary: request }, { weight: 4, arbitrary: damaged }, noise), {
		minLength: 1,
		maxLength: 4,
	}),
	polite: fc.boolean(),
});

let gateway: GatewayProcess;
beforeEach(async () => {
	gateway = await GatewayProcess.serving(testDirectory());
});

describe('A gateway that gets random requests', () => {
	it('lives, serves other clients, and has no internal error', async () => {
		const video = newVideo();
		const viewer = await EventStream.open(gateway, video);
		const port = Number(new URL(gateway.url).port);
		let likes = 0;
		await fc.assert(
			fc.asyncProperty(conversation, async ({ writes, polite }) => {
				const connection = await RawConnection.open(port);
				for (const bytes of writes) connection.write(bytes);
				if (polite) {
					connection.endWriting();
					await connection.ended();
				} else connection.destroy();
				expect(connection.text).not.toMatch(/HTTP\/1.1 500/);
				await like(gateway, video);
				likes++;
				expect(gateway.exit).toBeUndefined();
			}),
			{ numRuns: 300 },
		);
		await viewer.holds(video, likes);
		expect(gateway.stderr).not.toMatch(/"level":(50|60)/);
		gateway.kill('SIGTERM');
		expect(await gateway.ended()).toEqual({ code: 0, signal: null });
	});

	it('lives when they arrive at the same time on many connections', async () => {
		const video = newVideo();
		const port = Number(new URL(gateway.url).port);
		await fc.assert(
			fc.asyncProperty(fc.array(conversation, { minLength: 20, maxLength: 40 }), async (conversations) => {
				await Promise.all(
					conversations.map(async ({ writes, polite }) => {
						const connection = await RawConnection.open(port);
						for (const bytes of writes) connection.write(bytes);
						if (polite) connection.endWriting();
						else connection.destroy();
						await connection.ended();
					}),
				);
				await like(gateway, video);
				expect(gateway.exit).toBeUndefined();
			}),
			{ numRuns: 10 },
		);
		expect(gateway.stderr).not.toMatch(/"level":(50|60)/);
	});
});

describe('Clients that leave', () => {
	it('before their answer or right after they opened a stream disturb no other client', async () => {
		const video = newVideo();
		const port = Number(new URL(gateway.url).port);
		const head = `POST ${paths.likes(video)} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n`;
		const stream = `GET ${paths.stream}?video=${video} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
		for (let round = 0; round < 20; round++) {
			const connections = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(port)));
			for (const [index, connection] of connections.entries()) connection.write(index % 2 === 0 ? `${head}{}` : stream);
			for (const connection of connections) connection.destroy();
			await like(gateway, video);
		}
		await expect
			.poll(async () => (await (await fetch(`${gateway.internalUrl}/v1/cluster`)).json()).members[0])
			.toMatchObject({ connections: 0 });
		expect(gateway.stderr).not.toMatch(/"level":(50|60)/);
	});
});

describe('Bodies that arrive in turns', () => {
	it('are kept apart', async () => {
		const video = newVideo();
		const port = Number(new URL(gateway.url).port);
		const senders = await Promise.all(
			Array.from({ length: 8 }, async () => {
				const [connection, id] = [await RawConnection.open(port), randomUUID()];
				const content = `{"pad":"${id.repeat(20)}","id":"${id}"}`;
				connection.write(
					`POST ${paths.likes(video)} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${content.length}\r\n\r\n`,
				);
				return { connection, id, content };
			}),
		);
		const pieces = 10;
		for (let piece = 0; piece < pieces; piece++) {
			for (const { connection, content } of senders) {
				const size = Math.ceil(content.length / pieces);
				connection.write(content.slice(piece * size, (piece + 1) * size));
			}
		}
		for (const { connection, id } of senders) {
			const [answer] = await connection.answers(1);
			expect([answer?.status, JSON.parse(answer?.body ?? '{}').id]).toEqual([201, id]);
		}
	});
});
