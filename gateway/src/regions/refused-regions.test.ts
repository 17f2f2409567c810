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

// The other region does not exist: the tests send its requests.
const cluster = shareCluster(
	{ 'core-1': 'likes,dispatcher', 'frontend-1': 'frontend' },
	{ windowMs: '5', commitWindowMs: '1', region: 'eu', regions: 'us=127.0.0.1:9' },
);
const core = () => cluster().node('core-1');
const frontend = () => cluster().node('frontend-1');

/** A video with one like, which no refused request may change. */
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

/** Expects a refusal as the answer, in the counts and in the log, and no change of the video. */
async function refusing(node: TestNode, act: () => Promise<Response>, [status, code, reason]: Refused): Promise<void> {
	const stream = await EventStream.open(frontend(), VIDEO);
	await stream.holds(VIDEO, 1);
	const before = (await node.report()).refused[reason] ?? 0;
	await expectProblem(await act(), status, code);
	expect((await node.report()).refused[reason]).toBe(before + 1);
	expect(node.log).toContainEqual(expect.objectContaining({ reason, msg: 'requests are refused' }));
	expect(node.log).not.toContainEqual(expect.objectContaining({ msg: 'a request failed' }));
	expect(await totalsOf(core(), VIDEO)).toEqual({ heart: 1 });
	// A change by the request would reach the frontend in the same batch as this like, or in an earlier one.
	const other = newVideo();
	const [shown] = await Promise.all([EventStream.open(frontend(), other), like(core(), other)]);
	await shown.holds(other, 1);
	expect(stream.tally.of(VIDEO)).toEqual({ heart: 1 });
	stream.close();
}

/** Relays an update of the video with a log or registers. */
const relayMore = (more: Record<string, unknown>) =>
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

