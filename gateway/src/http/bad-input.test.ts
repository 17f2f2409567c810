import { randomUUID } from 'node:crypto';
import { type ErrorCode, MAX_BODY_BYTES, paths } from '@likewire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shareGateway } from '../../test/gateway.ts';
import { expectProblem, like, newVideo, postJson, readVideo, totalsOf } from '../../test/http-client.ts';

const gateway = shareGateway();

/** A video that must have no like after the test. */
let video: string;
beforeEach(() => {
	video = newVideo();
});

afterEach(async () => {
	expect(await totalsOf(gateway(), video)).toEqual({});
	expect((await fetch(`${gateway().internalUrl}/healthz`)).status).toBe(200);
});

/** Ids for a path or a query, encoded where necessary. */
const BAD_IDS = [
	'%20',
	'a%20b',
	'%0d%0a',
	'a%0d%0aSet-Cookie:%20x=1',
	'%00',
	'a%00b',
	'%07',
	'%7f',
	'%c3%a9',
	'%f0%9f%92%96',
	'a%2fb',
	'..%2f..%2fetc%2fpasswd',
	'%22%3e%3cscript%3e',
	"'%20OR%201=1--",
	'%2541',
	'a'.repeat(129),
	'a'.repeat(5_000),
];
/** Percent signs that are no encoding of UTF-8. */
const BROKEN = ['%', '%4', '%zz', '%ff', '%c3', '%ed%a0%80', 'a%'];

const get = (path: string) => fetch(gateway().url + path);

describe('An invalid id', () => {
	it.each([...BAD_IDS, ...BROKEN])('is refused as a video: %.30s', async (id) => {
		await expectProblem(await get(`/v1/videos/${id}`), 400, 'invalid_video_id');
		await expectProblem(await postJson(`${gateway().url}/v1/videos/${id}/likes`, {}), 400, 'invalid_video_id');
		const path = `/v1/videos/${id}/likes/${randomUUID()}`;
		await expectProblem(await fetch(gateway().url + path, { method: 'DELETE' }), 400, 'invalid_video_id');
		await expectProblem(await get(`/v1/stream?video=${id}`), 400, 'invalid_video_id');
		await expectProblem(await get(`/v1/stream?video=good&video=${id}`), 400, 'invalid_video_id');
	});

	it.each(BAD_IDS)('is refused as a user: %.30s', async (id) => {
		const url = `${gateway().url + paths.likes(video)}?user=${id}`;
		await expectProblem(await postJson(url, {}), 400, 'invalid_user_id');
		await expectProblem(await get(`/v1/stream?video=${video}&user=${id}`), 400, 'invalid_user_id');
	});

	it.each(['a b', 'aéa', 'a/b', 'a'.repeat(129), 'a,b'])('is refused as a user in the header: %.30s', async (user) => {
		const response = await postJson(gateway().url + paths.likes(video), {}, { 'X-Likewire-User': user });
		await expectProblem(response, 400, 'invalid_user_id');
	});

	it.each([...BAD_IDS, ...BROKEN, '1', 'not-a-uuid', `${randomUUID()}0`])('is refused as a like: %.30s', async (id) => {
		const path = `${paths.likes(video)}/${id}`;
		await expectProblem(await fetch(gateway().url + path, { method: 'DELETE' }), 400, 'invalid_like_id');
	});

	it.each(['', ' ', '1', 'a\r\nb', 'a\0b', '\ud800', `${randomUUID()}\n`, ` ${randomUUID()}`, 'x'.repeat(10_000)])(
		'is refused as a like in the body: %j',
		async (id) => {
			await expectProblem(await postJson(gateway().url + paths.likes(video), { id }), 400, 'invalid_like_id');
		},
	);

	it.each(['x', randomUUID(), 'node-1.', 'a b', '%'])('is refused as a connection: %j', async (id) => {
		const url = gateway().url + paths.subscriptions(id);
		await expectProblem(await postJson(url, {}), 404, 'connection_not_found');
	});
});

