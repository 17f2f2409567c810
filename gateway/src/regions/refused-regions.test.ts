import { type Problem, paths } from '@likewire/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { shareCluster, type TestNode } from '../../test/cluster.ts';
import { EventStream } from '../../test/event-stream.ts';
import { expectProblem, like, newVideo, totalsOf } from '../../test/http-client.ts';
import { callAsRegion, relayOf, rowsOf } from '../../test/other-region.ts';
import { MAX_PEER_BODY_BYTES } from '../cluster/rpc/messages.ts';
import type { RejectionReason } from '../http/rejections.ts';
import { MAX_AHEAD_MS } from '../store/epoch.ts';
import { regionPaths } from './region-calls.ts';

// The other region is not there; the tests speak for it.
const cluster = shareCluster(
	{ 'core-1': 'likes,dispatcher', 'frontend-1': 'frontend' },
	{ windowMs: '5', commitWindowMs: '1', region: 'eu', regions: 'us=127.0.0.1:9' },
);
const core = () => cluster().node('core-1');
const frontend = () => cluster().node('frontend-1');

/** What nobody may change: a viewer is there, and holds one like. */
const VIDEO = newVideo();
beforeAll(async () => {
	await like(core(), VIDEO);
});

type Refused = readonly [status: number, code: Problem['code'], reason: RejectionReason];

const OWN: Refused = [409, 'peer_conflict', 'peer_region_own'];
const UNKNOWN: Refused = [409, 'peer_conflict', 'peer_region_unknown'];
const OTHER: Refused = [409, 'peer_conflict', 'peer_region_other'];
const SECRET: Refused = [401, 'unauthorized', 'peer_secret'];
const PROTOCOL: Refused = [409, 'peer_conflict', 'peer_protocol'];
const ROWS: Refused = [409, 'peer_conflict', 'peer_rows'];
const EPOCH: Refused = [409, 'peer_conflict', 'peer_epoch'];
const BODY: Refused = [400, 'invalid_body', 'peer_message'];
const CALLER: Refused = [401, 'unauthorized', 'caller_malformed'];
const ROLE: Refused = [503, 'node_unavailable', 'peer_role'];

/** Expects a refusal as an answer, as a count and in the log, and nothing else to come of the request. */
async function refusing(node: TestNode, act: () => Promise<Response>, [status, code, reason]: Refused): Promise<void> {
	const stream = await EventStream.open(frontend(), VIDEO);
	await stream.holds(VIDEO, 1);
	const before = (await node.report()).refused[reason] ?? 0;
	await expectProblem(await act(), status, code);
	expect((await node.report()).refused[reason]).toBe(before + 1);
	expect(node.log).toContainEqual(expect.objectContaining({ reason, msg: 'requests are refused' }));
	expect(node.log).not.toContainEqual(expect.objectContaining({ msg: 'a request failed' }));
	expect(await totalsOf(core(), VIDEO)).toEqual({ heart: 1 });
	// What had got through would come with the same batch for the frontend as this, or with one before.
	const other = newVideo();
	const [shown] = await Promise.all([EventStream.open(frontend(), other), like(core(), other)]);
	await shown.holds(other, 1);
	expect(stream.tally.of(VIDEO)).toEqual({ heart: 1 });
	stream.close();
}

/** News of the log, or of values, of the video that is watched. */
const tell = (more: Record<string, unknown>) =>
	callAsRegion(core(), regionPaths.relay, relayOf(VIDEO, rowsOf('us', 1, 1), more));
const logOf = (region: string, epoch = 1, event: Record<string, unknown> = {}) => ({
	log: {
		[region]: {
			epoch,
			events: [{ offset: 1, id: 'e1', kind: 'comment', user: 'ann', at: 1, order: 1, data: {}, ...event }],
		},
	},
});
const viewers = (from: string, more: Record<string, unknown> = {}) => ({
	values: { viewers: { us: { order: 1, value: 1, from, ...more } } },
});

const relay = (rows: Record<string, unknown>, headers: Record<string, string> = {}) =>
	callAsRegion(core(), regionPaths.relay, relayOf(VIDEO, rows), headers);

