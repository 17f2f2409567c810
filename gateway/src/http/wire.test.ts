import { randomUUID } from 'node:crypto';
import { MAX_BODY_BYTES, paths } from '@likewire/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { shareGateway } from '../../test/gateway.ts';
import { like, newVideo, totalsOf } from '../../test/http-client.ts';
import { RawConnection } from '../../test/raw-connection.ts';

const gateway = shareGateway();

let video: string;
let connection: RawConnection;
beforeEach(async () => {
	video = newVideo();
	connection = await RawConnection.open(gateway().port);
});

/** The head of a like with these headers. */
function head(...headers: string[]): string {
	return [`POST ${paths.likes(video)} HTTP/1.1`, 'Host: localhost', 'X-Likewire-User: ann', ...headers, '', ''].join(
		'\r\n',
	);
}

const JSON_TYPE = 'Content-Type: application/json';
const whole = (body: string, ...headers: string[]) =>
	head(JSON_TYPE, `Content-Length: ${Buffer.byteLength(body)}`, ...headers) + body;
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

const codeOf = ({ body }: { readonly body: string }) => JSON.parse(body).code;

describe('A body', () => {
	it('may arrive byte by byte, and cut within a character', async () => {
		const body = Buffer.from('{"type":"heart","note":"é💖"}');
		connection.write(head(JSON_TYPE, `Content-Length: ${body.length}`));
		for (const byte of body) connection.write(Uint8Array.of(byte));
		expect((await connection.answers(1)).map(({ status }) => status)).toEqual([201]);
		expect(await totalsOf(gateway(), video)).toEqual({ heart: 1 });
	});

	it('is refused when its declared length is too large', async () => {
		connection.write(head(JSON_TYPE, `Content-Length: ${MAX_BODY_BYTES + 1}`) + 'x'.repeat(MAX_BODY_BYTES + 1));
		const [answer] = await connection.answers(1);
		expect(answer && [answer.status, codeOf(answer)]).toEqual([413, 'body_too_large']);
		expect(await totalsOf(gateway(), video)).toEqual({});
	});

	it('that is cut off stores nothing', async () => {
		connection.write(`${head(JSON_TYPE, 'Content-Length: 100')}{"type":"heart"}`);
		connection.endWriting();
		await connection.ended();
		const reset = await RawConnection.open(gateway().port);
		reset.write(`${head(JSON_TYPE, 'Content-Length: 100')}{"type"`);
		reset.destroy();
		await like(gateway(), newVideo());
		expect(await totalsOf(gateway(), video)).toEqual({});
	});

	it('with a whole like counts even when its sender leaves before the answer', async () => {
		connection.write(whole('{"type":"heart"}'));
		connection.endWriting();
		await expect.poll(() => totalsOf(gateway(), video)).toEqual({ heart: 1 });
	});

	it('or a head that does not come ends the connection and stores nothing', async () => {
		const [silent, slow, headless] = [
			connection,
			await RawConnection.open(gateway().port),
			await RawConnection.open(gateway().port),
		];
		headless.write(`POST ${paths.likes(video)} HTTP/1.1\r\nHost: localhost\r\nX-Slow: `);
		silent.write(head(JSON_TYPE, 'Content-Length: 16'));
		slow.write(`${head(JSON_TYPE, 'Content-Length: 16')}{`);
		const all = [silent, slow, headless];
		await Promise.all(all.map((one) => one.ended(16_000)));
		for (const { text } of all) expect(text).toMatch(/^$|^HTTP\/1.1 408 /);
		expect(await totalsOf(gateway(), video)).toEqual({});
	});

	it('of a request without one is skipped, and not taken for the next request', async () => {
		const smuggled = whole('{"type":"heart"}');
		const length = `Content-Length: ${smuggled.length}`;
		const requests = [
			`GET ${paths.video(video)}`,
			`PUT ${paths.likes(video)}`,
			'POST /nowhere',
			`DELETE ${paths.like(video, randomUUID())}`,
		].map((line) => `${line} HTTP/1.1\r\nHost: localhost\r\n${length}\r\n\r\n${smuggled}`);
		for (const [index, request] of [...requests, get(paths.video(video))].entries()) {
			connection.write(request);
			await connection.answers(index + 1);
		}
		const answers = await connection.answers(5);
		expect(answers.map(({ status }) => status)).toEqual([200, 405, 404, 404, 200]);
		expect(JSON.parse(answers[4]?.body ?? '').totals).toEqual({});
	});
});

