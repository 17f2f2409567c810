import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { shareGateway } from '../../../test/gateway.ts';
import { expectProblem } from '../../../test/http-client.ts';
import { RawConnection } from '../../../test/raw-connection.ts';
import { makeDirectory, removeDirectory } from '../../../test/temporary-directory.ts';

const CLIP = Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 251));
const PAGE = '<!doctype html><title>page</title>';
const SCRIPT = 'export const answer = 42;\n'.repeat(100);

/** More bytes than the kernel buffers for a client that does not read. */
const LARGE_BYTES = 24 * 1024 * 1024;

const root = makeDirectory();
const site = join(root, 'site');
mkdirSync(join(site, 'assets'), { recursive: true });
writeFileSync(join(root, 'secret.txt'), 'a secret');
writeFileSync(join(site, 'index.html'), PAGE);
writeFileSync(join(site, 'sdk.js'), SCRIPT);
writeFileSync(join(site, 'assets', 'index-A1b2C3d4.js'), SCRIPT);
writeFileSync(join(site, 'clip.webm'), CLIP);
writeFileSync(join(site, 'unknown.xyz'), 'x');
writeFileSync(join(site, 'large.webm'), Buffer.alloc(LARGE_BYTES, 'x'));
afterAll(() => removeDirectory(root));

const gateway = shareGateway({ staticDir: site, allowedOrigins: 'https://page.example' });

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
	fetch(gateway().url + path, { method, headers: { 'Accept-Encoding': 'identity', ...headers } });

/** Returns the connections of clients that the gateway counts. */
async function openConnections(): Promise<number> {
	const { members } = await (await fetch(`${gateway().internalUrl}/v1/cluster`)).json();
	return members[0].sockets.open;
}

/** Resolves with the answer for a path that no client normalised. */
async function rawGet(path: string) {
	const connection = await RawConnection.open(gateway().port);
	connection.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
	const [answer] = await connection.answers(1);
	return answer;
}

describe('A page', () => {
	it('is at the root, loads from its own origin alone, and is revalidated', async () => {
		const response = await get('/');
		expect(response.status).toBe(200);
		expect(await response.text()).toBe(PAGE);
		expect(Object.fromEntries(response.headers)).toMatchObject({
			'content-type': 'text/html; charset=utf-8',
			'cache-control': 'no-cache',
			'x-content-type-options': 'nosniff',
			'content-security-policy': expect.stringContaining("default-src 'self'"),
		});
	});
});

