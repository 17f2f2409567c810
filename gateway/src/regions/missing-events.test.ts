import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCluster, type TestNode } from '../../test/cluster.ts';
import { textsOf } from '../../test/comments.ts';
import { newVideo } from '../../test/http-client.ts';
import { callAsRegion, relayOf } from '../../test/other-region.ts';
import { regionPaths } from './region-calls.ts';

const event = (offset: number) => ({
	offset,
	id: `00000000-0000-4000-8000-${String(offset).padStart(12, '0')}`,
	kind: 'comment',
	user: 'ann',
	at: offset,
	order: offset,
	data: { text: `${offset}` },
});
const rowsOf = (head: number, epoch = 1) => ({ us: { epoch, counts: {}, logHead: head } });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Returns the answer of `us` to a request for events after an offset; undefined for a failure. */
type Events = (after: number, limit: number) => object | undefined;

/** Returns the answers of a complete log of `us`. */
const whole =
	(count: number, epoch = 1): Events =>
	(after, limit) => ({
		epoch,
		head: count,
		events: numbers(count)
			.slice(after, after + limit)
			.map(event),
	});

/**
 * Starts a region `eu` of several nodes, and a fake region `us` with `count` events of a video.
 *
 * `us` gives `answers` in turn, and repeats the last one.
 */
async function besideUs(count: () => number, ...answers: Events[]) {
	const video = newVideo();
	/** The offsets in requests for events, and the positions in requests for changes. */
	const asked = { events: [] as number[], changes: [] as unknown[] };
	const us = createServer((request, response) => {
		let text = '';
		request.on('data', (chunk) => {
			text += chunk;
		});
		request.on('end', () => {
			response.setHeader('x-likewire-region', 'us');
			if (request.url === regionPaths.changes) {
				const { since } = JSON.parse(text) as { since?: { at: string } };
				asked.changes.push(since?.at);
				const rows = { [`video:${video}`]: rowsOf(count()) };
				response.end(JSON.stringify({ rows, values: {}, next: { epoch: 1, at: 'here' }, more: false }));
			} else if (request.url === regionPaths.events) {
				const { topic, after, limit } = JSON.parse(text) as { topic: string; after: number; limit: number };
				expect(topic).toBe(`video:${video}`);
				asked.events.push(after);
				const answer = (answers.length > 1 ? answers.shift() : answers[0])?.(after, limit);
				if (answer === undefined) response.writeHead(503).end();
				else response.end(JSON.stringify(answer));
			} else response.writeHead(204).end();
		});
	});
	onTestFinished(() => {
		us.closeAllConnections();
		us.close();
	});
	await new Promise<void>((resolve) => us.listen(0, '127.0.0.1', resolve));
	const cluster = await startCluster(
		{ 'likes-1': 'likes', 'core-1': 'dispatcher,frontend' },
		{ windowMs: '5', region: 'eu', regions: `us=127.0.0.1:${(us.address() as AddressInfo).port}` },
	);
	return { video, asked, eu: cluster.node('core-1') };
}

async function expectHeld(eu: TestNode, video: string, offsets: readonly number[]): Promise<void> {
	const texts = [...offsets].reverse().map(String);
	await expect.poll(() => textsOf(eu, video)).toEqual(texts);
}

describe('the backfill of events of another region', () => {
	it('reads events page by page when rows of the region have a higher head', async () => {
		const { video, asked, eu } = await besideUs(() => 250, whole(250));
		await expectHeld(eu, video, numbers(250));
		expect(asked.events).toEqual([0, 100, 200]);
	});

	it('repeats a request without an answer, and stores no position before the events', async () => {
		const { video, asked, eu } = await besideUs(
			() => 150,
			whole(150),
			() => undefined,
			whole(150),
		);
		await expectHeld(eu, video, numbers(150));
		expect(asked.events).toEqual([0, 100, 100]);
		expect(asked.changes.slice(0, 2)).toEqual([undefined, undefined]);
	});

	it('refuses events with an epoch of the future, and takes events after its clock is set', async () => {
		const { video, eu } = await besideUs(() => 3, whole(3, Date.now() + 86_400_000), whole(3));
		await expectHeld(eu, video, [1, 2, 3]);
		expect(eu.log).toContainEqual(expect.objectContaining({ region: 'us', reason: 'peer_epoch' }));
	});

	it('reads events at once when a relay has events after a hole', async () => {
		let count = 1;
		// Changes never show the later events, so no sync makes the node read them.
		const { video, asked, eu } = await besideUs(
			() => 1,
			(after, limit) => whole(count)(after, limit),
		);
		await expectHeld(eu, video, [1]);
		count = 5;
		const log = { us: { epoch: 1, events: [event(4), event(5)] } };
		const relay = relayOf(video, rowsOf(5), { log });
		expect((await callAsRegion(eu, regionPaths.relay, relay)).status).toBe(204);
		await expectHeld(eu, video, [1, 2, 3, 4, 5]);
		expect(asked.events).toEqual([0, 1]);
	});
});
