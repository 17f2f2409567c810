import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { paths } from '@likewire/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readChunks } from '../../test/chunk-reader.ts';
import { comment } from '../../test/comments.ts';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway } from '../../test/gateway.ts';
import { GatewayProcess } from '../../test/gateway-process.ts';
import { like, newVideo } from '../../test/http-client.ts';
import { testDirectory } from '../../test/temporary-directory.ts';

// With this period no heartbeat pushes out an event that a client should have before.
const gateway = shareGateway({ windowMs: '1', commitWindowMs: '0', heartbeatMs: '600000' });

describe('A client that reads chunk by chunk', () => {
	it('gets each event when it happens, not with the next one', async () => {
		const video = newVideo();
		const chunks = readChunks(gateway().port, `${paths.stream}?video=${video}`);
		await expect.poll(() => chunks.join('')).toContain('event: likes');
		for (const count of [1, 2, 3]) {
			await like(gateway(), video);
			await expect.poll(() => chunks.join('')).toContain(`"totals":{"heart":${count}}`);
		}
	});
});

describe('A frame of more than 16 KiB', () => {
	it('arrives whole at once at a client that reads chunk by chunk', async () => {
		const process = await GatewayProcess.serving(testDirectory());
		const video = newVideo();
		const first = await EventStream.open(process, video);
		await first.event('cursor');
		const cursor = first.events.find(({ name }) => name === 'cursor')?.id ?? '';
		await Promise.all(Array.from({ length: 60 }, () => comment(process, video, 'x'.repeat(500))));
		const port = Number(new URL(process.url).port);
		const chunks = readChunks(port, `${paths.stream}?video=${video}&cursor=${encodeURIComponent(cursor)}`);
		await expect.poll(() => chunks.join('').split('event: comment\n').length - 1).toBe(60);
		expect(Math.max(...chunks.map(({ length }) => length))).toBeGreaterThan(16 * 1024);
		for (const line of process.logLines) expect(() => JSON.parse(line)).not.toThrow();
	});
});

/** Starts a proxy that compresses what it may, as proxies with the npm package `compression` do. */
async function compressingProxy(port: number): Promise<{ port: number; url: string }> {
	const server = createServer((asked: IncomingMessage, response: ServerResponse) => {
		const upstream = request({ port, path: asked.url, headers: asked.headers }, (answer) => {
			const { 'content-type': type = '', 'cache-control': cacheControl = '' } = answer.headers;
			const compresses = type.startsWith('text/') && !/\bno-transform\b/.test(cacheControl);
			response.writeHead(answer.statusCode ?? 502, {
				...answer.headers,
				...(compresses && { 'Content-Encoding': 'gzip' }),
			});
			if (compresses) answer.pipe(createGzip()).pipe(response);
			else answer.pipe(response);
		});
		response.on('close', () => upstream.destroy());
		upstream.on('error', () => response.destroy());
		upstream.end();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	const { port: own } = server.address() as AddressInfo;
	return { port: own, url: `http://127.0.0.1:${own}` };
}

describe('A client behind a proxy that compresses', () => {
	it('gets each event when it happens', async () => {
		const video = newVideo();
		const proxy = await compressingProxy(gateway().port);
		const stream = await EventStream.open(proxy, video);
		await stream.holds(video, 0);
		await like(gateway(), video);
		await stream.holds(video, 1);
	});
});

/**
 * Prints the first line of JSON with `"heart":1`, with the same loop that applications write with
 * `requests`.
 */
const PYTHON = `
import sys
try:
    import requests
except ImportError:
    from pip._vendor import requests
print('ready', flush=True)
for line in requests.get(sys.argv[1], stream=True).iter_lines(chunk_size=None):
    if b'"heart":1' in line:
        print(line.decode(), flush=True)
        sys.exit(0)
`;
const hasPython = await promisify(execFile)('python3', [
	'-c',
	'try:\n import requests\nexcept ImportError:\n from pip._vendor import requests',
]).then(
	() => true,
	() => false,
);

describe("Python's requests", () => {
	it.skipIf(!hasPython)('gets each event when it happens', async () => {
		const video = newVideo();
		const watcher = await EventStream.open(gateway(), video);
		await watcher.event('likes');
		const reader = promisify(execFile)('python3', ['-c', PYTHON, `${gateway().url}${paths.stream}?video=${video}`]);
		onTestFinished(() => {
			reader.child.kill('SIGKILL');
		});
		await watcher.event('viewers', ({ count }) => count === 2);
		await like(gateway(), video);
		expect((await reader).stdout).toContain('"totals":{"heart":1}');
	});
});
