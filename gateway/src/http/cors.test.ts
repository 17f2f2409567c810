import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway } from '../../test/gateway.ts';
import { newVideo, postJson } from '../../test/http-client.ts';

const PAGE = 'https://page.example';
const OTHER = 'http://localhost:3000';

function preflight(gateway: { readonly url: string }, path: string, origin: string): Promise<Response> {
	return fetch(gateway.url + path, {
		method: 'OPTIONS',
		headers: {
			Origin: origin,
			'Access-Control-Request-Method': 'POST',
			'Access-Control-Request-Headers': 'content-type',
		},
	});
}

const allowedOrigin = ({ headers }: Response) => headers.get('access-control-allow-origin');

describe('in development', () => {
	const gateway = shareGateway();

	it('a page of any origin may read answers and errors', async () => {
		const url = gateway().url + paths.likes(newVideo());
		expect(allowedOrigin(await postJson(url, {}, { Origin: PAGE }))).toBe('*');
		expect(allowedOrigin(await postJson(url, '{', { Origin: PAGE }))).toBe('*');
		expect(allowedOrigin(await fetch(`${gateway().url}/nothing`, { headers: { Origin: PAGE } }))).toBe('*');
		expect(allowedOrigin(await fetch(`${gateway().url}/v1/stream?video=%20`, { headers: { Origin: PAGE } }))).toBe('*');
	});

	it('a page of any origin may stream', async () => {
		const stream = await EventStream.open(gateway(), newVideo(), { headers: { Origin: PAGE } });
		expect(stream.headers['access-control-allow-origin']).toBe('*');
	});

	it('a page may read when to try again', async () => {
		const response = await postJson(gateway().url + paths.likes(newVideo()), {}, { Origin: PAGE });
		expect(response.headers.get('access-control-expose-headers')).toContain('Retry-After');
	});

	it.each([
		[paths.likes('v'), 'POST'],
		[paths.like('v', randomUUID()), 'DELETE'],
		[paths.video('v'), 'GET, HEAD'],
		[paths.stream, 'GET'],
		[paths.subscriptions('c'), 'POST'],
	])('a browser that asks first is told what %s takes', async (path, methods) => {
		const response = await preflight(gateway(), path, PAGE);
		expect(response.status).toBe(204);
		expect(allowedOrigin(response)).toBe('*');
		expect(response.headers.get('access-control-allow-methods')).toBe(methods);
		const headers = response.headers.get('access-control-allow-headers')?.toLowerCase().split(', ');
		expect(headers).toEqual(expect.arrayContaining(['content-type', 'x-likewire-user', 'idempotency-key']));
		expect(await response.text()).toBe('');
	});
});

describe('with a list of origins', () => {
	const gateway = shareGateway({ allowedOrigins: `${PAGE},${OTHER}` });

	it('pages of the list are named, and no others', async () => {
		const url = gateway().url + paths.likes(newVideo());
		for (const origin of [PAGE, OTHER]) expect(allowedOrigin(await postJson(url, {}, { Origin: origin }))).toBe(origin);
		for (const origin of ['https://evil.example', `${PAGE}.evil.example`, 'null', PAGE.toUpperCase()]) {
			expect(allowedOrigin(await postJson(url, {}, { Origin: origin }))).toBeNull();
			expect(allowedOrigin(await preflight(gateway(), paths.likes('v'), origin))).toBeNull();
		}
		expect(allowedOrigin(await preflight(gateway(), paths.likes('v'), PAGE))).toBe(PAGE);
	});

	it('caches are told that answers differ by origin', async () => {
		const url = gateway().url + paths.video(newVideo());
		for (const origin of [PAGE, 'https://evil.example']) {
			expect((await fetch(url, { headers: { Origin: origin } })).headers.get('vary')).toContain('Origin');
		}
	});

	it('streams are of pages of the list alone', async () => {
		const [mine, other] = [PAGE, 'https://evil.example'].map((Origin) =>
			EventStream.open(gateway(), newVideo(), { headers: { Origin } }),
		);
		expect((await mine)?.headers['access-control-allow-origin']).toBe(PAGE);
		expect((await other)?.headers['access-control-allow-origin']).toBeUndefined();
	});
});

describe('the internal listener', () => {
	const gateway = shareGateway();

	it('is for no page', async () => {
		const response = await fetch(`${gateway().internalUrl}/healthz`, { headers: { Origin: PAGE } });
		expect(allowedOrigin(response)).toBeNull();
	});
});
