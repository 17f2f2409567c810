import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../cluster/until.ts';
import { LikeLoad } from './like-load.ts';

/** A node that answers with one status after another, the last one for ever, and notes what it is sent. */
async function startNode(...statuses: number[]) {
	const bodies: { readonly id: string; readonly region?: string }[] = [];
	const server = createServer(async (request, response) => {
		let body = '';
		for await (const chunk of request) body += chunk;
		bodies.push(JSON.parse(body));
		const status = statuses.length > 1 ? statuses.shift() : statuses[0];
		if (status === undefined) response.destroy();
		else response.writeHead(status).end('{}');
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		server.close();
		server.closeAllConnections();
	});
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

/** A load on nodes; all that is drawn by lot is the first. */
function loadOn(urls: readonly string[], regions?: ReadonlyMap<string, string>): LikeLoad {
	const videos = ['hot', 'other'];
	const load = new LikeLoad({ urls, videos, perSecond: 100, random: () => 0.01, ...(regions && { regions }) });
	onTestFinished(() => load.close());
	return load;
}

async function startLoad(...statuses: number[]) {
	const { url, bodies } = await startNode(...statuses);
	return { load: loadOn([url]), bodies };
}

it('a like is insisted on with the same id until it is accepted', async () => {
	const { load, bodies } = await startLoad(503, 500, 201);
	await load.like('hot');
	const ids = bodies.map(({ id }) => id);
	expect(ids).toHaveLength(3);
	expect(new Set(ids).size).toBe(1);
	expect([...load.likes.values()]).toMatchObject([{ id: ids[0], attempts: 3, acceptedAt: expect.any(Number) }]);
	expect(load.lastAnswerAt).toBeGreaterThan(0);
});

it('a like that is known already counts as accepted', async () => {
	const { load } = await startLoad(200);
	await load.like('hot');
	expect([...load.likes.values()]).toMatchObject([{ acceptedAt: expect.any(Number) }]);
});

it('a like that is refused is noted, and not sent again', async () => {
	const { load, bodies } = await startLoad(409);
	await load.like('hot');
	expect(bodies).toHaveLength(1);
	expect(load.refusals).toEqual([expect.stringContaining('refused with 409')]);
	expect(load.waiting).toBe(0);
});

it('a like names the region where it was tried first, wherever it is sent again', async () => {
	const [eu, us] = [await startNode(503), await startNode(201)];
	const regions = new Map([
		[eu.url, 'eu'],
		[us.url, 'us'],
	]);
	await loadOn([eu.url, us.url], regions).like('hot');
	expect(eu.bodies).toMatchObject([{ region: 'eu' }]);
	expect(us.bodies).toEqual(eu.bodies);
});

it('likes that a store lost are forgotten, if they were sent before it did', async () => {
	const { load } = await startLoad(201);
	for (let count = 0; count < 2; count++) await load.like('hot');
	const [kept = ''] = load.likes.keys();
	const restoredAt = performance.now();
	await load.like('hot');
	const store = { ids: new Map([['hot', new Set([kept])]]), totals: new Map() };
	expect(load.forgetLost(store, restoredAt)).toBe(1);
	expect(load.likes.size).toBe(2);
	expect(load.likes.has(kept)).toBe(true);
});

it('likes go on at their rate however few are answered, and end with the load', async () => {
	const { load } = await startLoad();
	load.start();
	await until(() => load.waiting >= 20, { what: 'likes' });
	load.stop();
	const [period] = load.periods;
	const rate = load.likes.size / (((period?.to ?? 0) - (period?.from ?? 0)) / 1000);
	expect(rate).toBeGreaterThan(80);
	expect(rate).toBeLessThan(110);
});
