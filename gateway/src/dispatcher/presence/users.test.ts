import { type PresenceEvent, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareCluster, startCluster } from '../../../test/cluster.ts';
import { EventStream } from '../../../test/event-stream.ts';
import { startGateway } from '../../../test/gateway.ts';
import { expectProblem } from '../../../test/http-client.ts';
import { callAs, type Peer } from '../../../test/peer.ts';
import { SECRET, signToken } from '../../../test/tokens.ts';
import { peerPaths } from '../../cluster/rpc/peer-paths.ts';

const D = 1_200;
const E = 600;
const GONE = D + 2 * E;
const TIMES = { presenceMs: `${D}`, presenceGraceMs: `${E}` };

const cluster = shareCluster(
	{
		'likes-1': 'likes',
		'core-1': 'dispatcher',
		'core-2': 'dispatcher',
		'frontend-1': 'frontend',
		'frontend-2': 'frontend',
	},
	TIMES,
	{ 'frontend-9': 'frontend' },
);
const node = (name: string) => cluster().node(name);
let users = 0;
const newUser = () => `user-${++users}`;

const watch = (name: string, ...users: string[]) =>
	EventStream.openQuery(node(name), new URLSearchParams(users.map((user) => ['presence', user])).toString());
const join = (name: string, user: string) => EventStream.openQuery(node(name), `video=v&user=${user}`);
const eventsOf = (stream: EventStream, user: string): PresenceEvent[] =>
	stream.events.flatMap((event) => (event.name === 'presence' && event.data.user === user ? [event.data] : []));
const shownOf = (stream: EventStream, user: string) => eventsOf(stream, user).map(({ online }) => online);

const ask = (gateway: { readonly url: string }, users: readonly string[], headers: Record<string, string> = {}) =>
	fetch(`${gateway.url}${paths.presence}?${new URLSearchParams(users.map((user) => ['user', user]))}`, { headers });
async function presenceOf(name: string, ...users: string[]): Promise<unknown> {
	const response = await ask(node(name), users);
	expect(response.status).toBe(200);
	return ((await response.json()) as { users: unknown }).users;
}

/** Lets the time pass in which a wrong event would arrive. */
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the presence of users in a cluster', () => {
	it('shows a user as online at once, and as offline d + 2e after the last heartbeat', async () => {
		const [ann, bob] = [newUser(), newUser()];
		const watcher = await watch('frontend-2', ann, bob);
		const from = Date.now();
		const stream = await join('frontend-1', ann);
		await watcher.until(() => shownOf(watcher, ann).at(-1) === true);
		for (const name of ['likes-1', 'core-1', 'core-2', 'frontend-1']) {
			expect(await presenceOf(name, ann, bob)).toEqual({
				[ann]: { online: true, lastSeen: expect.any(Number) },
				[bob]: { online: false, lastSeen: null },
			});
		}
		stream.close();
		const closedAt = Date.now();
		await watcher.until(() => shownOf(watcher, ann).at(-1) === false);
		expect(Date.now() - closedAt).toBeGreaterThan(GONE - 20);
		const [{ lastSeen } = { lastSeen: null }] = eventsOf(watcher, ann).slice(-1);
		expect(lastSeen).toBeGreaterThanOrEqual(from);
		// The time of the last heartbeat, and not that of the offline notice.
		expect(lastSeen).toBeLessThanOrEqual(Date.now() - GONE + 20);
		expect(await presenceOf('likes-1', ann)).toEqual({ [ann]: { online: false, lastSeen } });
	});

	it('shows a user with several devices as online until the last device leaves', async () => {
		const ann = newUser();
		const watcher = await watch('frontend-1', ann);
		const phone = await join('frontend-1', ann);
		await watcher.until(() => shownOf(watcher, ann).at(-1) === true);
		const shown = shownOf(watcher, ann);
		const laptop = await join('frontend-2', ann);
		phone.close();
		await pass(2 * GONE);
		laptop.close();
		const tablet = await join('frontend-2', ann);
		await pass(GONE);
		expect(shownOf(watcher, ann)).toEqual(shown);
		tablet.close();
		await watcher.until(() => shownOf(watcher, ann).at(-1) === false);
	});

	it('shows no change while a user drops, and returns at another frontend within d', async () => {
		const ann = newUser();
		const watcher = await watch('frontend-2', ann);
		let stream = await join('frontend-1', ann);
		await watcher.until(() => shownOf(watcher, ann).at(-1) === true);
		const shown = shownOf(watcher, ann);
		for (const name of ['frontend-2', 'frontend-1', 'frontend-2']) {
			stream.close();
			await pass(D / 2);
			stream = await join(name, ann);
		}
		await pass(GONE);
		expect(shownOf(watcher, ann)).toEqual(shown);
	});

	it('shows the presence to a viewer that joins later', async () => {
		const ann = newUser();
		await join('frontend-1', ann);
		await expect.poll(() => presenceOf('core-1', ann)).toMatchObject({ [ann]: { online: true } });
		const watcher = await watch('frontend-2', ann);
		await watcher.until(() => shownOf(watcher, ann).at(-1) === true);
	});

	it('counts heartbeats and notices in the report of the cluster', async () => {
		const counters = await Promise.all(['core-1', 'core-2'].map(async (name) => (await node(name).report()).counters));
		const sum = (name: string) => counters.reduce((total, one) => total + (one[name] ?? Number.NaN), 0);
		expect(sum('heartbeats')).toBeGreaterThan(10);
		expect(sum('online')).toBeGreaterThan(2);
		expect(sum('offline')).toBeGreaterThan(1);
		expect(sum('uncertain')).toBeGreaterThanOrEqual(0);
	});
});