describe('A file', () => {
	it('named by its content may be kept for ever; others are revalidated', async () => {
		const cacheControl = async (path: string) => (await get(path)).headers.get('cache-control');
		expect(await cacheControl('/assets/index-A1b2C3d4.js')).toBe('public, max-age=31536000, immutable');
		expect(await cacheControl('/sdk.js')).toBe('no-cache');
		expect(await cacheControl('/clip.webm')).toBe('no-cache');
	});

	it.each([
		['/sdk.js', 'text/javascript; charset=utf-8'],
		['/clip.webm', 'video/webm'],
		['/unknown.xyz', 'application/octet-stream'],
	])('has its type: %s', async (path, type) => {
		expect((await get(path)).headers.get('content-type')).toBe(type);
	});

	it('is not sent again to a client that has it', async () => {
		const etag = (await get('/sdk.js')).headers.get('etag') ?? '';
		expect(etag).toMatch(/^"[\w-]{22}"$/);
		for (const known of [etag, `"other", ${etag}`, `W/${etag}`]) {
			const response = await get('/sdk.js', { 'If-None-Match': known });
			expect([response.status, await response.text(), response.headers.get('etag')]).toEqual([304, '', etag]);
		}
		expect((await get('/sdk.js', { 'If-None-Match': '"other"' })).status).toBe(200);
	});

	it('of text is compressed for clients that accept gzip, with Vary for caches', async () => {
		const plain = await get('/sdk.js');
		expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, SCRIPT]);
		const connection = await RawConnection.open(gateway().port);
		connection.write('GET /sdk.js HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br, gzip\r\n\r\n');
		const [answer] = await connection.answers(1);
		expect(answer?.headers.get('content-encoding')).toBe('gzip');
		expect(gunzipSync(Buffer.from(answer?.body ?? '', 'latin1')).toString()).toBe(SCRIPT);
		for (const vary of [plain.headers.get('vary'), answer?.headers.get('vary')]) {
			expect(vary?.split(', ').sort()).toEqual(['Accept-Encoding', 'Origin']);
		}
	});

	it('is sent plain to a client that refuses gzip', async () => {
		const response = await get('/sdk.js', { 'Accept-Encoding': 'gzip;q=0' });
		expect([response.headers.get('content-encoding'), await response.text()]).toEqual([null, SCRIPT]);
	});

	it('has an ETag of one coding: a client with the other coding gets it again', async () => {
		const etagOf = async (coding: string) => (await get('/sdk.js', { 'Accept-Encoding': coding })).headers.get('etag');
		const [plain, gzip] = [(await etagOf('identity')) ?? '', (await etagOf('gzip')) ?? ''];
		expect(gzip).toMatch(/^"[\w-]{22}\.gzip"$/);
		const statusOf = async (coding: string, known: string) =>
			(await get('/sdk.js', { 'Accept-Encoding': coding, 'If-None-Match': known })).status;
		expect(await statusOf('identity', gzip)).toBe(200);
		expect(await statusOf('gzip', plain)).toBe(200);
		expect(await statusOf('gzip', gzip)).toBe(304);
	});

	it('may be requested in part', async () => {
		const response = await get('/clip.webm', { Range: 'bytes=1000-1999' });
		expect(response.status).toBe(206);
		expect(response.headers.get('content-range')).toBe('bytes 1000-1999/5000');
		expect(Buffer.from(await response.arrayBuffer())).toEqual(CLIP.subarray(1_000, 2_000));
		const whole = await get('/clip.webm');
		expect([whole.status, whole.headers.get('accept-ranges')]).toEqual([200, 'bytes']);
		expect(Buffer.from(await whole.arrayBuffer())).toEqual(CLIP);
	});

	it('has no part behind its end', async () => {
		const response = await get('/clip.webm', { Range: 'bytes=5000-' });
		expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */5000']);
	});

	it('answers HEAD with its size and no body', async () => {
		const response = await get('/clip.webm', {}, 'HEAD');
		expect([response.status, response.headers.get('content-length')]).toEqual([200, '5000']);
		expect((await response.arrayBuffer()).byteLength).toBe(0);
	});

	it('cannot be written', async () => {
		for (const method of ['POST', 'PUT', 'DELETE']) {
			await expectProblem(await get('/sdk.js', {}, method), 404, 'not_found');
		}
	});
});

describe('A path out of the directory', () => {
	it.each([
		'/../secret.txt',
		'/assets/../../secret.txt',
		'/%2e%2e/secret.txt',
		'/..%2fsecret.txt',
		'/assets/..%2f..%2fsecret.txt',
		'/..\\secret.txt',
		'/..%5csecret.txt',
		'//etc/passwd',
		'/./../secret.txt',
		`${root}/secret.txt`,
	])('finds nothing: %s', async (path) => {
		expect(await rawGet(path)).toMatchObject({ status: 404 });
	});

	it.each(['/assets', '/assets/', '/INDEX.HTML', '/index.html/', '/index.html%00', '/constructor', '/__proto__'])(
		'or to no file finds nothing: %s',
		async (path) => {
			expect(await rawGet(path)).toMatchObject({ status: 404 });
		},
	);
});

describe('A large file', () => {
	it('arrives whole at a client that reads late, with its parts, and the connection continues', async () => {
		const connection = await RawConnection.open(gateway().port);
		connection.pause();
		connection.write(`GET /large.webm HTTP/1.1\r\nHost: localhost\r\n\r\n`);
		// An answer on another connection: by then this one has taken what it can.
		expect((await get('/clip.webm')).status).toBe(200);
		connection.resume();
		const [whole] = await connection.answers(1);
		expect(whole?.headers.get('content-length')).toBe(String(LARGE_BYTES));
		const part = await get('/large.webm', { Range: 'bytes=1000-20000999' });
		expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 20_000_000]);
		connection.write(`GET /clip.webm HTTP/1.1\r\nHost: localhost\r\n\r\n`);
		expect((await connection.answers(2)).map(({ status }) => status)).toEqual([200, 200]);
	});

	it('takes no memory for clients that read nothing, which are cut off', async () => {
		const before = process.memoryUsage().rss;
		const readers = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(gateway().port)));
		for (const reader of readers) {
			reader.pause();
			reader.write(`GET /large.webm HTTP/1.1\r\nHost: localhost\r\n\r\n`);
		}
		expect((await get('/clip.webm')).status).toBe(200);
		// A copy for each client would take about 400 MB.
		expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
		await expect.poll(openConnections).toBeLessThan(readers.length);
	});
});
