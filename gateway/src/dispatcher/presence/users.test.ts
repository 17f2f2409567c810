import { type PresenceEvent, paths } from '@likewire/protocol';
import { describe, expect, it, vi } from 'vitest';
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
let people = 0;
const newPerson = () => `person-${++people}`;

const watch = (name: string, ...users: string[]) =>
	EventStream.openQuery(node(name), new URLSearchParams(users.map((user) => ['presence', user])).toString());
const beThere = (name: string, user: string) => EventStream.openQuery(node(name), `video=v&user=${user}`);
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

/** That nothing shows within a time, or before one, is seen by letting it pass: there is nothing else to wait for. */
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('people in a cluster', () => {
	it('are shown as they come and, a while after they went, as they go', async () => {
		const [ann, bob] = [newPerson(), newPerson()];
		const watcher = await watch('frontend-2', ann, bob);
		const from = Date.now();
		const stream = await beThere('frontend-1', ann);
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
		// That is when the last heartbeat came, and not when it showed that no more come.
		expect(lastSeen).toBeLessThanOrEqual(Date.now() - GONE + 20);
		expect(await presenceOf('likes-1', ann)).toEqual({ [ann]: { online: false, lastSeen } });
	});

	it('are there on whichever device, and nothing is shown of one that comes or goes beside another', async () => {
		const ann = newPerson();
		const watcher = await watch('frontend-1', ann);
		const phone = await beThere('frontend-1', ann);
		await watcher.until(() => shownOf(watcher, ann).at(-1) === true);
		const shown = shownOf(watcher, ann);
		const laptop = await beThere('frontend-2', ann);
		phone.close();
		await pass(2 * GONE);
		laptop.close();
		const tablet = await beThere('frontend-2', ann);
		await pass(GONE);
		expect(shownOf(watcher, ann)).toEqual(shown);
		tablet.close();
		await watcher.until(() => shownOf(watcher, ann).at(-1) === false);
	});

	it('show nothing while they are in a tunnel: they drop, and return at another frontend', async () => {
		const ann = newPerson();
		const watcher = await watch('frontend-2', ann);
		let stream = await beThere('frontend-1', ann);
		await watcher.until(() => shownOf(watcher, ann).at(-1) === true);
		const shown = shownOf(watcher, ann);
		for (const name of ['frontend-2', 'frontend-1', 'frontend-2']) {
			stream.close();
			await pass(D / 2);
			stream = await beThere(name, ann);
		}
		await pass(GONE);
		expect(shownOf(watcher, ann)).toEqual(shown);
	});

	it('are known to who begins to watch them later', async () => {
		const ann = newPerson();
		await beThere('frontend-1', ann);
		await vi.waitFor(async () => expect(await presenceOf('core-1', ann)).toMatchObject({ [ann]: { online: true } }));
		const watcher = await watch('frontend-2', ann);
		await watcher.until(() => shownOf(watcher, ann).at(-1) === true);
	});

	it('are counted in the report of the cluster', async () => {
		const counters = await Promise.all(['core-1', 'core-2'].map(async (name) => (await node(name).report()).counters));
		const sum = (name: string) => counters.reduce((total, one) => total + (one[name] ?? Number.NaN), 0);
		expect(sum('heartbeats')).toBeGreaterThan(10);
		expect(sum('online')).toBeGreaterThan(2);
		expect(sum('offline')).toBeGreaterThan(1);
		expect(sum('uncertain')).toBeGreaterThanOrEqual(0);
	});
});

/** A period that is much longer than what may be late, as it is by default. */
const LONG_D = 3_000;
const SHORT_E = 500;
const LONG_GONE = LONG_D + 2 * SHORT_E;
const LONG_TIMES = { presenceMs: `${LONG_D}`, presenceGraceMs: `${SHORT_E}` };
const ROLES = { core: 'likes,dispatcher', 'frontend-1': 'frontend', 'frontend-2': 'frontend' };

/** So many that some are at the end of their period, whenever that is asked. */
const crowd = Array.from({ length: 12 }, (_, index) => `one-of-many-${index}`);