describe('An invalid body', () => {
	const post = (body: string | Uint8Array, headers?: Record<string, string>) =>
		postJson(gateway().url + paths.likes(video), body, headers);

	it.each([
		['{', 'invalid_json'],
		['not json', 'invalid_json'],
		["{'type':'heart'}", 'invalid_json'],
		['{"type":"heart"}garbage', 'invalid_json'],
		['\0', 'invalid_json'],
		['NaN', 'invalid_json'],
		['['.repeat(16_000), 'invalid_json'],
		['[]', 'invalid_body'],
		['[{"type":"heart"}]', 'invalid_body'],
		['null', 'invalid_body'],
		['true', 'invalid_body'],
		['1', 'invalid_body'],
		['"heart"', 'invalid_body'],
		['{"id":1}', 'invalid_body'],
		['{"id":null}', 'invalid_body'],
		['{"id":{"toString":"x"}}', 'invalid_body'],
		['{"id":["a"]}', 'invalid_body'],
		['{"type":1}', 'invalid_body'],
		['{"type":null}', 'invalid_body'],
		['{"region":7}', 'invalid_body'],
		[`${'['.repeat(8_000)}${']'.repeat(8_000)}`, 'invalid_body'],
		[`{"id":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}`, 'invalid_body'],
		['{"type":"nope"}', 'unknown_reaction'],
		['{"type":""}', 'unknown_reaction'],
		['{"type":"HEART"}', 'unknown_reaction'],
		['{"type":"heart\\u0000"}', 'unknown_reaction'],
		['{"type":"__proto__"}', 'unknown_reaction'],
		['{"type":"constructor"}', 'unknown_reaction'],
		['{"type":"heart\\r\\ndata: x"}', 'unknown_reaction'],
	] satisfies [string, ErrorCode][])('is refused: %.40s', async (body, code) => {
		await expectProblem(await post(body), 400, code);
	});

	it.each([
		['a byte that never occurs', [0xff]],
		['a character cut in two', [...Buffer.from('{"type":"'), 0xc3]],
		['an overlong slash', [...Buffer.from('{"type":"'), 0xc0, 0xaf, ...Buffer.from('"}')]],
		['half a surrogate pair', [...Buffer.from('{"type":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')]],
		['UTF-16', [...Buffer.from('{"type":"heart"}', 'utf16le')]],
	])('is refused when it is not UTF-8: %s', async (_, bytes) => {
		await expectProblem(await post(Uint8Array.from(bytes)), 400, 'invalid_json');
	});

	it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp', 'json', ';'])(
		'is refused as %s',
		async (type) => {
			await expectProblem(await post('{}', { 'Content-Type': type }), 415, 'unsupported_media_type');
		},
	);

	it('is refused without a type', async () => {
		const body = new Blob(['{}']);
		const response = await fetch(gateway().url + paths.likes(video), { method: 'POST', body });
		await expectProblem(response, 415, 'unsupported_media_type');
	});

	it.each(['application/json; charset=utf-8', 'Application/JSON', 'application/json;x=y'])(
		'is accepted as %s',
		async (type) => {
			const response = await postJson(gateway().url + paths.likes(newVideo()), {}, { 'Content-Type': type });
			expect(response.status).toBe(201);
		},
	);

	it('is accepted up to 16 KiB, and refused with one byte more', async () => {
		const padded = (size: number) => `{"x":"${'x'.repeat(size - 8)}"}`;
		expect((await postJson(gateway().url + paths.likes(newVideo()), padded(MAX_BODY_BYTES))).status).toBe(201);
		await expectProblem(await post(padded(MAX_BODY_BYTES + 1)), 413, 'body_too_large');
		await expectProblem(await post(padded(500_000)), 413, 'body_too_large');
	});
});

describe('An unknown path or method', () => {
	it.each([
		'/v1',
		'/v1/',
		'/v1/videos',
		'/v2/videos/a',
		'/v1/videos/a/b',
		'/v1/videos/a/likes/b/c',
		'/nothing',
		'/%00',
		'//',
	])('is refused: %s', async (path) => {
		for (const method of ['GET', 'POST', 'DELETE']) {
			await expectProblem(await fetch(gateway().url + path, { method }), 404, 'not_found');
		}
	});

	it('of the other listener is refused', async () => {
		for (const path of ['/healthz', '/readyz', '/v1/cluster', '/internal/v1/publish']) {
			await expectProblem(await get(path), 404, 'not_found');
		}
		await expectProblem(await fetch(gateway().internalUrl + paths.video(video)), 404, 'not_found');
	});

	it.each([
		[paths.video('v'), ['POST', 'PUT', 'PATCH', 'DELETE'], 'GET, HEAD, OPTIONS'],
		[paths.likes('v'), ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'], 'POST, OPTIONS'],
		[paths.like('v', randomUUID()), ['GET', 'POST', 'PUT'], 'DELETE, OPTIONS'],
		[paths.stream, ['HEAD', 'POST', 'PUT', 'DELETE'], 'GET, OPTIONS'],
		[paths.subscriptions('x'), ['GET', 'PUT', 'DELETE'], 'POST, OPTIONS'],
	])('of %s is refused with the allowed methods', async (path, methods, allowed) => {
		for (const method of methods) {
			const response = await fetch(gateway().url + path, { method });
			expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, allowed]);
			if (method !== 'HEAD') await expectProblem(response, 405, 'method_not_allowed');
		}
	});
});

describe('HEAD', () => {
	it('answers like GET, without a body', async () => {
		const liked = newVideo();
		await like(gateway(), liked);
		const response = await fetch(gateway().url + paths.video(liked), { method: 'HEAD' });
		expect(response.status).toBe(200);
		expect(response.headers.get('content-type')).toBe('application/json');
		expect(response.headers.get('content-length')).toBe(`${JSON.stringify(await readVideo(gateway(), liked)).length}`);
		expect(await response.text()).toBe('');
		expect((await fetch(`${gateway().url}/v1/videos/%20`, { method: 'HEAD' })).status).toBe(400);
	});
});

describe('Too many videos', () => {
	it('on one stream are refused', async () => {
		const query = (count: number) => Array.from({ length: count }, (_, index) => `video=v${index}`).join('&');
		await expectProblem(await get(`/v1/stream?${query(200)}`), 400, 'too_many_topics');
		await expectProblem(await get(`/v1/stream?${query(101)}`), 400, 'too_many_topics');
	});
});
