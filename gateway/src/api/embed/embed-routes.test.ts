import { describe, expect, it } from 'vitest';
import { shareGateway, startGateway } from '../../../test/gateway.ts';
import { expectProblem } from '../../../test/http-client.ts';
import { RawConnection } from '../../../test/raw-connection.ts';

const gateway = shareGateway();

const get = (path: string) => fetch(gateway().url + path);
const oembed = (query: Record<string, string>) => get(`/oembed?${new URLSearchParams(query)}`);
const embed = (rest = '') => `${gateway().url}/embed/show${rest}`;

/** Returns the value of an attribute in HTML, without its entities. */
function attribute(html: string, pattern: RegExp): string {
	const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
	return (pattern.exec(html)?.[1] ?? '').replace(/&(\S+?);/g, (_, name) => entities[name] ?? '');
}

const srcOf = (html: string) => attribute(html, /^<iframe src="([^"]*)"/);

describe('GET /embed/:video', () => {
	it('is a page under a strict policy, which this machine may frame in development mode', async () => {
		const response = await get('/embed/some:video~1');
		expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
		const policy = response.headers.get('content-security-policy') ?? '';
		expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
		expect(policy).toMatch(/; frame-ancestors 'self' http:\/\/localhost:\*/);
		expect(policy).not.toMatch(/unsafe| \*/);
		expect(await response.text()).toMatch(/<h1 class="unseen">Live video<\/h1>/);
	});

	it('lets pages of the configured origins frame it, and media come by https alone', async () => {
		const { url } = await startGateway({ jwtSecret: 'x'.repeat(32), frameAncestors: 'https://*.a.example' });
		const response = await fetch(`${url}/embed/show`);
		const policy = response.headers.get('content-security-policy') ?? '';
		expect(policy).toMatch(/; frame-ancestors 'self' https:\/\/\*\.a\.example$/);
		expect(policy).toContain("; media-src 'self' https: blob:;");
		expect(await response.text()).toContain('content="&#39;self&#39; https://*.a.example"');
	});

	it('links its description, with no part of the query as HTML', async () => {
		const query = '?src=https%3A%2F%2Fcdn.example%2Fa.mp4%3Fx%3D1%26y&poster="><script>alert(1)</script>&other=1';
		const html = await (await get(`/embed/show${query}`)).text();
		expect(html).not.toContain('alert(1)<');
		expect(html.match(/<script/g)).toHaveLength(2);
		const link = new URL(attribute(html, /type="application\/json\+oembed"[^>]* href="([^"]*)"/));
		expect(link.origin + link.pathname).toBe(`${gateway().url}/oembed`);
		const answer = await (await fetch(link)).json();
		const { searchParams } = new URL(srcOf(answer.html));
		expect(Object.fromEntries(searchParams)).toEqual({
			src: 'https://cdn.example/a.mp4?x=1&y',
			poster: '"><script>alert(1)</script>',
		});
	});

	it('names the origin of a proxy with TLS, and none for a Host that is no host', async () => {
		const connection = await RawConnection.open(gateway().port);
		const request = (headers: string) => connection.write(`GET /embed/show HTTP/1.1\r\n${headers}\r\n\r\n`);
		const trusted = await startGateway({ jwtSecret: 'x'.repeat(32) });
		const secured = await RawConnection.open(trusted.port);
		secured.write('GET /embed/show HTTP/1.1\r\nHost: Live.Example.com\r\nX-Forwarded-Proto: https\r\n\r\n');
		secured.write('GET /embed/show HTTP/1.1\r\nHost: a"><b>\r\n\r\n');
		const [first, second] = await secured.answers(2);
		expect(first?.body).toContain('href="https://live.example.com/oembed?url=https%3A%2F%2Flive.example.com%2Fembed');
		expect([second?.status, second?.body.includes('oembed')]).toEqual([200, false]);
		request('Host: 127.0.0.1');
		expect((await connection.answers(1))[0]?.body).toContain('href="http://127.0.0.1/oembed');
	});

	it.each(['/embed/%20', '/embed/%ff', `/embed/${'v'.repeat(129)}`])('refuses the id of %s', async (path) => {
		await expectProblem(await get(path), 400, 'invalid_video_id');
	});

	it.each(['/embed/', '/embed', '/embed/a/b'])('does not exist at %s', async (path) => {
		await expectProblem(await get(path), 404, 'not_found');
	});
});

describe('GET /oembed', () => {
	it('describes an embed as a frame, with the known parameters of its query', async () => {
		const response = await oembed({ url: `${embed('?src=/clip.webm&autoplay&evil=1')}#token=secret` });
		expect(response.status).toBe(200);
		expect(response.headers.get('cache-control')).toBe('public, max-age=300');
		const { html, ...answer } = await response.json();
		expect(answer).toEqual({
			version: '1.0',
			type: 'video',
			provider_name: 'Likewire',
			provider_url: gateway().url,
			title: 'Live video',
			width: 640,
			height: 360,
		});
		expect(srcOf(html)).toBe(embed('?src=%2Fclip.webm&autoplay='));
		expect(html).toMatch(
			/^<iframe [^<>]* width="640" height="360" [^<>]* allow="autoplay; fullscreen" [^<>]*><\/iframe>$/,
		);
	});

	it.each([
		[{ maxwidth: '320' }, [320, 180]],
		[{ maxwidth: '1920' }, [1920, 1080]],
		[{ maxheight: '90' }, [160, 90]],
		[{ maxheight: '5000' }, [640, 360]],
		[{ maxwidth: '400', maxheight: '100' }, [177, 100]],
		[{ maxwidth: '1', maxheight: '1' }, [1, 1]],
	])('fits into %j', async (sizes, expected) => {
		const { width, height, html } = await (await oembed({ url: embed(), ...sizes } as never)).json();
		expect([width, height]).toEqual(expected);
		expect(html).toContain(`width="${width}" height="${height}"`);
	});

	it.each(['', 'embed/show', 'javascript:alert(1)', 'data:text/html,x', 'http://'])(
		'refuses the url %j',
		async (url) => {
			await expectProblem(await oembed({ url }), 400, 'invalid_query');
		},
	);

	it('finds no embed at other hosts and paths', async () => {
		const { port } = gateway();
		for (const url of [
			`http://localhost:${port}/embed/show`,
			'https://live.example/embed/show',
			`${gateway().url}/`,
			`${gateway().url}/embed/show/more`,
			`${gateway().url}/embed/%20`,
			`${gateway().url}/embed/%ff`,
			`${gateway().url}/v1/videos/show`,
		]) {
			await expectProblem(await oembed({ url }), 404, 'not_found');
		}
	});

	it('refuses sizes that are no whole numbers, and formats other than json', async () => {
		for (const size of ['0', '-1', '1.5', 'wide', '10001', '']) {
			await expectProblem(await oembed({ url: embed(), maxwidth: size }), 400, 'invalid_query');
			await expectProblem(await oembed({ url: embed(), maxheight: size }), 400, 'invalid_query');
		}
		await expectProblem(await oembed({ url: embed(), format: 'xml' }), 501, 'unsupported_format');
		expect((await oembed({ url: embed(), format: 'json' })).status).toBe(200);
	});
});