/** A crowd that has been there for a period, and somebody who watches it. */
async function startCrowd() {
	const nodes = await startCluster(ROLES, LONG_TIMES);
	const come = (name: string) =>
		Promise.all(crowd.map((user) => EventStream.openQuery(nodes.node(name), `video=v&user=${user}`)));
	const query = new URLSearchParams(crowd.map((user) => ['presence', user]));
	const watcher = await EventStream.openQuery(nodes.node('frontend-2'), `${query}`);
	const streams = await come('frontend-1');
	const shown = () => crowd.map((user) => eventsOf(watcher, user).at(-1)?.online);
	const isShown = (online: boolean) => watcher.until(() => shown().every((one) => one === online), 3 * LONG_GONE);
	/** Waits until all are shown as offline, the first of them not before its time. */
	async function areGone(since: number): Promise<void> {
		await watcher.until(() => shown().includes(false), 3 * LONG_GONE);
		expect(Date.now() - since).toBeGreaterThan(LONG_GONE - 20);
		await isShown(false);
	}
	await isShown(true);
	await pass(LONG_D);
	return { nodes, come, watcher, streams, areGone };
}

describe('people who go, wherever in their period', () => {
	it('show nothing when they are back within the period, and are told to be gone two graces after it', async () => {
		const { come, watcher, streams, areGone } = await startCrowd();
		const told = () => watcher.events.filter(({ name }) => name === 'presence').length;
		const before = told();
		for (const stream of streams) stream.close();
		await pass(0.9 * LONG_D);
		const back = await come('frontend-2');
		await pass(LONG_GONE);
		expect(told()).toBe(before);
		const closedAt = Date.now();
		for (const stream of back) stream.close();
		await areGone(closedAt);
	});

	it('have as long when it is their frontend that stops', async () => {
		const { nodes, areGone } = await startCrowd();
		const stoppedAt = Date.now();
		await Promise.all([nodes.node('frontend-1').stop(), areGone(stoppedAt)]);
	});
});

describe('a question for people', () => {
	it.each<[string, readonly string[], 'invalid_query' | 'too_many_users' | 'invalid_user_id']>([
		['nobody', [], 'invalid_query'],
		['101 people', Array.from({ length: 101 }, (_, index) => `u${index}`), 'too_many_users'],
		['the same one 300 times', Array.from({ length: 300 }, () => 'u'), 'too_many_users'],
		['no id', ['a b'], 'invalid_user_id'],
		['an empty name', ['ann', ''], 'invalid_user_id'],
		['a line end', ['a\r\nb'], 'invalid_user_id'],
		['NUL', ['a\0'], 'invalid_user_id'],
		['an unpaired surrogate', ['\ud800'], 'invalid_user_id'],
		['a name that is too long', ['a'.repeat(129)], 'invalid_user_id'],
	])('is refused when it names %s', async (_, users, code) => {
		await expectProblem(await ask(node('likes-1'), users), 400, code);
	});

	it('takes a hundred people, and names that every object has', async () => {
		const users = ['__proto__', 'constructor', ...Array.from({ length: 98 }, (_, index) => `u${index}`)];
		const answer = (await presenceOf('frontend-1', ...users)) as Record<string, unknown>;
		expect(Object.keys(answer).sort()).toEqual([...users].sort());
		expect(Object.getOwnPropertyDescriptor(answer, '__proto__')?.value).toEqual({ online: false, lastSeen: null });
	});

	it('is answered about those whom the token allows, and oneself', async () => {
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

describe('a dispatcher refuses heartbeats', () => {
	const peer: Peer = { node: 'frontend-9', incarnation: 1_700_000_000_000, view: '' };
	const beat = (body: unknown, headers: Record<string, string> = {}, path: string = peerPaths.presence) =>
		callAs(peer, node('core-1'), path, body, { headers });

	it('of who has no part in the cluster, of a life that is over, and by a ring that nobody told of', async () => {
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
		['nothing', {}],
		['a text', { users: 'ann' }],
		['what is no id', { users: ['ann', 'a b'] }],
		['an empty name', { users: [''] }],
		['too many people', { users: Array.from({ length: 4_001 }, (_, index) => `u${index}`) }],
		['no JSON', '{'],
	])('that name %s', async (_, body) => {
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
