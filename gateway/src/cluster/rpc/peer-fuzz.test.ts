import { paths } from '@likewire/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shareCluster } from '../../../test/cluster.ts';
import { EventStream } from '../../../test/event-stream.ts';
import { like, newVideo } from '../../../test/http-client.ts';
import { callAs, type Peer } from '../../../test/peer.ts';
import { regionPaths } from '../../regions/region-calls.ts';
import { peerPaths } from './peer-paths.ts';

const cluster = shareCluster(
	{ 'core-1': 'likes,dispatcher', 'frontend-1': 'frontend' },
	{ windowMs: '5', commitWindowMs: '1', region: 'eu', regions: 'us=127.0.0.1:9' },
	{ 'frontend-9': 'frontend' },
);
const peer: Peer = { node: 'frontend-9', incarnation: 1_700_000_000_000, view: 'ffffffffffffffff' };

const name = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 20 }),
	fc.constantFrom(
		'video:v1',
		'video:v2',
		'__proto__',
		'constructor',
		'toString',
		'frontend-9',
		'frontend-1',
		'heart',
		'eu',
		'us',
	),
);
const number = fc.oneof(
	fc.nat(1_000),
	fc.constantFrom(-1, 0.5, 2 ** 53, 2 ** 53 - 1, 1e300, -0, 1_700_000_000_000, 1_000_000),
);
const counts = fc.dictionary(name, fc.oneof(fc.tuple(number, number), fc.jsonValue({ maxDepth: 1 })));
const rows = fc.dictionary(name, fc.oneof(fc.record({ epoch: number, counts }), fc.jsonValue({ maxDepth: 1 })));
const update = fc.record({
	rows,
	complete: fc.boolean(),
	sample: fc.array(fc.record({ id: name, user: name, type: name, at: number }), { maxLength: 3 }),
	at: number,
});
const updates = fc.array(fc.tuple(name, update), { maxLength: 4 });
const sum = fc.constantFrom('ffffffffffffffff', '0', 'x');
const registrations = fc.record(
	{
		frontend: name,
		incarnation: number,
		seq: number,
		view: fc.constantFrom('ffffffffffffffff', '0000000000000000', 'x'),
		digest: fc.record(
			{ rows: sum, states: sum, listed: fc.record({ buckets: fc.array(number, { maxLength: 3 }), since: number }) },
			{ requiredKeys: ['rows'] },
		),
		topics: fc.array(fc.record({ topic: name, count: number, hash: number, revision: number }), { maxLength: 4 }),
		dropped: fc.array(name, { maxLength: 3 }),
	},
	{ requiredKeys: ['topics'] },
);
const position = fc.record({ epoch: number, at: fc.oneof(name, fc.json({ maxDepth: 1 })) });
const value = fc.oneof(
	updates,
	fc.record({ forwarded: fc.boolean(), updates }),
	registrations,
	fc.record({ topics: fc.array(name) }),
	fc.record({ topic: name }),
	fc.record({ leaving: fc.boolean() }),
	fc.record({ greeting: fc.boolean(), updates }),
	fc.record({ since: position, limit: number }, { requiredKeys: ['limit'] }),
	fc.record(
		{
			region: fc.oneof(name, fc.constantFrom('eu', 'us')),
			rows: fc.dictionary(name, rows),
			reached: fc.record({ since: position, position, last: fc.boolean() }, { requiredKeys: ['position', 'last'] }),
		},
		{ requiredKeys: ['region', 'rows'] },
	),
	fc.record({ type: name, region: name }),
	fc.jsonValue(),
);
const body = fc.oneof(
	{ weight: 8, arbitrary: value.map((one) => JSON.stringify(one)) },
	{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
	{ weight: 1, arbitrary: fc.tuple(value, fc.nat(99)).map(([one, part]) => cut(JSON.stringify(one), part)) },
);
const header = fc.oneof(
	fc.stringMatching(/^[\x21-\x7e]{0,20}$/),
	fc.constantFrom('', '1e999', '-1', '0', 'core-1', 'frontend-1', '__proto__'),
);
const headers = fc.oneof(
	{ weight: 6, arbitrary: fc.constant({}) },
	{
		weight: 1,
		arbitrary: fc.dictionary(
			fc.constantFrom('x-likewire-node', 'x-likewire-incarnation', 'x-likewire-view', 'x-likewire-protocol'),
			header,
		),
	},
	{ weight: 1, arbitrary: fc.dictionary(fc.constantFrom('x-likewire-secret', 'content-type'), header) },
);
/** Most messages name the other region, so that the node parses them. */
const regionHeaders = fc
	.tuple(
		headers,
		fc.oneof(
			{ weight: 6, arbitrary: fc.constant('us') },
			{ weight: 1, arbitrary: fc.constantFrom('eu', 'mars', '__proto__', '') },
		),
		fc.constantFrom('{"proof":"none","user":"ann","expiresAt":null}', '{}'),
	)
	.map(([more, region, caller]) => ({
		'x-likewire-region': region,
		'x-likewire-to': 'eu',
		'x-likewire-caller': caller,
		...more,
	}));

function cut(text: string, percent: number): string {
	return text.slice(0, (text.length * percent) / 100);
}

const REGION_PATHS = [regionPaths.relay, regionPaths.changes, regionPaths.forward + paths.likes('v1')];

it.each([
	['a peer', Object.values(peerPaths), headers, [200, 400, 401, 409, 503]],
	['another region', REGION_PATHS, regionHeaders, [201, 400, 401, 409, 503]],
] as const)('whatever %s sends, nodes answer it, have no error of their own, and serve the others', async (...from) => {
	const [, targets, heads, expected] = from;
	const video = newVideo();
	const stream = await EventStream.open(cluster().node('frontend-1'), video);
	await stream.holds(video, 0);
	const statuses = new Set<number>();
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom('core-1', 'frontend-1'),
			fc.constantFrom(...targets),
			body,
			heads,
			async (node, path, sent, extra) => {
				const response = await callAs(peer, cluster().node(node), path, sent, { headers: extra });
				const text = await response.text();
				expect(text).not.toContain('internal_error');
				statuses.add(response.status);
			},
		),
		{ numRuns: 2_000 },
	);
	// The node accepted many messages, and refused many.
	expect([...statuses].sort()).toEqual(expect.arrayContaining([...expected]));
	await like(cluster().node('core-1'), video);
	await stream.until(() => (stream.tally.of(video)?.heart ?? 0) >= 1);
	for (const node of cluster().nodes) {
		expect(node.log.filter(({ msg }) => msg === 'a request failed')).toEqual([]);
		if (node.name === 'frontend-1') await expect.poll(async () => (await node.report()).connections).toBe(1);
		else expect((await node.report()).connections).toBe(0);
	}
});