describe('a dispatcher refuses a region that', () => {
	it.each<[string, Record<string, string>, Refused]>([
		['has its own name', { 'x-likewire-region': 'eu' }, OWN],
		['it was not told of', { 'x-likewire-region': 'mars' }, UNKNOWN],
		['is called __proto__', { 'x-likewire-region': '__proto__' }, UNKNOWN],
		['says no name', { 'x-likewire-region': '' }, UNKNOWN],
		['means another one', { 'x-likewire-to': 'ap' }, OTHER],
		['does not say whom it means', { 'x-likewire-to': '' }, OTHER],
		['shows another secret', { 'x-likewire-secret': 'another-secret-of-a-cluster' }, SECRET],
		['shows no secret', { 'x-likewire-secret': '' }, SECRET],
		['speaks another version', { 'x-likewire-protocol': '1' }, PROTOCOL],
	])('%s', async (_, headers, refused) => {
		await refusing(core(), () => relay(rowsOf('us', 9), headers), refused);
		await refusing(core(), () => callAsRegion(core(), regionPaths.changes, { limit: 1 }, headers), refused);
		const question = { topic: `video:${VIDEO}`, after: 0, limit: 1 };
		await refusing(core(), () => callAsRegion(core(), regionPaths.events, question, headers), refused);
	});

	it.each<[string, Record<string, unknown>, Refused]>([
		['the log of the store here', logOf('eu'), ROWS],
		['the log of a third one', logOf('ap'), ROWS],
		['a log that began tomorrow', logOf('us', Date.now() + 86_400_000), EPOCH],
		['an event without a number', logOf('us', 1, { offset: 0 }), BODY],
		['an event of no kind', logOf('us', 1, { kind: 'like' }), BODY],
		['what was said here', viewers('eu'), ROWS],
		['what was said in a third one', viewers('ap'), ROWS],
		['a value that is none', viewers('us', { value: 'many' }), BODY],
		['a value of no kind', { values: { hats: { us: { order: 1, value: 1, from: 'us' } } } }, BODY],
	])('tells of %s', (_, news, refused) => refusing(core(), () => tell(news), refused));

	it.each<[string, Record<string, unknown>, Refused]>([
		['tells of the store here', rowsOf('eu', 9, 2 ** 52), ROWS],
		['tells of the store of a third one', rowsOf('ap', 9), ROWS],
		['tells of another store beside its own', { ...rowsOf('us', 9), ...rowsOf('eu', 9) }, ROWS],
		['began tomorrow', rowsOf('us', 9, Date.now() + 86_400_000), EPOCH],
		['began a little later than clocks may differ', rowsOf('us', 9, Date.now() + MAX_AHEAD_MS + 60_000), EPOCH],
		['began when time is over', rowsOf('us', 9, Number.MAX_SAFE_INTEGER), EPOCH],
		['began at no time', rowsOf('us', 9, -1), BODY],
		['counts below nothing', rowsOf('us', -1), BODY],
		['counts beyond numbers', rowsOf('us', 2 ** 53), BODY],
		['counts what no database can name', { us: { epoch: 1, counts: { 'heart\0': [1, 0] } } }, BODY],
	])('%s', (_, rows, refused) => refusing(core(), () => relay(rows), refused));

	it.each<[string, unknown]>([
		['a list', []],
		['no word on whether it greets', { updates: [] }],
		['no news', { greeting: true }],
		['a topic that is none', { greeting: true, updates: [['v1', { rows: {}, complete: false, sample: [], at: 1 }]] }],
		['a greeting that is a text', { greeting: 'yes', updates: [] }],
	])('relays %s', (_, body) => refusing(core(), () => callAsRegion(core(), regionPaths.relay, body), BODY));

	it.each<[string, unknown]>([
		['no limit', {}],
		['no change at all', { limit: 0 }],
		['too many at a time', { limit: 1_001 }],
		['half of one', { limit: 0.5 }],
		['those since a text', { limit: 1, since: 'x' }],
		['those since a place without an epoch', { limit: 1, since: { at: 'x' } }],
		['those since a place that is no text', { limit: 1, since: { epoch: 1, at: 1 } }],
		['those since a place that is too long', { limit: 1, since: { epoch: 1, at: 'x'.repeat(1_001) } }],
		['those since an epoch beyond numbers', { limit: 1, since: { epoch: 1e300, at: 'x' } }],
	])('asks for %s', (_, body) => refusing(core(), () => callAsRegion(core(), regionPaths.changes, body), BODY));

	it.each<[string, unknown]>([
		['no topic', { after: 0, limit: 1 }],
		['a topic that is none', { topic: 'v1', after: 0, limit: 1 }],
		['what comes before the first', { topic: 'video:v1', after: -1, limit: 1 }],
		['none', { topic: 'video:v1', after: 0, limit: 0 }],
		['too many', { topic: 'video:v1', after: 0, limit: 257 }],
	])('asks for events with %s', (_, body) =>
		refusing(core(), () => callAsRegion(core(), regionPaths.events, body), BODY),
	);

	it('sends half a message, what is not JSON, and more than it may', async () => {
		const send = (body: unknown, headers?: Record<string, string>) => () =>
			callAsRegion(core(), regionPaths.relay, body, headers);
		await refusing(core(), send('{"greeting":true'), [400, 'invalid_json', 'peer_message']);
		const media = [415, 'unsupported_media_type', 'peer_message'] as const;
		await refusing(core(), send('{}', { 'content-type': 'text/plain' }), media);
		await refusing(core(), send(' '.repeat(MAX_PEER_BODY_BYTES + 1)), [413, 'body_too_large', 'body_too_large']);
	});

	it('has a viewer like here without the proof that regions show', async () => {
		const give = (headers: Record<string, string>) => () =>
			callAsRegion(core(), regionPaths.forward + paths.likes(VIDEO), {}, headers);
		await refusing(core(), give({ 'x-likewire-secret': '' }), SECRET);
		await refusing(core(), give({ 'x-likewire-region': 'mars' }), UNKNOWN);
		await refusing(core(), give({ 'x-likewire-region': 'eu' }), OWN);
		await refusing(core(), give({ 'x-likewire-to': 'ap' }), OTHER);
		await refusing(core(), give({ 'x-likewire-caller': '{"user":' }), CALLER);
		await refusing(core(), give({}), CALLER);
	});
});