/** A period that is much longer than the grace, as in the default settings. */
const LONG_D = 3_000;
const SHORT_E = 500;
const LONG_GONE = LONG_D + 2 * SHORT_E;
const LONG_TIMES = { presenceMs: `${LONG_D}`, presenceGraceMs: `${SHORT_E}` };
const ROLES = { core: 'likes,dispatcher', 'frontend-1': 'frontend', 'frontend-2': 'frontend' };

/** Enough users that some are at the end of their period at any time. */
const crowd = Array.from({ length: 12 }, (_, index) => `one-of-many-${index}`);

/** Starts a cluster with users that have been online for one period, and a viewer that follows them. */
async function startCrowd() {
	const nodes = await startCluster(ROLES, LONG_TIMES);
	const joinAll = (name: string) =>
		Promise.all(crowd.map((user) => EventStream.openQuery(nodes.node(name), `video=v&user=${user}`)));
	const query = new URLSearchParams(crowd.map((user) => ['presence', user]));
	const watcher = await EventStream.openQuery(nodes.node('frontend-2'), `${query}`);
	const streams = await joinAll('frontend-1');
	const shown = () => crowd.map((user) => eventsOf(watcher, user).at(-1)?.online);
	const isShown = (online: boolean) => watcher.until(() => shown().every((one) => one === online), 3 * LONG_GONE);
	/** Waits until the viewer sees all users as offline, the first of them not early. */
	async function areGone(since: number): Promise<void> {
		await watcher.until(() => shown().includes(false), 3 * LONG_GONE);
		expect(Date.now() - since).toBeGreaterThan(LONG_GONE - 20);
		await isShown(false);
	}
	await isShown(true);
	await pass(LONG_D);
	return { nodes, joinAll, watcher, streams, areGone };
}

describe('the presence of users that leave at any time of their period', () => {
	it('stays online when they return within d, and turns offline after d + 2e', async () => {
		const { joinAll, watcher, streams, areGone } = await startCrowd();
		const count = () => watcher.events.filter(({ name }) => name === 'presence').length;
		const before = count();
		for (const stream of streams) stream.close();
		await pass(0.9 * LONG_D);
		const back = await joinAll('frontend-2');
		await pass(LONG_GONE);
		expect(count()).toBe(before);
		const closedAt = Date.now();
		for (const stream of back) stream.close();
		await areGone(closedAt);
	});

	it('turns offline after d + 2e when their frontend stops', async () => {
		const { nodes, areGone } = await startCrowd();
		const stoppedAt = Date.now();
		await Promise.all([nodes.node('frontend-1').stop(), areGone(stoppedAt)]);
	});
});

