import { createServer as createHttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServer, LikewireServerError } from './index.ts';

/** Starts an HTTP server on a free port, and resolves with its address. */
async function listen(listener: RequestListener): Promise<string> {
	const server = createHttpServer(listener);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Resolves with an address without a server. */
async function unusedUrl(): Promise<string> {
	const server = createHttpServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return `http://127.0.0.1:${port}`;
}

const video = { video: 'v1', totals: {}, revision: 0, at: 0 };
const code = (error: unknown) => (error instanceof LikewireServerError ? error.code : error);

describe('requests', () => {
	it('repeats a write with the same id at the same address until it is answered', async () => {
		const bodies: string[] = [];
		const url = await listen(async (request, response) => {
			let body = '';
			for await (const chunk of request) body += chunk;
			bodies.push(body);
			if (bodies.length < 3) response.writeHead(503, { 'Retry-After': '0' }).end('{"code":"overloaded"}');
			else response.writeHead(202).end('{"id":"x","topic":"t","duplicate":false}');
		});
		const other = await listen(() => expect.unreachable('a write left the address of its first attempt'));
		await createServer({ url: [url, other] }).publish('t', { name: 'n' });
		expect(bodies).toHaveLength(3);
		expect(new Set(bodies).size).toBe(1);
		expect(JSON.parse(bodies[0] as string).id).toMatch(/^[0-9a-f-]{36}$/);
	});

	it('reads from the next address when one does not answer, and stays with it', async () => {
		let asked = 0;
		const url = await listen((_, response) => {
			asked++;
			response.end(JSON.stringify(video));
		});
		const server = createServer({ url: [await unusedUrl(), url] });
		expect(await server.video('v1')).toEqual(video);
		expect(await server.video('v1')).toEqual(video);
		expect(asked).toBe(2);
	});

	it('rejects with timeout without an answer in the time of the call', async () => {
		const url = await listen(() => {});
		expect(await createServer({ url, timeoutMs: 100 }).video('v1').catch(code)).toBe('timeout');
	});

	it('rejects at once when the gateway requests a longer wait than the time of the call', async () => {
		const url = await listen((_, response) => {
			response.writeHead(429, { 'Retry-After': '3600' }).end('{"code":"too_many_requests","detail":"Later."}');
		});
		await expect(createServer({ url }).video('v1')).rejects.toMatchObject({ status: 429, retryAfterMs: 3_600_000 });
	});

	it('rejects with network without a server, and with unexpected_answer for another server', async () => {
		expect(
			await createServer({ url: await unusedUrl(), timeoutMs: 1_000 })
				.video('v1')
				.catch(code),
		).toBe('network');
		const page = await listen((_, response) => response.end('<html>Sign in</html>'));
		expect(await createServer({ url: page, timeoutMs: 1_000 }).video('v1').catch(code)).toBe('unexpected_answer');
	});

	it('keeps the path of an address, and leaves the query out of messages', async () => {
		const paths: (string | undefined)[] = [];
		const url = await listen((request, response) => {
			paths.push(request.url);
			response.writeHead(404).end('no such page');
		});
		const failed = createServer({ url: `${url}/live/` }).moderate('v1', { id: crypto.randomUUID(), user: 'ann' });
		await expect(failed).rejects.not.toThrow(/ann/);
		expect(paths[0]).toMatch(/^\/live\/v1\/videos\/v1\/comments\/[0-9a-f-]+\?user=ann$/);
	});
});

describe('parseOptions', () => {
	it.each([
		['no object', undefined],
		['no url', {}],
		['an empty list', { url: [] }],
		['an invalid address', { url: 'example.com' }],
		['another scheme', { url: 'ftp://example.com' }],
		['a password in the address', { url: 'https://a:b@example.com' }],
		['a query in the address', { url: 'https://example.com?a=b' }],
		['a short key', { url: 'https://example.com', apiKey: 'short' }],
		['a short secret', { url: 'https://example.com', jwtSecret: 'short' }],
		['a secret that is not a text', { url: 'https://example.com', jwtSecret: 7 }],
		['no time', { url: 'https://example.com', timeoutMs: 0 }],
		['a fetch that is not a function', { url: 'https://example.com', fetch: 'fetch' }],
	])('rejects options with %s', (_, options) => {
		expect(() => createServer(options as never)).toThrow(LikewireServerError);
	});
});
