import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { MAX_BODY_BYTES, paths } from '@likewire/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway } from '../../test/gateway.ts';
import { newVideo, totalsOf } from '../../test/http-client.ts';
import { RawConnection } from '../../test/raw-connection.ts';
import { SECRET, signToken } from '../../test/tokens.ts';
import { MAX_PEER_BODY_BYTES } from '../cluster/rpc/messages.ts';
import { peerPaths } from '../cluster/rpc/peer-paths.ts';

const gateway = shareGateway();
const guarded = shareGateway({ jwtSecret: SECRET, clusterSecret: 'a-secret-of-the-cluster' });

let video: string;
let connection: RawConnection;
beforeEach(async () => {
	video = newVideo();
	connection = await RawConnection.open(gateway().port);
});

function head(line: string, ...headers: string[]): string {
	return [`${line} HTTP/1.1`, 'Host: localhost', 'X-Likewire-User: ann', ...headers, '', ''].join('\r\n');
}

const JSON_TYPE = 'Content-Type: application/json';
const CHUNKED = 'Transfer-Encoding: chunked';
const likeHead = (...headers: string[]) => head(`POST ${paths.likes(video)}`, ...headers);
const whole = (body: string, ...headers: string[]) =>
	likeHead(JSON_TYPE, `Content-Length: ${Buffer.byteLength(body)}`, ...headers) + body;
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const codeOf = ({ body }: { readonly body: string }) => JSON.parse(body).code;

/** Returns the answers on a connection that the gateway closed. */
async function answersOf(closed: RawConnection) {
	await closed.ended();
	return closed.answers(0);
}

describe('A request with Transfer-Encoding', () => {
	const body = '{"type":"heart"}';

	it.each([
		['only its head', () => ''],
		['a whole body', () => `${chunk(body)}0\r\n\r\n`],
		['a body of 1-byte chunks', () => `${[...body].map(chunk).join('')}0\r\n\r\n`],
		['a body that never ends', () => chunk('x'.repeat(64 * 1024)).repeat(10)],
		['trailers', () => `${chunk(body)}0\r\nX-Trailer: y\r\n\r\n`],
		['a trailer that looks like a request', () => `${chunk(body)}0\r\n${whole(body)}`],
		['the next request behind its body', () => `${chunk(body)}0\r\n\r\n${whole(body)}`],
		['a chunk size that is no number', () => 'zz\r\n'],
	])('is refused with 411, and its connection closed, when it sends %s', async (_, rest) => {
		connection.write(likeHead(JSON_TYPE, CHUNKED) + rest());
		const answers = await answersOf(connection);
		expect(answers.map((answer) => [answer.status, codeOf(answer)])).toEqual([[411, 'length_required']]);
		expect(await totalsOf(gateway(), video)).toEqual({});
	});

	it.each([
		['DELETE', () => head(`DELETE ${paths.like(video, randomUUID())}`, CHUNKED)],
		['GET', () => head(`GET ${paths.video(video)}`, CHUNKED)],
		['a method that the path does not take', () => head(`PUT ${paths.likes(video)}`, CHUNKED)],
		['a path that does not exist', () => head('POST /nowhere', CHUNKED)],
		['another coding', () => likeHead('Transfer-Encoding: gzip, chunked')],
		['an empty header before it', () => likeHead('Transfer-Encoding:', CHUNKED)],
	])('is refused with 411 whatever its method or path: %s', async (_, start) => {
		connection.write(`${start()}0\r\n${whole(body)}`);
		expect((await answersOf(connection)).map(({ status }) => status)).toEqual([411]);
		expect(await totalsOf(gateway(), video)).toEqual({});
	});

	it('is refused on the internal port', async () => {
		const internal = await RawConnection.open(Number(new URL(gateway().internalUrl).port));
		internal.write(`${head(`POST ${peerPaths.ping}`, CHUNKED)}${chunk('{}')}0\r\n\r\n`);
		expect((await answersOf(internal)).map(({ status }) => status)).toEqual([411]);
	});
});

describe('A request with two lengths', () => {
	it('is refused with 411', async () => {
		connection.write(`${likeHead(JSON_TYPE, 'Content-Length: 2', 'Content-Length: 300')}{}${whole('{}')}`);
		expect((await answersOf(connection)).map(({ status }) => status)).toEqual([411]);
		expect(await totalsOf(gateway(), video)).toEqual({});
	});
});

describe('A request that is refused by its head', () => {
	it('is answered before its body arrives: too large', async () => {
		connection.write(likeHead(JSON_TYPE, `Content-Length: ${MAX_BODY_BYTES + 1}`));
		const [answer] = await connection.answers(1);
		expect(answer && [answer.status, codeOf(answer)]).toEqual([413, 'body_too_large']);
		connection.write('x'.repeat(MAX_BODY_BYTES + 1) + whole('{}'));
		expect((await connection.answers(2)).map(({ status }) => status)).toEqual([413, 201]);
	});

	it('is answered before its body arrives, and closed: far too large', async () => {
		connection.write(likeHead(JSON_TYPE, 'Content-Length: 30000000'));
		expect((await answersOf(connection)).map(({ status }) => status)).toEqual([413]);
	});

	it('is answered before its body arrives: no token', async () => {
		const stranger = await RawConnection.open(guarded().port);
		stranger.write(likeHead(JSON_TYPE, 'Content-Length: 100'));
		const [answer] = await stranger.answers(1);
		expect(answer && [answer.status, codeOf(answer)]).toEqual([401, 'unauthorized']);
		const token = `Authorization: Bearer ${await signToken({ sub: 'ann' })}`;
		stranger.write('x'.repeat(100) + whole('{}', token));
		expect((await stranger.answers(2)).map(({ status }) => status)).toEqual([401, 201]);
	});

	it('is answered before its body arrives: no secret of the cluster', async () => {
		const stranger = await RawConnection.open(Number(new URL(guarded().internalUrl).port));
		stranger.write(head(`POST ${peerPaths.publish}`, JSON_TYPE, `Content-Length: ${MAX_PEER_BODY_BYTES}`));
		const [answer] = await stranger.answers(1);
		expect(answer && [answer.status, codeOf(answer)]).toEqual([401, 'unauthorized']);
	});

	it('is answered before its body arrives: compressed', async () => {
		const body = gzipSync('{"type":"heart"}');
		connection.write(likeHead(JSON_TYPE, 'Content-Encoding: gzip', `Content-Length: ${body.length}`));
		const [answer] = await connection.answers(1);
		expect(answer && [answer.status, codeOf(answer)]).toEqual([415, 'unsupported_media_type']);
		connection.write(body);
		connection.write(whole('{}', 'Content-Encoding: identity'));
		expect((await connection.answers(2)).map(({ status }) => status)).toEqual([415, 201]);
	});
});

