import { request } from 'node:http';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway, startGateway } from '../../test/gateway.ts';
import { newVideo } from '../../test/http-client.ts';
import { RawConnection } from '../../test/raw-connection.ts';
import { SECRET } from '../../test/tokens.ts';

type Headers = Record<string, string>;

interface Asked {
	readonly method?: string;
	readonly path?: string;
	readonly headers?: Headers;
}

interface Answered {
	readonly status: number;
	readonly code: string;
	readonly detail: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Sends a request with headers that `fetch` would refuse. */
function ask(url: string, { method = 'GET', path = paths.video('v'), headers = {} }: Asked): Promise<Answered> {
	return new Promise((resolve, reject) => {
		const sent = request(url + path, { method, headers, agent: false }, (response) => {
			let text = '';
			response.setEncoding('utf8').on('data', (part: string) => {
				text += part;
			});
			response.on('end', () => {
				const { code = '', detail = '' } = text.startsWith('{') ? JSON.parse(text) : {};
				resolve({ status: response.statusCode ?? 0, code, detail, headers: response.headers });
			});
		});
		sent.on('error', reject);
		sent.end();
	});
}

const like = (headers: Headers): Asked => ({
	method: 'POST',
	path: paths.likes(newVideo()),
	headers: { 'Content-Type': 'application/json', 'Content-Length': '0', ...headers },
});

describe('Development mode', () => {
	const gateway = shareGateway({ windowMs: '1' });

	it.each(['localhost', 'LOCALHOST:8080', '127.0.0.1', '10.0.2.2:8080', '192.168.1.5:80', '[::1]:8080', '[fe80::1]'])(
		'serves the Host %s',
		async (host) => {
			expect((await ask(gateway().url, like({ Host: host }))).status).toBe(201);
			expect((await ask(gateway().internalUrl, { path: '/v1/cluster', headers: { Host: host } })).status).toBe(200);
		},
	);

	it.each([
		'evil.example',
		'evil.example:8080',
		'localhost.evil.example',
		'127.0.0.1.evil.example',
		'evil',
		'127.0.0.1@evil.example',
	])('refuses the Host %j, whatever the path, at both ports', async (host) => {
		for (const path of [paths.video('v'), paths.stream, '/', '/nothing']) {
			for (const method of ['GET', 'OPTIONS', 'POST']) {
				const answer = await ask(gateway().url, { path, method, headers: { Host: host, 'Content-Length': '0' } });
				expect([answer.status, answer.code]).toEqual([403, 'host_forbidden']);
				expect(answer.detail).toContain('LIKEWIRE_TRUSTED_HOSTS');
			}
		}
		for (const path of ['/v1/cluster', '/readyz', '/healthz', '/nothing']) {
			const answer = await ask(gateway().internalUrl, { path, headers: { Host: host } });
			expect([answer.status, answer.code]).toEqual([403, 'host_forbidden']);
		}
	});

	it.each([
		'http://localhost',
		'http://localhost:3000',
		'https://localhost:8443',
		'http://127.0.0.1:5173',
		'http://[::1]:3000',
		'http://tauri.localhost',
		'capacitor://localhost',
		'ionic://localhost',
		'tauri://localhost',
		'app://com.example.app',
	])('serves a page of %s, with credentials', async (origin) => {
		const answer = await ask(gateway().url, like({ Origin: origin }));
		expect(answer.status).toBe(201);
		expect(answer.headers['access-control-allow-origin']).toBe(origin);
		expect(answer.headers['access-control-allow-credentials']).toBe('true');
		expect(answer.headers.vary).toContain('Origin');
		const preflight = await ask(gateway().url, { ...like({ Origin: origin }), method: 'OPTIONS' });
		expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, origin]);
		const stream = await EventStream.open(gateway(), newVideo(), { headers: { Origin: origin } });
		expect(stream.headers['access-control-allow-origin']).toBe(origin);
	});

	it.each([
		'https://evil.example',
		'http://localhost.evil.example',
		'http://127.0.0.1.evil.example',
		'http://evil.example:8080',
		'http://6.6.6.6',
		'null',
		'file://',
		'chrome://extensions',
		'appx://a',
		'x',
	])('refuses a page of %s without any effect', async (origin) => {
		const streams = async () => {
			const { members } = (await (await fetch(`${gateway().internalUrl}/v1/cluster`)).json()) as {
				members: { connections: number }[];
			};
			return members[0]?.connections;
		};
		const before = await streams();
		const stream: Asked = { path: `${paths.stream}?video=v&user=ann`, headers: { Origin: origin } };
		for (const asked of [like({ Origin: origin }), { ...like({ Origin: origin }), method: 'OPTIONS' }, stream]) {
			const answer = await ask(gateway().url, asked);
			expect([answer.status, answer.code]).toEqual([403, 'origin_forbidden']);
			expect(answer.headers['access-control-allow-origin']).toBeUndefined();
			expect(answer.detail).toContain('LIKEWIRE_ALLOWED_ORIGINS');
		}
		expect(await streams()).toBe(before);
	});