describe('a node that is no dispatcher', () => {
	it('takes no relay, and tells no changes', async () => {
		const send = (path: string, body: unknown) => () => callAsRegion(frontend(), path, body);
		await refusing(frontend(), send(regionPaths.relay, relayOf(VIDEO, rowsOf('us', 9))), ROLE);
		await refusing(frontend(), send(regionPaths.changes, { limit: 1 }), ROLE);
		await refusing(frontend(), send(regionPaths.events, { topic: 'video:v1', after: 0, limit: 1 }), ROLE);
	});
});

describe('a region', () => {
	it('serves no word between regions on a public port', async () => {
		const all = [regionPaths.relay, regionPaths.changes, regionPaths.events, regionPaths.forward + paths.likes(VIDEO)];
		for (const { url } of cluster().nodes) {
			for (const path of all) {
				const answer = await callAsRegion({ internalUrl: url }, path, relayOf(VIDEO, rowsOf('us', 9)));
				await expectProblem(answer, 404, 'not_found');
			}
		}
		expect(await totalsOf(core(), VIDEO)).toEqual({ heart: 1 });
	});

	it('begins at the beginning for a position that it never gave, and shows its own rows only', async () => {
		for (const since of [undefined, { epoch: 0, at: '' }, { epoch: 2 ** 50, at: "' OR 1=1 --" }]) {
			const answer = await callAsRegion(core(), regionPaths.changes, { since, limit: 1_000 });
			expect([answer.status, answer.headers.get('x-likewire-region')]).toEqual([200, 'eu']);
			const { rows } = (await answer.json()) as { rows: Record<string, object> };
			expect(rows[`video:${VIDEO}`]).toEqual({ eu: { epoch: expect.any(Number), counts: { heart: [1, 0] } } });
			for (const likes of Object.values(rows)) expect(Object.keys(likes)).toEqual(['eu']);
		}
	});

	it('after all this still takes what another one rightly says, shows it and keeps it', async () => {
		const stream = await EventStream.open(frontend(), VIDEO);
		await stream.holds(VIDEO, 1);
		expect((await relay(rowsOf('us', 2))).status).toBe(204);
		await stream.holds(VIDEO, 3);
		await expect.poll(() => totalsOf(core(), VIDEO)).toEqual({ heart: 3 });
	});
});