describe('An accepted request', () => {
	it.each([
		['without a type', () => likeHead('Content-Length: 0')],
		['without a length', () => likeHead()],
		['of a form', () => likeHead('Content-Type: application/x-www-form-urlencoded', 'Content-Length: 0')],
		['of text', () => likeHead('Content-Type: text/plain;charset=UTF-8', 'Content-Length: 0')],
	])('may have an empty body %s', async (_, request) => {
		connection.write(request());
		expect((await connection.answers(1)).map(({ status }) => status)).toEqual([201]);
	});

	it('is refused with 415 when it has a body of another type', async () => {
		connection.write(`${likeHead('Content-Type: text/plain', 'Content-Length: 2')}{}`);
		expect((await connection.answers(1)).map(({ status }) => status)).toEqual([415]);
	});

	it('may wait for 100 Continue', async () => {
		connection.write(likeHead(JSON_TYPE, 'Content-Length: 2', 'Expect: 100-continue'));
		await expect.poll(() => connection.text).toBe('HTTP/1.1 100 Continue\r\n\r\n');
		connection.write('{}');
		expect((await connection.answers(2)).map(({ status }) => status)).toEqual([100, 201]);
	});

	it('may have 90 headers; with 110 it is refused, and stores nothing', async () => {
		const more = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: ${index}`);
		connection.write(whole('{}', ...more(90)));
		expect((await connection.answers(1)).map(({ status }) => status)).toEqual([201]);
		connection.write(whole('{}', ...more(110)));
		expect((await answersOf(connection)).map(({ status }) => status)).toEqual([201, 431]);
		expect(await totalsOf(gateway(), video)).toEqual({ heart: 1 });
	});
});

describe('An Idempotency-Key', () => {
	it.each([
		['bare', (id: string) => id],
		['in quotes', (id: string) => `"${id}"`],
	])('names the like when it stands %s', async (_, written) => {
		const id = randomUUID();
		connection.write(whole('{}', `Idempotency-Key: ${written(id)}`));
		const [answer] = await connection.answers(1);
		expect([answer?.status, JSON.parse(answer?.body ?? '{}').id]).toEqual([201, id]);
	});

	it.each(['"', '""', '"x', 'x"', `"${randomUUID()}"x`, `"${randomUUID()}", "${randomUUID()}"`])(
		'is refused when it is no id: %s',
		async (key) => {
			connection.write(whole('{}', `Idempotency-Key: ${key}`));
			const [answer] = await connection.answers(1);
			expect(answer && [answer.status, codeOf(answer)]).toEqual([400, 'invalid_like_id']);
			expect(await totalsOf(gateway(), video)).toEqual({});
		},
	);
});

describe('Requests that are sent before earlier answers', () => {
	const remove = () => head(`DELETE ${paths.like(video, randomUUID())}`);
	const read = () => head(`GET ${paths.video(video)}`);

	it.each([
		['two likes', () => whole('{}') + whole('{}')],
		['a like and a reading', () => whole('{}') + read()],
		['a like and a take-back', () => whole('{}') + remove()],
		['a like and an HTTP/1.0 request', () => `${whole('{}')}GET / HTTP/1.0\r\n\r\n`],
	])('are closed before anything is stored: %s', async (_, requests) => {
		connection.write(requests());
		await connection.ended();
		expect(connection.text).not.toMatch(/HTTP\/1.1 2/);
		expect(await totalsOf(gateway(), video)).toEqual({});
	});
});

describe('An error', () => {
	it('names the first faults of a body, however many it has', async () => {
		const ids = `[${Array.from({ length: 7_000 }, () => 1).join()}]`;
		const body = `{"add":{"videos":${ids},"topics":${JSON.stringify({ ['x'.repeat(500)]: 1 })}}}`;
		const stream = await EventStream.open(gateway(), video, { user: 'ann' });
		const { connection: id } = await stream.hello();
		connection.write(head(`POST ${paths.subscriptions(id)}`, JSON_TYPE, `Content-Length: ${body.length}`) + body);
		const [answer] = await connection.answers(1);
		expect(answer && [answer.status, codeOf(answer)]).toEqual([400, 'invalid_body']);
		expect(answer?.body.length).toBeLessThan(1_000);
	});

	it('does not repeat long text of a client', async () => {
		const long = 'x'.repeat(15_000);
		for (const body of [`{"type":"${long}"}`, `{"id":"${long}"}`, `{"region":"${long}"}`, `{"${long}":1,"type":1}`]) {
			const one = await RawConnection.open(gateway().port);
			one.write(whole(body));
			const [answer] = await one.answers(1);
			expect(answer?.body.length).toBeLessThan(1_500);
		}
	});
});
