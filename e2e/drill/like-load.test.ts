import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../cluster/until.ts';
import { LikeLoad } from './like-load.ts';

/** A node that answers with one status after another, the last one for ever; and a load on it. */
async function startLoad(...statuses: number[]) {
	const ids: string[] = [];
	const server = createServer(async (request, response) => {
		let body = '';
		for await (const chunk of request) body += chunk;
		ids.push(JSON.parse(body).id);
		const status = statuses.length > 1 ? statuses.shift() : statuses[0];
		if (status === undefined) response.destroy();
		else response.writeHead(status).end('{}');
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const urls = [`http://127.0.0.1:${(server.address() as AddressInfo).port}`];
	const load = new LikeLoad({ urls, videos: ['hot', 'other'], perSecond: 100, random: () => 0.01 });
	onTestFinished(() => {
		load.close();
		server.close();
		server.closeAllConnections();
	});
	return { load, ids };
}

it('a like is insisted on with the same id until it is accepted', async () => {
	const { load, ids } = await startLoad(503, 500, 201);
	await load.like('hot');
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
	const { load, ids } = await startLoad(409);
	await load.like('hot');
	expect(ids).toHaveLength(1);
	expect(load.refusals).toEqual([expect.stringContaining('refused with 409')]);
	expect(load.waiting).toBe(0);
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
