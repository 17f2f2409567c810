import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../../../local-cluster/until.ts';
import { CommentLoad } from './comment-load.ts';
import { LikeLoad } from './like-load.ts';

/** Starts a node that answers with each status once and then always with the last one, and records its requests. */
async function startNode(...statuses: number[]) {
	const asked: string[] = [];
	const bodies: { readonly id: string; readonly region?: string }[] = [];
	const server = createServer(async (request, response) => {
		let body = '';
		for await (const chunk of request) body += chunk;
		asked.push(`${request.method} ${request.url} of ${request.headers['x-likewire-user']}`);
		if (body !== '') bodies.push(JSON.parse(body));
		const status = statuses.length > 1 ? statuses.shift() : statuses[0];
		if (status === undefined) response.destroy();
		else response.writeHead(status).end('{}');
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		server.close();
		server.closeAllConnections();
	});
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, bodies };
}

/** Creates a load whose random choices are always the first. */
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

it('sends a like with the same id until it is accepted', async () => {
	const { load, bodies } = await startLoad(503, 500, 201);
	await load.sendOne('hot');
	const ids = bodies.map(({ id }) => id);
	expect(ids).toHaveLength(3);
	expect(new Set(ids).size).toBe(1);
	expect([...load.sent.values()]).toMatchObject([{ id: ids[0], acceptedAt: expect.any(Number) }]);
	expect(load.lastAnswerAt).toBeGreaterThan(0);
});

it('counts a duplicate like as accepted', async () => {
	const { load } = await startLoad(200);
	await load.sendOne('hot');
	expect([...load.sent.values()]).toMatchObject([{ acceptedAt: expect.any(Number) }]);
});

it('records a refused like, and does not send it again', async () => {
	const { load, bodies } = await startLoad(409);
	await load.sendOne('hot');
	expect(bodies).toHaveLength(1);
	expect(load.refusals).toEqual([expect.stringContaining('refused with 409')]);
	expect(load.waiting).toBe(0);
});

it('names the region of the first attempt in each attempt of a like', async () => {
	const [eu, us] = [await startNode(503), await startNode(201)];
	const regions = new Map([
		[eu.url, 'eu'],
		[us.url, 'us'],
	]);
	await loadOn([eu.url, us.url], regions).sendOne('hot');
	expect(eu.bodies).toMatchObject([{ region: 'eu' }]);
	expect(us.bodies).toEqual(eu.bodies);
});

it('forgets likes that a store lost, if they were sent before the loss', async () => {
	const { load } = await startLoad(201);
	for (let count = 0; count < 2; count++) await load.sendOne('hot');
	const [kept = ''] = load.sent.keys();
	const restoredAt = performance.now();
	await load.sendOne('hot');
	expect(load.forgetLost(({ id }) => id === kept, restoredAt)).toBe(1);
	expect(load.sent.size).toBe(2);
	expect(load.sent.has(kept)).toBe(true);
});

it('sends likes at a constant rate without answers, and stops with the load', async () => {
	const { load } = await startLoad();
	load.start();
	await until(() => load.waiting >= 20, { what: 'likes' });
	load.stop();
	const [period] = load.periods;
	const sentAt = [...load.sent.values()].map((like) => like.sentAt - (period?.from ?? 0));
	expect(period?.to).toBeGreaterThanOrEqual(sentAt.at(-1) ?? 0);
	// How many likes were due when each was sent, and not sent. On a busy machine the timer that sends may be late; it then
	// sends all that are due.
	const missing = sentAt.map((ms, index) => Math.floor(ms / 10) - (index + 1));
	expect(Math.min(...missing)).toBeGreaterThanOrEqual(0);
	expect(Math.min(...missing.slice(10))).toBeLessThanOrEqual(1);
});

/** Creates a load of comments; with a `draw` near 0 authors delete every comment at once. */
function commentsOn(url: string, draw: number): CommentLoad {
	const load = new CommentLoad({ urls: [url], videos: ['hot'], perSecond: 100, random: () => draw });
	onTestFinished(() => load.close());
	return load;
}

it('retries a comment with the same id, and then its deletion', async () => {
	const { url, asked, bodies } = await startNode(503, 201, 404, 500, 200);
	const load = commentsOn(url, 0.001);
	await load.sendOne('hot');
	const [id = ''] = load.sent.keys();
	expect(bodies.map((body) => body.id)).toEqual([id, id]);
	const deletion = `DELETE /v1/videos/hot/comments/${id} of commenter-1`;
	expect(asked.slice(2)).toEqual([deletion, deletion, deletion]);
	expect(load.sent.get(id)).toMatchObject({ acceptedAt: expect.any(Number), deletedAt: expect.any(Number) });
	expect(load).toMatchObject({ waiting: 0, refusals: [] });
});

it('deletes no comment above the deleted share', async () => {
	const { url, asked } = await startNode(201);
	await commentsOn(url, 0.9).sendOne('hot');
	expect(asked).toHaveLength(1);
});

it('stops to retry the deletion of a comment that a store lost', async () => {
	const { url } = await startNode(201, 404);
	const load = commentsOn(url, 0.001);
	const sending = load.sendOne('hot');
	await until(() => [...load.sent.values()].some(({ acceptedAt }) => acceptedAt !== undefined), { what: 'the answer' });
	expect(load.forgetLost(() => false, Number.POSITIVE_INFINITY)).toBe(1);
	await sending;
	expect(load).toMatchObject({ waiting: 0, refusals: [] });
});

it('forgets a deletion that a store lost, if it was sent before the loss', async () => {
	const { url } = await startNode(201, 200);
	const load = commentsOn(url, 0.001);
	await load.sendOne('hot');
	const [comment] = load.sent.values();
	const after = performance.now();
	expect(load.forgetLostDeletions(() => true, after)).toBe(0);
	expect(load.forgetLostDeletions(() => false, comment?.deletionSentAt ?? 0)).toBe(0);
	expect(comment?.deletedAt).toEqual(expect.any(Number));
	expect(load.forgetLostDeletions(() => false, after)).toBe(1);
	expect(comment?.deletedAt).toBeUndefined();
	expect(load.forgotten).toEqual(new Set([comment?.id]));
});
