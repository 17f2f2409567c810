import type { Problem } from '@likewire/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { CLUSTER_SECRET, shareCluster, type TestNode } from '../../../test/cluster.ts';
import { EventStream } from '../../../test/event-stream.ts';
import { expectProblem, like, newVideo } from '../../../test/http-client.ts';
import { callAs, type Peer, type PeerRequest } from '../../../test/peer.ts';
import { RawConnection } from '../../../test/raw-connection.ts';
import type { RejectionReason } from '../../http/rejections.ts';
import { MAX_PEER_BODY_BYTES, PEER_PROTOCOL } from './messages.ts';
import { peerPaths } from './peer-paths.ts';

const cluster = shareCluster(
	{ 'core-1': 'likes,dispatcher', 'frontend-1': 'frontend' },
	{},
	{ 'frontend-8': 'frontend', 'frontend-9': 'frontend' },
);
const core = () => cluster().node('core-1');

/** The frontend that the tests imitate. */
const peer: Peer = { node: 'frontend-9', incarnation: 1_700_000_000_000, view: '' };
const PING = { leaving: false };

beforeAll(async () => {
	peer.view = (await core().cluster()).view;
	expect((await callAs(peer, core(), peerPaths.ping, PING)).status).toBe(200);
});

type Refused = readonly [status: number, code: Problem['code'], reason: RejectionReason];

const SECRET: Refused = [401, 'unauthorized', 'peer_secret'];
const UNKNOWN: Refused = [409, 'peer_conflict', 'peer_unknown'];
const STALE: Refused = [409, 'peer_conflict', 'peer_stale'];

/** Expects a refusal in the answer, in the counters and in the log, and no other effect of the request. */
async function expectRefused(node: TestNode, response: Promise<Response>, [status, code, reason]: Refused) {
	await expectProblem(await response, status, code);
	expect(node.log).toContainEqual(expect.objectContaining({ reason, msg: 'requests are refused' }));
	expect(node.log.filter(({ level }) => (level as number) > 50)).toEqual([]);
	expect(node.log).not.toContainEqual(expect.objectContaining({ msg: 'a request failed' }));
}

async function refusing(node: TestNode, act: () => Promise<Response>, refused: Refused): Promise<void> {
	const [, , reason] = refused;
	const before = await node.report();
	await expectRefused(node, act(), refused);
	const after = await node.report();
	expect(after.refused[reason]).toBe((before.refused[reason] ?? 0) + 1);
	expect(after.rows).toBe(before.rows);
}

const ping = (headers: PeerRequest['headers'] = {}) => callAs(peer, core(), peerPaths.ping, PING, { headers });

function registers(more: Record<string, unknown> = {}): Record<string, unknown> {
	const { node: frontend, incarnation, view } = peer;
	return {
		frontend,
		incarnation,
		seq: 1,
		view,
		topics: [{ topic: 'video:v1', count: 1, revision: 0 }],
		dropped: [],
		...more,
	};
}

const subscribe = (more: Record<string, unknown>) => callAs(peer, core(), peerPaths.subscriptions, registers(more));

const TOMORROW = String(Date.now() + 86_400_000);