describe('a dispatcher', () => {
	it.each<[string, Record<string, string>, Refused]>([
		['its own region', { 'x-likewire-region': 'eu' }, OWN],
		['a region that --regions does not name', { 'x-likewire-region': 'mars' }, UNKNOWN],
		['a region called __proto__', { 'x-likewire-region': '__proto__' }, UNKNOWN],
		['a region without a name', { 'x-likewire-region': '' }, UNKNOWN],
		['a region that names another recipient', { 'x-likewire-to': 'ap' }, OTHER],
		['a region that names no recipient', { 'x-likewire-to': '' }, OTHER],
		['a region with another secret', { 'x-likewire-secret': 'another-secret-of-a-cluster' }, SECRET],
		['a region without a secret', { 'x-likewire-secret': '' }, SECRET],
		['a region with another protocol version', { 'x-likewire-protocol': '1' }, PROTOCOL],
	])('refuses requests of %s', async (_, headers, refused) => {
		await refusing(core(), () => relay(rowsOf('us', 9), headers), refused);
		await refusing(core(), () => callAsRegion(core(), regionPaths.changes, { limit: 1 }, headers), refused);
		const question = { topic: `video:${VIDEO}`, after: 0, limit: 1 };
		await refusing(core(), () => callAsRegion(core(), regionPaths.events, question, headers), refused);
	});

	it.each<[string, Record<string, unknown>, Refused]>([
		['the log of the store of this region', logOf('eu'), ROWS],
		['the log of a third region', logOf('ap'), ROWS],
		['a log with an epoch of tomorrow', logOf('us', Date.now() + 86_400_000), EPOCH],
		['an event without a number', logOf('us', 1, { offset: 0 }), BODY],
		['an event of an unknown kind', logOf('us', 1, { kind: 'like' }), BODY],
		['a register from this region', viewers('eu'), ROWS],
		['a register from a third region', viewers('ap'), ROWS],
		['a malformed register', viewers('us', { value: 'many' }), BODY],
		['a register of an unknown kind', { values: { hats: { us: { order: 1, value: 1, from: 'us' } } } }, BODY],
	])('refuses a relay of %s', (_, more, refused) => refusing(core(), () => relayMore(more), refused));

	it.each<[string, Record<string, unknown>, Refused]>([
		['of the store of this region', rowsOf('eu', 9, 2 ** 52), ROWS],
		['of the store of a third region', rowsOf('ap', 9), ROWS],
		['of two stores', { ...rowsOf('us', 9), ...rowsOf('eu', 9) }, ROWS],
		['with an epoch of tomorrow', rowsOf('us', 9, Date.now() + 86_400_000), EPOCH],
		['with an epoch beyond the allowed clock skew', rowsOf('us', 9, Date.now() + MAX_AHEAD_MS + 60_000), EPOCH],
		['with the largest epoch', rowsOf('us', 9, Number.MAX_SAFE_INTEGER), EPOCH],
		['with a negative epoch', rowsOf('us', 9, -1), BODY],
		['with a negative count', rowsOf('us', -1), BODY],
		['with a count above 2^53 - 1', rowsOf('us', 2 ** 53), BODY],
		['with a NUL in a reaction', { us: { epoch: 1, counts: { 'heart\0': [1, 0] } } }, BODY],
	])('refuses a relay of rows %s', (_, rows, refused) => refusing(core(), () => relay(rows), refused));

	it.each<[string, unknown]>([
		['that is a list', []],
		['without greeting', { updates: [] }],
		['without updates', { greeting: true }],
		['with a malformed topic', { greeting: true, updates: [['v1', { rows: {}, complete: false, sample: [], at: 1 }]] }],
		['with a string as greeting', { greeting: 'yes', updates: [] }],
	])('refuses a relay %s', (_, body) => refusing(core(), () => callAsRegion(core(), regionPaths.relay, body), BODY));

	it.each<[string, unknown]>([
		['without a limit', {}],
		['with limit 0', { limit: 0 }],
		['with limit 1,001', { limit: 1_001 }],
		['with limit 0.5', { limit: 0.5 }],
		['since a string', { limit: 1, since: 'x' }],
		['since a position without an epoch', { limit: 1, since: { at: 'x' } }],
		['since a position that is a number', { limit: 1, since: { epoch: 1, at: 1 } }],
		['since a position of 1,001 characters', { limit: 1, since: { epoch: 1, at: 'x'.repeat(1_001) } }],
		['since epoch 1e300', { limit: 1, since: { epoch: 1e300, at: 'x' } }],
	])('refuses a request for changes %s', (_, body) =>
		refusing(core(), () => callAsRegion(core(), regionPaths.changes, body), BODY),
	);

	it.each<[string, unknown]>([
		['without a topic', { after: 0, limit: 1 }],
		['with a malformed topic', { topic: 'v1', after: 0, limit: 1 }],
		['after offset -1', { topic: 'video:v1', after: -1, limit: 1 }],
		['with limit 0', { topic: 'video:v1', after: 0, limit: 0 }],
		['with limit 257', { topic: 'video:v1', after: 0, limit: 257 }],
	])('refuses a request for events %s', (_, body) =>
		refusing(core(), () => callAsRegion(core(), regionPaths.events, body), BODY),
	);

	it('refuses half a message, a body of another media type, and a body that is too long', async () => {
		const send = (body: unknown, headers?: Record<string, string>) => () =>
			callAsRegion(core(), regionPaths.relay, body, headers);
		await refusing(core(), send('{"greeting":true'), [400, 'invalid_json', 'peer_message']);
		const media = [415, 'unsupported_media_type', 'peer_message'] as const;
		await refusing(core(), send('{}', { 'content-type': 'text/plain' }), media);
		await refusing(core(), send(' '.repeat(MAX_PEER_BODY_BYTES + 1)), [413, 'body_too_large', 'body_too_large']);
	});

	it('refuses a forwarded like of a viewer without the proof of a region', async () => {
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
	it('refuses relays and requests for changes and events', async () => {
		const send = (path: string, body: unknown) => () => callAsRegion(frontend(), path, body);
		await refusing(frontend(), send(regionPaths.relay, relayOf(VIDEO, rowsOf('us', 9))), ROLE);
		await refusing(frontend(), send(regionPaths.changes, { limit: 1 }), ROLE);
		await refusing(frontend(), send(regionPaths.events, { topic: 'video:v1', after: 0, limit: 1 }), ROLE);
	});
});

describe('a region', () => {
	it('serves no path between regions on a public port', async () => {
		const all = [regionPaths.relay, regionPaths.changes, regionPaths.events, regionPaths.forward + paths.likes(VIDEO)];
		for (const { url } of cluster().nodes) {
			for (const path of all) {
				const answer = await callAsRegion({ internalUrl: url }, path, relayOf(VIDEO, rowsOf('us', 9)));
				await expectProblem(answer, 404, 'not_found');
			}
		}
		expect(await totalsOf(core(), VIDEO)).toEqual({ heart: 1 });
	});

	it('sends its own rows from the start for an unknown position', async () => {
		for (const since of [undefined, { epoch: 0, at: '' }, { epoch: 2 ** 50, at: "' OR 1=1 --" }]) {
			const answer = await callAsRegion(core(), regionPaths.changes, { since, limit: 1_000 });
			expect([answer.status, answer.headers.get('x-likewire-region')]).toEqual([200, 'eu']);
			const { rows } = (await answer.json()) as { rows: Record<string, object> };
			expect(rows[`video:${VIDEO}`]).toEqual({ eu: { epoch: expect.any(Number), counts: { heart: [1, 0] } } });
			for (const likes of Object.values(rows)) expect(Object.keys(likes)).toEqual(['eu']);
		}
	});

	it('shows and stores a valid relay after all refused requests', async () => {
		const stream = await EventStream.open(frontend(), VIDEO);
		await stream.holds(VIDEO, 1);
		expect((await relay(rowsOf('us', 2))).status).toBe(204);
		await stream.holds(VIDEO, 3);
		await expect.poll(() => totalsOf(core(), VIDEO)).toEqual({ heart: 3 });
	});
});