	it('refuses what a page of another site loads as an image, and no visit', async () => {
		const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' };
		const image = await ask(gateway().url, { path: `${paths.stream}?user=ann`, headers });
		expect([image.status, image.code]).toEqual([403, 'origin_forbidden']);
		expect((await ask(gateway().url, { headers: { ...headers, 'Sec-Fetch-Mode': 'navigate' } })).status).toBe(200);
		expect((await ask(gateway().url, { headers: { ...headers, 'Sec-Fetch-Site': 'same-origin' } })).status).toBe(200);
	});

	it('serves its own pages, under every address', async () => {
		for (const host of ['10.0.2.2:8080', '192.168.1.5', '[fe80::1]:80']) {
			expect((await ask(gateway().url, like({ Host: host, Origin: `http://${host}` }))).status).toBe(201);
			const other = await ask(gateway().url, like({ Host: host, Origin: 'http://10.9.9.9' }));
			expect(other.code).toBe('origin_forbidden');
		}
	});

	it.each([
		['Forwarded', 'for=10.0.0.1'],
		['X-Forwarded-For', '10.0.0.1'],
		['X-Forwarded-Proto', 'https'],
		['X-Forwarded-Anything', 'x'],
		['Via', '1.1 proxy'],
	])('refuses what a proxy sent with %s, and names the setting', async (name, value) => {
		for (const url of [gateway().url, gateway().internalUrl]) {
			const answer = await ask(url, { path: '/v1/cluster', headers: { [name]: value } });
			expect([answer.status, answer.code]).toEqual([403, 'proxy_forbidden']);
			expect(answer.detail).toContain('LIKEWIRE_JWT_SECRET');
			expect(answer.detail).toContain('LIKEWIRE_TRUSTED_HOSTS');
		}
	});

	it('counts refusals', async () => {
		await ask(gateway().url, { headers: { Host: 'evil.example' } });
		const { members } = (await (await fetch(`${gateway().internalUrl}/v1/cluster`)).json()) as {
			members: { refused: Record<string, number> }[];
		};
		expect(members[0]?.refused.host_forbidden).toBeGreaterThan(0);
	});

	it('takes the body of a refused request for no other request', async () => {
		const connection = await RawConnection.open(gateway().port);
		const video = newVideo();
		const smuggled = `POST ${paths.likes(video)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`;
		const length = `Content-Length: ${smuggled.length}`;
		connection.write(`POST ${paths.likes(video)} HTTP/1.1\r\nHost: evil.example\r\n${length}\r\n\r\n${smuggled}`);
		expect((await connection.answers(1)).map(({ status }) => status)).toEqual([403]);
		const { totals } = (await (await fetch(gateway().url + paths.video(video))).json()) as { totals: object };
		expect(totals).toEqual({});
	});
});

describe('Trusted hosts', () => {
	it('are served, also behind a proxy in development mode', async () => {
		const { url, internalUrl } = await startGateway({ trustedHosts: 'live.test, 127.0.0.1' });
		const forwarded = { 'X-Forwarded-For': '10.0.0.1' };
		for (const host of ['live.test', 'LIVE.test:8080', '127.0.0.1:99']) {
			expect((await ask(url, { headers: { Host: host, ...forwarded } })).status).toBe(200);
		}
		const named = await ask(internalUrl, { path: '/v1/cluster', headers: { Host: 'live.test' } });
		expect(named.status).toBe(200);
		expect((await ask(url, { headers: { Host: 'localhost', ...forwarded } })).code).toBe('proxy_forbidden');
		expect((await ask(url, { headers: { Host: 'a.live.test' } })).code).toBe('host_forbidden');
	});
});

describe('A gateway that requires tokens', () => {
	const gateway = shareGateway({ jwtSecret: SECRET });

	it('accepts any name, proxies and pages, except on its internal port', async () => {
		const headers = { Host: 'live.example', 'X-Forwarded-For': '1.1.1.1', Origin: 'https://a.example' };
		expect(await ask(gateway().url, { headers })).toMatchObject({ status: 401, code: 'unauthorized' });
		const path = '/v1/cluster';
		expect((await ask(gateway().internalUrl, { path, headers })).code).toBe('host_forbidden');
		const proxied = { Host: 'localhost', 'X-Forwarded-For': '1.1.1.1', Origin: 'https://a.example' };
		const answer = await ask(gateway().internalUrl, { path, headers: proxied });
		expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, undefined]);
	});
});