describe('a node refuses a peer that', () => {
	it.each<[string, Record<string, string>, Refused]>([
		['shows another secret', { 'x-likewire-secret': 'another secret of a cluster' }, SECRET],
		['shows a part of the secret', { 'x-likewire-secret': 'the secret of a test cluste' }, SECRET],
		['shows no secret', { 'x-likewire-secret': '' }, SECRET],
		['shows the secret in other letters', { 'x-likewire-secret': 'THE SECRET OF A TEST CLUSTER' }, SECRET],
		['speaks another version', { 'x-likewire-protocol': '1' }, [409, 'peer_conflict', 'peer_protocol']],
		['speaks no version', { 'x-likewire-protocol': '' }, [409, 'peer_conflict', 'peer_protocol']],
		['is not among its peers', { 'x-likewire-node': 'frontend-2' }, UNKNOWN],
		['has no name', { 'x-likewire-node': '' }, UNKNOWN],
		['is called __proto__', { 'x-likewire-node': '__proto__' }, UNKNOWN],
		['is called constructor', { 'x-likewire-node': 'constructor' }, UNKNOWN],
		['has its own name', { 'x-likewire-node': 'core-1' }, [409, 'peer_conflict', 'peer_double']],
		['is in a former life', { 'x-likewire-incarnation': '1699999999999' }, STALE],
		['runs since tomorrow', { 'x-likewire-incarnation': TOMORROW }, STALE],
		['runs since no time', { 'x-likewire-incarnation': 'now' }, STALE],
		['runs since a time beyond numbers', { 'x-likewire-incarnation': '1e999' }, STALE],
		['runs since between two times', { 'x-likewire-incarnation': '1700000000000.5' }, STALE],
	])('%s', async (_, headers, refused) => {
		await refusing(core(), () => ping(headers), refused);
		expect((await ping()).status).toBe(200);
	});

	it('sends messages for a role that the node does not have', async () => {
		const frontend = cluster().node('frontend-1');
		const roleless: [TestNode, string][] = [
			[core(), peerPaths.deliver],
			[frontend, peerPaths.publish],
			[frontend, peerPaths.subscriptions],
			[frontend, peerPaths.viewers],
			[frontend, peerPaths.read],
		];
		for (const [node, path] of roleless) {
			const refused = [503, 'node_unavailable', 'peer_role'] as const;
			await refusing(node, () => callAs({ ...peer, node: 'frontend-8' }, node, path, {}), refused);
		}
	});

	it.each<[string, Record<string, unknown>]>([
		['more viewers than there can be', { topics: [{ topic: 'video:v1', count: 1_000_001, revision: 0 }] }],
		['viewers beyond numbers', { topics: [{ topic: 'video:v1', count: 1e300, revision: 0 }] }],
		['fewer viewers than none', { topics: [{ topic: 'video:v1', count: -1, revision: 0 }] }],
		['half a viewer', { topics: [{ topic: 'video:v1', count: 1.5, revision: 0 }] }],
		['viewers in a text', { topics: [{ topic: 'video:v1', count: '1', revision: 0 }] }],
		['no number of viewers', { topics: [{ topic: 'video:v1', count: null, revision: 0 }] }],
		['an invalid topic', { topics: [{ topic: 'v1', count: 1, revision: 0 }] }],
		['a topic from Object', { topics: [{ topic: '__proto__', count: 1, revision: 0 }] }],
		['a topic with a line break', { topics: [{ topic: 'video:v1\n', count: 1, revision: 0 }] }],
		['a topic that is too long', { topics: [{ topic: `video:${'v'.repeat(166)}`, count: 1, revision: 0 }] }],
		['a hash beyond numbers', { topics: [{ topic: 'video:v1', count: 1, revision: 0, hash: 2 ** 60 }] }],
		['topics that are no list', { topics: { 0: { topic: 'video:v1', count: 1, revision: 0 }, length: 1 } }],
		['no topics', { topics: undefined }],
		['a number beyond numbers', { seq: 2 ** 53 }],
		['an incarnation that is a text', { incarnation: '1700000000000' }],
		['a frontend that is no id', { frontend: 'a b' }],
		['an invalid view', { view: 'main' }],
		['a view from Object', { view: '__proto__' }],
	])('registers %s', async (_, more) => {
		await refusing(core(), () => subscribe(more), [400, 'invalid_body', 'peer_message']);
	});

	it('registers for another frontend, or another incarnation', async () => {
		for (const more of [{ frontend: 'frontend-1' }, { frontend: '__proto__' }, { incarnation: 1_699_999_999_999 }]) {
			await refusing(core(), () => subscribe(more), [409, 'peer_conflict', 'peer_message']);
		}
	});

	it('registers by a ring before it names that in a ping', async () => {
		const view = 'ffffffffffffffff';
		await refusing(core(), () => subscribe({ view }), [409, 'peer_conflict', 'peer_view']);
		await callAs({ ...peer, view }, core(), peerPaths.publish, { forwarded: true, updates: [] });
		await refusing(core(), () => subscribe({ view }), [409, 'peer_conflict', 'peer_view']);
		expect((await callAs({ ...peer, view }, core(), peerPaths.ping, PING)).status).toBe(200);
		expect((await subscribe({ view, topics: [] })).status).toBe(204);
		expect((await callAs(peer, core(), peerPaths.ping, PING)).status).toBe(200);
	});

	const update = { rows: { s: { epoch: 1, counts: { heart: [1, 0] } } }, complete: true, sample: [], at: 1 };
	const more = (change: Record<string, unknown>) => ({
		forwarded: true,
		updates: [['video:v1', { ...update, ...change }]],
	});
	it.each<[string, unknown]>([
		['nothing', undefined],
		['half a message', '{"forwarded":true,"updates":['],
		['two messages', '{"forwarded":true,"updates":[]}{}'],
		['what is no UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
		['a list', []],
		['null', 'null'],
		['an invalid topic', { forwarded: true, updates: [['a', update]] }],
		['a topic from Object', { forwarded: true, updates: [['__proto__', update]] }],
		['counts of what objects have anyway', more({ rows: { s: { epoch: 1, counts: { constructor: [1, 0] } } } })],
		['a store that is what objects have anyway', more({ rows: { valueOf: { epoch: 1, counts: {} } } })],
		['a count beyond numbers', more({ rows: { s: { epoch: 1, counts: { heart: [1e300, 0] } } } })],
		['a negative count', more({ rows: { s: { epoch: 1, counts: { heart: [0, -1] } } } })],
		['three counts', more({ rows: { s: { epoch: 1, counts: { heart: [1, 0, 0] } } } })],
		['an epoch that is no number', more({ rows: { s: { epoch: 'last', counts: {} } } })],
		[
			'a sample without end',
			more({ sample: Array.from({ length: 65 }, () => ({ id: 'x', user: 'u', type: 't', at: 1 })) }),
		],
		['a time before time', more({ at: -1 })],
	])('publishes %s', async (_, body) => {
		const reports = [400, expect.stringMatching(/^invalid_(json|body)$/), 'peer_message'] as unknown as Refused;
		await refusing(core(), () => callAs(peer, core(), peerPaths.publish, body), reports);
	});

	it('sends rows of the own region', async () => {
		const { region } = await core().report();
		const act = () => callAs(peer, core(), peerPaths.replicate, { region, rows: {} });
		await refusing(core(), act, [409, 'peer_conflict', 'peer_region_own']);
	});

	it('sends what is not JSON', async () => {
		const headers = { 'content-type': 'text/plain' };
		const act = () => callAs(peer, core(), peerPaths.publish, '{}', { headers });
		await refusing(core(), act, [415, 'unsupported_media_type', 'peer_message']);
	});

	it('sends a body that is too long', async () => {
		const body = ' '.repeat(MAX_PEER_BODY_BYTES + 1);
		const act = () => callAs(peer, core(), peerPaths.publish, body);
		await refusing(core(), act, [413, 'body_too_large', 'body_too_large']);
	});
});

describe('a node', () => {
	it('ignores a message that was cut', async () => {
		const { rows } = await core().report();
		const body = JSON.stringify(registers());
		const head = [
			`POST ${peerPaths.subscriptions} HTTP/1.1`,
			'Host: localhost',
			'Content-Type: application/json',
			`Content-Length: ${body.length}`,
			`X-Likewire-Protocol: ${PEER_PROTOCOL}`,
			`X-Likewire-Secret: ${CLUSTER_SECRET}`,
			`X-Likewire-Node: ${peer.node}`,
			`X-Likewire-Incarnation: ${peer.incarnation}`,
			`X-Likewire-View: ${peer.view}`,
		];
		const whole = `${head.join('\r\n')}\r\n\r\n${body}`;
		for (const length of [20, whole.length - body.length, whole.length - body.length / 2, whole.length - 1]) {
			const connection = await RawConnection.open(core().internalPort);
			connection.write(whole.slice(0, length));
			connection.endWriting();
			await connection.ended();
			expect(connection.text).not.toMatch(/ 20\d /);
		}
		expect((await core().report()).rows).toBe(rows);
		const connection = await RawConnection.open(core().internalPort);
		connection.write(whole);
		expect((await connection.answers(1))[0]?.status).toBe(204);
		expect((await core().report()).rows).toBe(rows + 1);
		expect((await subscribe({ seq: 2, topics: [], dropped: ['video:v1'] })).status).toBe(204);
		expect((await core().report()).rows).toBe(rows);
	});

	it('refuses names of properties of every object', async () => {
		const video = newVideo();
		const stream = await EventStream.open(cluster().node('frontend-1'), video);
		await stream.holds(video, 0);
		const counts = '{"__proto__":[9,0],"heart":[1,0]}';
		const rows = `{"s":{"epoch":1,"counts":${counts},"__proto__":{}},"__proto__":{"epoch":1,"counts":{"clap":[1,0]}}}`;
		const update = `{"rows":${rows},"complete":false,"sample":[],"at":1,"__proto__":{"polluted":1}}`;
		const body = `{"forwarded":true,"__proto__":{"polluted":1},"updates":[["video:${video}",${update}]]}`;
		expect((await callAs(peer, core(), peerPaths.publish, body)).status).toBe(204);
		await stream.holds(video, 1);
		expect(stream.tally.of(video)).toEqual({ heart: 1 });
		expect('polluted' in {}).toBe(false);
	});

	it('serves no route between nodes on its public port', async () => {
		for (const path of Object.values(peerPaths)) {
			for (const node of cluster().nodes) {
				const answer = callAs(peer, { ...node, internalUrl: node.url }, path, PING);
				await expectProblem(await answer, 404, 'not_found');
			}
		}
	});

	it('still serves its peers after all this, and no peer has left', async () => {
		const { members } = await core().cluster();
		expect(members.find(({ node }) => node === 'frontend-1')?.state).toBe('alive');
		await like(cluster().node('frontend-1'), newVideo());
	});
});