describe('GET /v1/presence', () => {
	it.each<[string, readonly string[], 'invalid_query' | 'too_many_users' | 'invalid_user_id']>([
		['no user', [], 'invalid_query'],
		['101 users', Array.from({ length: 101 }, (_, index) => `u${index}`), 'too_many_users'],
		['one user 300 times', Array.from({ length: 300 }, () => 'u'), 'too_many_users'],
		['a text that is not an id', ['a b'], 'invalid_user_id'],
		['an empty id', ['ann', ''], 'invalid_user_id'],
		['a line break', ['a\r\nb'], 'invalid_user_id'],
		['NUL', ['a\0'], 'invalid_user_id'],
		['an unpaired surrogate', ['\ud800'], 'invalid_user_id'],
		['an id that is too long', ['a'.repeat(129)], 'invalid_user_id'],
	])('refuses %s', async (_, users, code) => {
		await expectProblem(await ask(node('likes-1'), users), 400, code);
	});

	it('accepts 100 users, also with the names of properties of every object', async () => {
		const users = ['__proto__', 'constructor', ...Array.from({ length: 98 }, (_, index) => `u${index}`)];
		const answer = (await presenceOf('frontend-1', ...users)) as Record<string, unknown>;
		expect(Object.keys(answer).sort()).toEqual([...users].sort());
		expect(Object.getOwnPropertyDescriptor(answer, '__proto__')?.value).toEqual({ online: false, lastSeen: null });
	});

	it('answers about the users that the token allows, and about its own user', async () => {
		const key = 'a-key-of-a-server-of-tests';
		const gateway = await startGateway({ jwtSecret: SECRET, apiKeys: `tests:${key}` });
		const bearing = (token: string) => ({ authorization: `Bearer ${token}` });
		const none = bearing(await signToken({ sub: 'ann' }));
		const some = bearing(await signToken({ sub: 'ann', presence: ['bob'] }));
		expect((await ask(gateway, ['ann'], none)).status).toBe(200);
		expect((await ask(gateway, ['ann', 'bob'], some)).status).toBe(200);
		expect((await ask(gateway, ['ann', 'bob', 'eve'], bearing(key))).status).toBe(200);
		await expectProblem(await ask(gateway, ['ann', 'bob'], none), 403, 'forbidden');
		await expectProblem(await ask(gateway, ['bob', 'eve'], some), 403, 'forbidden');
		await expectProblem(await ask(gateway, ['ann']), 401, 'unauthorized');
	});
});

describe('the route for heartbeats', () => {
	const peer: Peer = { node: 'frontend-9', incarnation: 1_700_000_000_000, view: '' };
	const beat = (body: unknown, headers: Record<string, string> = {}, path: string = peerPaths.presence) =>
		callAs(peer, node('core-1'), path, body, { headers });

	it('refuses nodes outside the cluster, earlier incarnations, and rings that no ping named', async () => {
		peer.view = (await node('core-1').cluster()).view;
		const ping = { leaving: false };
		expect((await callAs(peer, node('core-1'), peerPaths.ping, ping)).status).toBe(200);
		const users = { users: ['x'] };
		expect((await beat(users)).status).toBe(204);
		await expectProblem(await beat(users, { 'x-likewire-secret': 'another secret' }), 401, 'unauthorized');
		await expectProblem(await beat(users, { 'x-likewire-node': 'frontend-10' }), 409, 'peer_conflict');
		await expectProblem(await beat(users, { 'x-likewire-view': '0123456789abcdef' }), 409, 'peer_conflict');
		await expectProblem(await beat(users, { 'x-likewire-incarnation': '5' }), 409, 'peer_conflict');
		expect((await callAs(peer, node('frontend-1'), peerPaths.presence, users)).status).toBe(503);
	});

	it.each<[string, unknown]>([
		['no users', {}],
		['a text', { users: 'ann' }],
		['a text that is not an id', { users: ['ann', 'a b'] }],
		['an empty id', { users: [''] }],
		['too many users', { users: Array.from({ length: 4_001 }, (_, index) => `u${index}`) }],
		['invalid JSON', '{'],
	])('refuses %s', async (_, body) => {
		const before = (await node('core-1').report()).counters.heartbeats;
		await expectProblem(await beat(body), 400, body === '{' ? 'invalid_json' : 'invalid_body');
		await expectProblem(
			await beat(body, {}, peerPaths.presenceOf),
			400,
			body === '{' ? 'invalid_json' : 'invalid_body',
		);
		expect((await node('core-1').report()).counters.heartbeats).toBe(before);
	});
});
