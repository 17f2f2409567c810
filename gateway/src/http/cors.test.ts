import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway, startGateway } from '../../test/gateway.ts';
import { newVideo, postJson } from '../../test/http-client.ts';
import { SECRET, signToken } from '../../test/tokens.ts';

const PAGE = 'https://page.example';
const OTHER = 'http://page.example:3000';
const EVIL = 'https://evil.example';

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

const as = (token: string, more: Record<string, string> = {}) => ({ Authorization: `Bearer ${token}`, ...more });

describe('CORS with tokens and without a list', () => {
	const gateway = shareGateway({ jwtSecret: SECRET });

	it('lets a page of any origin read answers and errors, without credentials', async () => {
		const url = gateway().url + paths.likes(newVideo());
		const token = await signToken({ sub: 'ann' });
		for (const response of [
			await postJson(url, {}, as(token, { Origin: PAGE })),
			await postJson(url, '{', as(token, { Origin: PAGE })),
			await fetch(`${gateway().url}/nothing`, { headers: { Origin: PAGE } }),
			await fetch(`${gateway().url}/v1/stream?video=%20`, { headers: { Origin: PAGE } }),
		]) {
			expect(allowedOrigin(response)).toBe('*');
			expect(response.headers.get('access-control-allow-credentials')).toBeNull();
		}
	});

	it('lets a page of any origin stream', async () => {
		const token = await signToken({ sub: 'ann' });
		const stream = await EventStream.open(gateway(), newVideo(), { token, headers: { Origin: PAGE } });
		expect(stream.headers['access-control-allow-origin']).toBe('*');
	});

	it('lets a page read when to try again', async () => {
		const response = await postJson(gateway().url + paths.likes(newVideo()), {}, { Origin: PAGE });
		expect(response.headers.get('access-control-expose-headers')).toContain('Retry-After');
	});

	it.each([
		[paths.likes('v'), 'POST'],
		[paths.like('v', randomUUID()), 'DELETE'],
		[paths.video('v'), 'GET, HEAD'],
		[paths.stream, 'GET'],
		[paths.subscriptions('c'), 'POST'],
		[paths.connection('c'), 'DELETE'],
	])('a browser that asks first learns what %s takes', async (path, methods) => {
		const response = await preflight(gateway(), path, PAGE);
		expect(response.status).toBe(204);
		expect(allowedOrigin(response)).toBe('*');
		expect(response.headers.get('access-control-allow-methods')).toBe(methods);
		const headers = response.headers.get('access-control-allow-headers')?.toLowerCase().split(', ');
		expect(headers).toEqual(expect.arrayContaining(['content-type', 'x-likewire-user', 'idempotency-key']));
		expect(await response.text()).toBe('');
	});
});

describe('CORS with a list of origins', () => {
	const APPS = ['capacitor://localhost', 'ionic://localhost', 'tauri://localhost', 'app://com.example', 'null'];
	const allowedOrigins = [PAGE, OTHER, 'https://*.wild.example', 'http://*.port.example:8080', ...APPS].join(', ');
	const gateway = shareGateway({ jwtSecret: SECRET, allowedOrigins });
	const likes = () => gateway().url + paths.likes(newVideo());

	it.each([PAGE, OTHER, 'https://a.wild.example', 'https://a.b-c.wild.example', 'http://x.port.example:8080', ...APPS])(
		'a page of %s is named, and may send credentials',
		async (origin) => {
			const token = await signToken({ sub: 'ann' });
			for (const response of [
				await postJson(likes(), {}, as(token, { Origin: origin })),
				await preflight(gateway(), paths.likes('v'), origin),
			]) {
				expect(response.status).toBeLessThan(300);
				expect(allowedOrigin(response)).toBe(origin);
				expect(response.headers.get('access-control-allow-credentials')).toBe('true');
				expect(response.headers.get('vary')).toContain('Origin');
			}
			const stream = await EventStream.open(gateway(), newVideo(), { token, headers: { Origin: origin } });
			expect(stream.headers['access-control-allow-origin']).toBe(origin);
			expect(stream.headers['access-control-allow-credentials']).toBe('true');
		},
	);

	it.each([
		EVIL,
		`${PAGE}.evil.example`,
		PAGE.toUpperCase(),
		'https://wild.example',
		'http://a.wild.example',
		'https://a.wild.example:8443',
		'https://a.wild.example.evil.example',
		'https://evil.example/.wild.example',
		'https://evilwild.example',
		'https://.wild.example',
		'http://x.port.example',
		'capacitor://other',
	])('a page of %s is not named', async (origin) => {
		const token = await signToken({ sub: 'ann' });
		expect(allowedOrigin(await postJson(likes(), {}, as(token, { Origin: origin })))).toBeNull();
		expect(allowedOrigin(await preflight(gateway(), paths.likes('v'), origin))).toBeNull();
		const stream = await EventStream.open(gateway(), newVideo(), { token, headers: { Origin: origin } });
		expect(stream.headers['access-control-allow-origin']).toBeUndefined();
		expect(stream.headers['access-control-allow-credentials']).toBeUndefined();
	});

	it('marks answers as different by origin for caches', async () => {
		const url = gateway().url + paths.video(newVideo());
		for (const origin of [PAGE, EVIL]) {
			expect((await fetch(url, { headers: { Origin: origin } })).headers.get('vary')).toContain('Origin');
		}
	});
});

describe('CORS in development mode with a list', () => {
	it('allows its pages with those of this machine', async () => {
		const gateway = await startGateway({ allowedOrigins: `${PAGE},https://*.wild.example` });
		for (const origin of [PAGE, 'https://a.wild.example', 'http://localhost:3000']) {
			const response = await postJson(gateway.url + paths.likes('v'), {}, { Origin: origin });
			expect([response.status, allowedOrigin(response)]).toEqual([201, origin]);
		}
		expect((await postJson(gateway.url + paths.likes('v'), {}, { Origin: EVIL })).status).toBe(403);
	});
});

describe('CORS of the internal listener', () => {
	const gateway = shareGateway();

	it('allows no page', async () => {
		const response = await fetch(`${gateway().internalUrl}/healthz`, { headers: { Origin: PAGE } });
		expect(allowedOrigin(response)).toBeNull();
	});
});
