import { beforeAll, describe, expect, it } from 'vitest';
import { CLUSTER_SECRET, shareCluster } from '../../../test/cluster.ts';
import { callAs, type Peer } from '../../../test/peer.ts';
import { monotonicNow } from '../../runtime/clock.ts';
import type { LogEvent } from '../../state/log.ts';
import { Membership } from '../membership/membership.ts';
import { parsePeers } from '../membership/peer.ts';
import { createPeerCalls } from './peer-calls.ts';
import { createPeerClient, PeerError } from './peer-client.ts';
import { peerPaths } from './peer-paths.ts';
import { remoteTopicStore, type TopicStore } from './topic-store.ts';

const cluster = shareCluster(
	{ 'core-1': 'likes,dispatcher' },
	{},
	{ 'frontend-8': 'frontend', 'frontend-9': 'frontend' },
);

/** The node without a store that the tests imitate. */
const self = {
	node: 'frontend-9',
	roles: ['frontend'] as const,
	url: 'http://127.0.0.1:9',
	incarnation: 1_700_000_000_000,
};
let store: TopicStore;
let view = '';
beforeAll(async () => {
	const membership = new Membership(self);
	const peers = parsePeers(cluster().peers, { addIssue: (issue) => expect.unreachable(String(issue)) });
	membership.name(peers, monotonicNow());
	const calls = createPeerCalls({ self, secret: CLUSTER_SECRET, membership, client: createPeerClient(1) });
	({ view } = await calls.ping('core-1'));
	// The first node does not answer.
	store = remoteTopicStore(() => ['frontend-8', 'core-1'], calls.storeAt);
});

const event = (offset: number, length = 1): LogEvent => ({
	offset,
	id: `e${offset}`,
	kind: 'comment',
	user: 'sue',
	at: offset,
	order: offset,
	// Characters of three bytes.
	data: { text: '\u20ac'.repeat(length) },
});

const peer = (): Peer => ({ ...self, view });

