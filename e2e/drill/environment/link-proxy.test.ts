import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../local-cluster/until.ts';
import { LinkProxy, type NetworkConditions } from './link-proxy.ts';

/** Starts a server that records its requests, behind a proxy. */
async function startLink(conditions: NetworkConditions, random = () => 0.5) {
	const asked: string[] = [];
	const server = createServer(async (request, response) => {
		let body = '';
		for await (const chunk of request) body += chunk;
		asked.push(`${request.method} ${request.url} ${request.headers['x-node'] ?? ''} ${body}`);
		response.writeHead(201, { 'X-Said': 'yes' }).end(`you said ${body}`);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const proxy = new LinkProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, random);
	const address = await proxy.listen();
	onTestFinished(() => {
		proxy.close();
		server.close();
		server.closeAllConnections();
	});
	proxy.conditions = conditions;
	const ask = (body: string, timeoutMs = 5_000) =>
		fetch(`http://${address}/internal/v1/ping`, {
			method: 'POST',
			body,
			headers: { 'X-Node': 'a' },
			signal: AbortSignal.timeout(timeoutMs),
		});
	return { proxy, asked, ask };
}

describe('LinkProxy', () => {
	it('forwards requests and answers unchanged', async () => {
		const { asked, ask } = await startLink({});
		const answer = await ask('hello');
		expect([answer.status, answer.headers.get('x-said'), await answer.text()]).toEqual([201, 'yes', 'you said hello']);
		expect(asked).toEqual(['POST /internal/v1/ping a hello']);
	});

	it('drops requests without an answer', async () => {
		const { asked, ask, proxy } = await startLink({ losesRequests: true });
		await expect(ask('hello', 200)).rejects.toMatchObject({ name: 'TimeoutError' });
		expect(asked).toEqual([]);
		proxy.conditions = {};
		expect((await ask('again')).status).toBe(201);
		expect(asked).toHaveLength(1);
	});

	it('drops answers to requests that arrived', async () => {
		const { asked, ask } = await startLink({ losesAnswers: true });
		await expect(ask('hello', 200)).rejects.toMatchObject({ name: 'TimeoutError' });
		expect(asked).toHaveLength(1);
	});

	it('repeats a request after later requests', async () => {
		const { asked, ask, proxy } = await startLink({ duplicates: 1, lateMs: 2_000 });
		await ask('first');
		expect(proxy).toMatchObject({ requests: 1, duplicated: 1 });
		proxy.conditions = {};
		await ask('second');
		await until(() => asked.length === 3, { what: 'the copy' });
		expect(asked.map((text) => text.split(' ').at(-1))).toEqual(['first', 'second', 'first']);
		expect(proxy).toMatchObject({ requests: 1, duplicated: 0 });
	});

	it('reorders requests', async () => {
		const draws = [0.9, 0.1];
		const { asked, ask } = await startLink({ delayMs: 200 }, () => draws.shift() ?? 0);
		const first = ask('first');
		await until(() => draws.length === 1, { what: 'the first request' });
		await Promise.all([first, ask('second')]);
		expect(asked.map((text) => text.split(' ').at(-1))).toEqual(['second', 'first']);
	});

	it('closes the connection when its target does not listen', async () => {
		const { ask, proxy } = await startLink({});
		const dead = new LinkProxy({ host: '127.0.0.1', port: 1 }, () => 0);
		onTestFinished(() => dead.close());
		await expect(fetch(`http://${await dead.listen()}/`)).rejects.toThrow('fetch failed');
		expect((await ask('hello')).status).toBe(201);
		expect(proxy.requests).toBe(1);
	});
});
