import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { CLUSTER_SECRET, shareCluster } from '../../../test/cluster.ts';
import { monotonicNow } from '../../runtime/clock.ts';
import type { CounterRows } from '../../state/counters.ts';
import type { LogEvent } from '../../state/log.ts';
import { Membership } from '../membership/membership.ts';
import { parsePeers } from '../membership/peer.ts';
import { createPeerCalls } from './peer-calls.ts';
import { createPeerClient, PeerTooLongError } from './peer-client.ts';
import type { TopicStore } from './topic-store.ts';

const cluster = shareCluster({ 'core-1': 'likes,dispatcher' }, {}, { 'frontend-9': 'frontend' });

/** The node without a store that the tests imitate. */
const self = { node: 'frontend-9', roles: ['frontend'] as const, url: 'http://127.0.0.1:9', incarnation: 1 };

/** The refused bodies, and the number of accepted ones. */
let refused: string[];
let passed: number;
let store: TopicStore;
/** The longest body that the proxy in front of the store accepts, in bytes. */
let mostBytes: number;

beforeEach(async () => {
	[refused, passed, mostBytes] = [[], 0, 24 * 1024];
	const target = new URL(cluster().node('core-1').internalUrl);
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const body = Buffer.concat(chunks);
			if (body.length > mostBytes) {
				refused.push(body.toString());
				response.writeHead(413).end();
				return;
			}
			passed++;
			const { method, url, headers } = request;
			const { hostname: host, port } = target;
			const handed = httpRequest({ host, port, method, path: url, headers }, (answer) => {
				response.writeHead(answer.statusCode ?? 500, answer.headers);
				answer.pipe(response);
			});
			handed.end(body);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	const membership = new Membership(self);
	const peers = parsePeers(cluster().peers, { addIssue: (issue) => expect.unreachable(String(issue)) });
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	membership.name(
		peers.map((peer) => ({ ...peer, url })),
		monotonicNow(),
	);
	const client = createPeerClient(1);
	onTestFinished(() => client.close());
	store = createPeerCalls({ self, secret: CLUSTER_SECRET, membership, client }).storeAt('core-1');
});

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('createStoreCalls with a node that refuses long requests with 413', () => {
	it('sends rows in shorter requests, and the position after the last of them', async () => {
		const row = (index: number): CounterRows => ({ west: { epoch: 3, counts: { heart: [index + 1, 0] } } });
		const topics = numbers(500).map((index) => `video:${'v'.repeat(100)}-${index}`);
		const rows = new Map(topics.map((topic, index) => [topic, row(index)]));
		const position = { epoch: 3, at: '7' };
		await store.replicate('west', rows, { since: undefined, position, last: true });
		const known = await store.read(topics.slice(0, 100));
		for (const [index, topic] of topics.slice(0, 100).entries()) {
			expect(known.get(topic)?.rows).toMatchObject(row(index));
		}
		expect((await store.positions()).get('west')).toEqual(position);
		expect(refused.length).toBeGreaterThan(0);
		expect(refused).toEqual([...new Set(refused)]);
	});

	it('sends events and registers in shorter requests', async () => {
		const events = numbers(200).map(
			(index): LogEvent => ({
				offset: index + 1,
				id: `e${index}`,
				kind: 'comment',
				user: 'sue',
				at: 1,
				order: index + 1,
				data: { text: 'x'.repeat(500) },
			}),
		);
		await store.keepEvents('west', new Map([['video:long', { epoch: 3, events }]]));
		expect(await store.events('video:long', 'west', 0, 1_000)).toMatchObject({
			head: 200,
			events: events.slice(0, 200),
		});
		const receipt = Object.fromEntries(
			numbers(300).map((index) => [`read:u${index}`, { order: index, value: 'm'.repeat(128), from: 'west' }]),
		);
		await store.keepValues(new Map([['conversation:c1', { receipt }]]));
		expect((await store.read(['conversation:c1'])).get('conversation:c1')?.values).toEqual({ receipt });
		expect(refused).toEqual([...new Set(refused)]);
	});

	it('rejects with the refusal of a page that cannot be cut, and does not send it again', async () => {
		mostBytes = 10;
		const rows = new Map([['video:v1', { west: { epoch: 3, counts: { heart: [1, 0] as const } } }]]);
		await expect(store.replicate('west', rows)).rejects.toThrow(PeerTooLongError);
		const values = { receipt: { 'read:u1': { order: 1, value: 'm1', from: 'west' } } };
		await expect(store.keepValues(new Map([['conversation:c1', values]]))).rejects.toThrow(PeerTooLongError);
		expect([refused.length, passed]).toEqual([2, 0]);
	});
});