describe('A connection', () => {
	it('continues after an error', async () => {
		const requests = [get('/nothing'), whole('{'), whole('{"type":"nope"}'), get('/v1/videos/%20'), whole('{}')];
		for (const [index, request] of requests.entries()) {
			connection.write(request);
			await connection.answers(index + 1);
		}
		expect((await connection.answers(5)).map(({ status }) => status)).toEqual([404, 400, 400, 400, 201]);
	});

	it('continues after a HEAD, whose answer has a length and no body', async () => {
		connection.write(`HEAD ${paths.video(video)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
		await expect.poll(() => connection.text).toMatch(/\r\n\r\n$/);
		expect(connection.text).toMatch(/^HTTP\/1.1 200 .*\r\nContent-Length: [1-9]/s);
		connection.write(get(paths.video(video)));
		await expect.poll(() => connection.text).toMatch(/}$/);
		expect(connection.text.match(/HTTP\/1.1 200 /g)).toHaveLength(2);
	});
});

describe('A head', () => {
	it('may come in pieces, cut anywhere behind its first line', async () => {
		const request = whole('{}');
		for (let cut = request.indexOf('\r\n') + 2, count = 1; cut < request.length; cut += 7, count++) {
			connection.write(request.slice(0, cut));
			// An answer on another connection: by then the gateway has read the first piece.
			await totalsOf(gateway(), video);
			connection.write(request.slice(cut));
			expect((await connection.answers(count)).at(-1)?.status).toBe(201);
		}
	});

	it('of a stream of 100 videos with the longest ids is accepted', async () => {
		const names = Array.from({ length: 100 }, (_, index) => `${index}-`.padEnd(128, 'v'));
		connection.write(get(`${paths.stream}?${names.map((name) => `video=${name}`).join('&')}`));
		await expect.poll(() => connection.text).toContain('event: likes');
		for (const name of names) await expect.poll(() => connection.text).toContain(`{"video":"${name}"`);
	});

	it('that is far too large is refused, not read for ever', async () => {
		connection.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'x'.repeat(100_000)}\r\n\r\n`);
		await connection.ended();
		expect(connection.text).not.toContain(' 200 ');
	});

	it.each([
		['a length that is no number', () => head(JSON_TYPE, 'Content-Length: 2x')],
		['a negative length', () => head(JSON_TYPE, 'Content-Length: -1')],
		['a huge length', () => head(JSON_TYPE, 'Content-Length: 99999999999999999999')],
		['a chunk size that is no number', () => `${head(JSON_TYPE, 'Transfer-Encoding: chunked')}zz\r\n`],
		['a huge chunk', () => `${head(JSON_TYPE, 'Transfer-Encoding: chunked')}ffffffffffffffff\r\n`],
		['no host', () => `POST ${paths.likes(video)} HTTP/1.1\r\n\r\n`],
		['no version', () => `POST ${paths.likes(video)}\r\n\r\n`],
		['another protocol', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
		['TLS', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
		['nothing but line ends', () => '\r\n\r\n\r\n\r\n'],
		['a NUL', () => `GET /v1/videos/a\0b HTTP/1.1\r\nHost: localhost\r\n\r\n`],
		['a header split over lines', () => `GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c: d\r\n\r\n`],
	])('with %s counts nothing and disturbs no other client', async (_, request) => {
		connection.write(Buffer.from(request(), 'latin1'));
		connection.write('{}');
		connection.endWriting();
		await connection.ended();
		expect(connection.text).not.toMatch(/^HTTP\/1.1 20/);
		expect(await totalsOf(gateway(), video)).toEqual({});
	});
});