describe('remoteTopicStore', () => {
	it('stores events, and returns as many at a time as fit', async () => {
		const events = Array.from({ length: 700 }, (_, index) => event(index + 1, 2_500));
		const small = [event(1), event(2)];
		await store.keepEvents(
			'south',
			new Map([
				['video:long', { epoch: 3, events }],
				['conversation:c1', { epoch: 3, events: small }],
				['video:none', { epoch: 3, events: [] }],
			]),
		);
		const read: LogEvent[] = [];
		let pages = 0;
		for (let more = true; more; pages++) {
			const part = await store.events('video:long', 'south', read.length, 1_000);
			expect(part).toMatchObject({ epoch: 3, head: 700 });
			expect(JSON.stringify(part).length).toBeLessThan(1024 * 1024);
			read.push(...part.events);
			more = read.length < part.head;
		}
		expect(read).toEqual(events);
		expect(pages).toBeGreaterThan(5);
		expect(await store.events('conversation:c1', 'south', 1, 10)).toEqual({ epoch: 3, head: 2, events: [event(2)] });
		expect(await store.find('conversation:c1', 'e1')).toEqual([{ region: 'south', epoch: 3, event: event(1) }]);
		expect(await store.find('conversation:c1', 'none')).toEqual([]);
	});

	it('returns which events are missing for any number of topics', async () => {
		const topics = Array.from({ length: 2_100 }, (_, index) => `video:missing-${index}`);
		const named = ['video:missing-7', 'video:missing-2050'];
		const rows = { south: { epoch: 3, counts: {}, logHead: 5 } };
		await store.replicate('south', new Map(named.map((topic) => [topic, rows])));
		await store.keepEvents('south', new Map([['video:missing-7', { epoch: 3, events: [event(1)] }]]));
		expect(await store.missing('south', topics)).toEqual(
			new Map([
				['video:missing-7', 1],
				['video:missing-2050', 0],
			]),
		);
		expect(await store.missing('south', [])).toEqual(new Map());
	});

	it('stores registers, and returns them with the rows of their topics', async () => {
		const receipt = Object.fromEntries(
			Array.from({ length: 2_000 }, (_, index) => [
				`read:${'u'.repeat(100)}${index}`,
				{ order: index, value: 'm'.repeat(128), from: 'local' },
			]),
		);
		const presence = { local: { order: 1, value: { online: true, lastSeen: 1 }, from: 'local' } };
		await store.keepValues(
			new Map([
				['conversation:full', { receipt }],
				['user:ann', { presence }],
			]),
		);
		const known = await store.read(['conversation:full', 'user:ann', 'user:bob', 'video:v1']);
		expect(known.get('conversation:full')?.values).toEqual({ receipt });
		expect(known.get('user:ann')?.values).toEqual({ presence });
		expect([...known.keys()].sort()).toEqual(['conversation:full', 'user:ann', 'user:bob', 'video:v1']);
		expect(known.get('user:bob')).toEqual({ rows: { local: { epoch: expect.any(Number), counts: {} } } });
		expect(known.get('video:v1')).toEqual(known.get('user:bob'));
	});

	it('reads the state of topics in several answers when one is too short', async () => {
		const receipts = Array.from({ length: 5 }, (_, topic) =>
			Object.fromEntries(
				Array.from({ length: 1_000 }, (_, index) => [
					`read:${'u'.repeat(100)}${index}`,
					{ order: index, value: `${topic}`.repeat(128), from: 'local' },
				]),
			),
		);
		const topics = receipts.map((_, topic) => `conversation:large-${topic}`);
		await store.keepValues(new Map(topics.map((topic, index) => [topic, { receipt: receipts[index] ?? {} }])));
		const body = { topics };
		const answer = await callAs(peer(), cluster().node('core-1'), peerPaths.read, body);
		expect((await answer.text()).length).toBeLessThan(1024 * 1024);
		const known = await store.read(topics);
		for (const [index, topic] of topics.entries()) {
			expect(known.get(topic)?.values).toEqual({ receipt: receipts[index] });
		}
	});

	it('stores no row of its own region from other nodes, and no invalid event or register', async () => {
		await expect(store.keepEvents('local', new Map([['video:v1', { epoch: 9, events: [] }]]))).rejects.toThrow(
			PeerError,
		);
		const keepEvents = (one: unknown, region = 'south') =>
			callAs(peer(), cluster().node('core-1'), peerPaths.keepEvents, {
				region,
				logs: { 'video:bad': { epoch: 1, events: [one] } },
			});
		const wrong = [
			{ ...event(1), id: 'a\0b' },
			{ ...event(1), id: '' },
			{ ...event(1), user: '\0' },
			{ ...event(1), kind: 'other' },
			{ ...event(1), data: 'text' },
			event(0),
			null,
		];
		for (const one of wrong) expect([one, (await keepEvents(one)).status]).toEqual([one, 400]);
		expect((await keepEvents(event(1), 'constructor')).status).toBe(400);
		expect((await keepEvents(event(1), 'local')).status).toBe(409);
		expect(await store.events('video:bad', 'south', 0, 10)).toMatchObject({ events: [] });
		const keepValues = (values: unknown) =>
			callAs(peer(), cluster().node('core-1'), peerPaths.keepValues, { values: { 'conversation:c1': values } });
		const register = (more = {}) => ({ order: 1, value: 'm1', from: 'south', ...more });
		for (const values of [
			{ receipt: { 'read:\0': register() } },
			{ receipt: { 'read:a': register({ value: 7 }) } },
			{ receipt: { 'read:a': register({ from: '' }) } },
			{ unknown: { a: register() } },
		]) {
			expect([values, (await keepValues(values)).status]).toEqual([values, 400]);
		}
		expect((await store.read(['conversation:c1'])).get('conversation:c1')?.values).toBeUndefined();
	});

	it('asks the next node when one does not answer, and rejects when none does', async () => {
		const none = remoteTopicStore(
			() => [],
			() => store,
		);
		await expect(none.events('video:v1', 'south', 0, 1)).rejects.toThrow(/no Likes node/);
		await expect(none.missing('south', ['video:v1'])).rejects.toThrow(/no Likes node/);
	});
});
