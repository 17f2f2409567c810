import { beforeEach, describe, expect, it } from 'vitest';
import { FakeViewer } from '../../../test/fake-viewer.ts';
import { byeFrame } from '../../http/stream/stream-close.ts';
import { type CounterRows, hashLikes } from '../../state/counters.ts';
import type { Update } from '../../state/update.ts';
import { TOPIC_LINGER_MS } from '../topic/topic-table.ts';
import { Hub, TURN_BUDGET } from './hub.ts';

const WINDOW_MS = 50;
const TOPIC = 'video:v1';

const hearts = (added: number, removed = 0): CounterRows => ({ s: { epoch: 1, counts: { heart: [added, removed] } } });

let hub: Hub;
/** The topics whose viewers changed, in the order in which the hub named them. */
let changed: string[];
/** The users that came and went. */
let moves: [user: string, present: boolean][];
beforeEach(() => {
	changed = [];
	moves = [];
	hub = new Hub({
		windowMs: WINDOW_MS,
		commentsPerSecond: 0,
		heartbeatMs: 15_000,
		blockedTimeoutMs: 30_000,
		lifetimeBye: () => byeFrame({ reason: 'lifetime', retryMs: 777 }),
		onCount: (topic) => changed.push(topic),
		onUser: (user, present) => moves.push([user, present]),
	});
});

function deliver(rows: CounterRows, more: Partial<Update> = {}, topic = TOPIC): void {
	hub.topics.deliver(new Map([[topic, { rows, complete: true, sample: [], at: 0, ...more }]]));
}

function viewer(id: string, now = 0, ...topics: string[]): FakeViewer {
	const made = new FakeViewer(hub, id, { now });
	for (const topic of topics.length === 0 ? [TOPIC] : topics) hub.subscribe(made.connection, topic, now);
	return made;
}

describe('Hub, for a viewer', () => {
	it('sends nothing until the state is complete, then all of it as a snapshot', () => {
		const a = viewer('a');
		deliver(hearts(3), { complete: false });
		hub.run(0);
		expect(a.likes).toEqual([]);
		deliver(hearts(2));
		hub.run(1);
		expect(a.likes).toMatchObject([{ video: 'v1', totals: { heart: 3 }, delta: {}, shown: 0, of: 0, revision: 3 }]);
	});

	it('sends the difference to the state that it sent before', () => {
		const a = viewer('a');
		deliver(hearts(3));
		hub.run(0);
		deliver(hearts(8, 1), { complete: false });
		hub.run(100);
		deliver(hearts(8, 4), { complete: false });
		hub.run(200);
		expect(a.likes.slice(1)).toMatchObject([
			{ totals: { heart: 7 }, delta: { heart: 4 }, of: 4, revision: 9 },
			{ totals: { heart: 4 }, delta: { heart: -3 }, of: 0, revision: 12 },
		]);
	});

	it('sends a late viewer the state that the others have, and then the same delta as them', () => {
		const early = viewer('early');
		deliver(hearts(3));
		hub.run(0);
		deliver(hearts(9));
		const late = viewer('late', 10);
		expect(late.likes).toMatchObject([{ totals: { heart: 3 }, delta: {} }]);
		hub.run(WINDOW_MS);
		expect(late.likes.at(-1)).toMatchObject({ totals: { heart: 9 }, delta: { heart: 6 } });
		expect(late.likes.at(-1)).toEqual(early.likes.at(-1));
	});

	it('sends nothing when the state is the same', () => {
		const a = viewer('a');
		deliver(hearts(3));
		hub.run(0);
		deliver(hearts(3));
		deliver(hearts(1));
		expect(hub.run(1_000)).toBeUndefined();
		expect(a.likes).toHaveLength(1);
	});

	it('sends nothing after the viewer left', () => {
		const a = viewer('a');
		deliver(hearts(1));
		hub.run(0);
		hub.disconnect(a.connection, 10);
		deliver(hearts(2));
		hub.run(1_000);
		expect(a.likes).toHaveLength(1);
		expect(hub.connectionCount).toBe(0);
	});

	it('sends a new snapshot when it unsubscribes and subscribes again', () => {
		const a = viewer('a');
		deliver(hearts(1));
		hub.run(0);
		hub.unsubscribe(a.connection, TOPIC, 10);
		deliver(hearts(5));
		hub.run(100);
		expect(a.likes).toHaveLength(1);
		a.tally.forget('v1');
		hub.subscribe(a.connection, TOPIC, 200);
		expect(a.likes.at(-1)).toMatchObject({ totals: { heart: 5 }, delta: {} });
	});

	it('sends each update once when it subscribes twice', () => {
		const a = viewer('a', 0, TOPIC, TOPIC);
		deliver(hearts(1));
		hub.run(0);
		expect(a.likes).toHaveLength(1);
		hub.unsubscribe(a.connection, TOPIC, 1);
		deliver(hearts(2));
		hub.run(1_000);
		expect(a.likes).toHaveLength(1);
	});

	it('sends updates of several videos separately', () => {
		const a = viewer('a', 0, 'video:v1', 'video:v2');
		deliver(hearts(1), {}, 'video:v1');
		deliver(hearts(20), {}, 'video:v2');
		hub.run(0);
		deliver(hearts(21), {}, 'video:v2');
		hub.run(100);
		expect(a.likes.map(({ video, totals }) => [video, totals.heart])).toEqual([
			['v1', 1],
			['v2', 20],
			['v2', 21],
		]);
	});
});

describe('Hub, within a window', () => {
	it('sends the first update after a quiet time at once and merges the rest into one frame', () => {
		const a = viewer('a');
		deliver(hearts(0));
		hub.run(0);
		deliver(hearts(1));
		expect(hub.run(1_000)).toBeUndefined();
		expect(a.hearts).toBe(1);
		for (let likes = 2; likes <= 20; likes++) {
			deliver(hearts(likes));
			expect(hub.run(1_000 + likes)).toBe(1_000 + WINDOW_MS);
		}
		expect(a.likes).toHaveLength(2);
		expect(hub.run(1_000 + WINDOW_MS)).toBeUndefined();
		expect(a.likes).toHaveLength(3);
		expect(a.likes.at(-1)).toMatchObject({ totals: { heart: 20 }, delta: { heart: 19 } });
	});

	it('delays no other video', () => {
		const a = viewer('a', 0, 'video:v1', 'video:v2');
		deliver(hearts(1), {}, 'video:v1');
		hub.run(0);
		deliver(hearts(2), {}, 'video:v1');
		deliver(hearts(7), {}, 'video:v2');
		expect(hub.run(1)).toBe(WINDOW_MS);
		expect(a.likes.map(({ video }) => video)).toEqual(['v1', 'v2']);
	});
});

describe('A frame of the hub', () => {
	it('is encoded once and shared by all viewers with the same previous state', () => {
		const viewers = ['a', 'b', 'c'].map((id) => viewer(id));
		deliver(hearts(1));
		hub.run(0);
		deliver(hearts(2));
		hub.run(100);
		const [first, ...others] = viewers;
		expect(first?.socket.frames).toHaveLength(2);
		for (const { socket } of others) {
			for (const [index, frame] of socket.frames.entries()) expect(frame).toBe(first?.socket.frames[index]);
		}
	});

	it('shows a sample of the likes that it adds, and their number', () => {
		const like = (id: string, type: string, at: number) => ({ id, user: 'u', type, at });
		const a = viewer('a');
		deliver(hearts(1));
		hub.run(0);
		deliver(hearts(4), { sample: [like('x', 'heart', 9), like('y', 'heart', 8)] });
		hub.run(100);
		expect(a.likes.at(-1)).toMatchObject({
			delta: { heart: 3 },
			recent: [{ id: 'y' }, { id: 'x' }],
			shown: 2,
			of: 3,
		});
		deliver(hearts(5), { sample: [like('z', 'heart', 10)] });
		hub.run(200);
		expect(a.likes.at(-1)).toMatchObject({ recent: [{ id: 'z' }], shown: 1, of: 1 });
	});

	it('shows no like again when an old update comes late', () => {
		const a = viewer('a');
		deliver(hearts(1));
		hub.run(0);
		deliver(hearts(3), { sample: [{ id: 'x', user: 'u', type: 'heart', at: 1 }] });
		hub.run(100);
		deliver(hearts(3), { sample: [{ id: 'x', user: 'u', type: 'heart', at: 1 }] });
		deliver(hearts(4));
		hub.run(200);
		expect(a.likes.at(-1)).toMatchObject({ recent: [], shown: 0, of: 1 });
	});

	it('never shows more likes of a type than it adds', () => {
		const a = viewer('a');
		deliver(hearts(0));
		hub.run(0);
		const sample = ['x', 'y', 'z'].map((id) => ({ id, user: 'u', type: 'heart', at: 1 }));
		deliver(hearts(3, 2), { sample });
		hub.run(100);
		expect(a.likes.at(-1)).toMatchObject({ delta: { heart: 1 }, shown: 1, of: 1 });
	});
});

describe('The registrations of the hub', () => {
	/** Returns the registrations of the topics that changed since the last call, each topic once. */
	function registered(): unknown {
		return Object.fromEntries([...new Set(changed.splice(0))].map((topic) => [topic, hub.topics.registration(topic)]));
	}

	it('name each topic with its viewers, and nothing when nothing changed', () => {
		viewer('a');
		const b = viewer('b', 0, TOPIC, 'video:v2');
		expect(registered()).toEqual({
			[TOPIC]: { topic: TOPIC, count: 2, hash: undefined, revision: 0 },
			'video:v2': { topic: 'video:v2', count: 1, hash: undefined, revision: 0 },
		});
		hub.subscribe(b.connection, TOPIC, 0);
		hub.unsubscribe(b.connection, 'video:v3', 0);
		hub.run(0);
		hub.tick(0, 0);
		expect(registered()).toEqual({});
		hub.disconnect(b.connection, 1);
		hub.disconnect(b.connection, 2);
		expect(registered()).toMatchObject({ [TOPIC]: { count: 1 }, 'video:v2': { count: 0 } });
	});

	it('name a topic for a while after its last viewer left, and then that it is gone', () => {
		const a = viewer('a');
		deliver(hearts(1));
		hub.run(0);
		hub.disconnect(a.connection, 1_000);
		expect(registered()).toMatchObject({ [TOPIC]: { topic: TOPIC, count: 0 } });
		deliver(hearts(2));
		hub.run(2_000);
		hub.tick(1_000 + TOPIC_LINGER_MS - 1, 0);
		const back = viewer('b', 5_000);
		expect(back.hearts).toBe(2);
		hub.tick(1_000 + TOPIC_LINGER_MS, 0);
		expect(hub.topics.size).toBe(1);
		hub.disconnect(back.connection, 20_000);
		registered();
		hub.tick(20_000 + TOPIC_LINGER_MS, 0);
		expect(hub.topics.size).toBe(0);
		expect(registered()).toEqual({ [TOPIC]: undefined });
	});

	it('name idle topics as gone at once when the hub closes them, and no other', () => {
		const a = viewer('a');
		viewer('b', 0, 'video:v2');
		hub.disconnect(a.connection, 0);
		registered();
		hub.topics.closeIdle();
		expect(registered()).toEqual({ [TOPIC]: undefined });
		expect([...hub.topics.topicNames()]).toEqual(['video:v2']);
	});

	it('name the hash of the known state of each topic', () => {
		viewer('a');
		viewer('b', 0, 'video:v2');
		deliver(hearts(4));
		expect([...hub.topics.topicNames()].map((topic) => hub.topics.registration(topic))).toEqual([
			{ topic: TOPIC, count: 1, hash: hashLikes(hearts(4)), revision: 4 },
			{ topic: 'video:v2', count: 1, hash: undefined, revision: 0 },
		]);
	});

	it('name no topic that has an update and no viewer', () => {
		deliver(hearts(4));
		expect(hub.run(0)).toBeUndefined();
		expect(hub.topics.size).toBe(0);
		expect(registered()).toEqual({});
		expect(hub.topics.registration(TOPIC)).toBeUndefined();
	});
});

describe('Hub, for a user', () => {
	it('reports the first connection of the user and the end of the last one', () => {
		const [phone, laptop] = ['phone', 'laptop'].map((id) => new FakeViewer(hub, id, { user: 'ann' }).connection);
		new FakeViewer(hub, 'tv');
		expect([moves.splice(0), [...hub.users.all()]]).toEqual([[['ann', true]], ['ann']]);
		for (const connection of [phone, phone]) if (connection) hub.disconnect(connection, 1);
		expect([moves.splice(0), [...hub.users.all()]]).toEqual([[], ['ann']]);
		if (laptop) hub.disconnect(laptop, 2);
		expect([moves, [...hub.users.all()]]).toEqual([[['ann', false]], []]);
	});

	it('reports the end of a connection that is cut as blocked, or whose lifetime is over, at once', () => {
		const slow = new FakeViewer(hub, 'slow', { user: 'ann' });
		hub.subscribe(slow.connection, TOPIC, 0);
		slow.stall();
		deliver(hearts(1), { complete: true });
		hub.run(0);
		new FakeViewer(hub, 'old', { user: 'bob', endsAt: 30_000 });
		hub.tick(29_999, 0);
		expect(moves.splice(0)).toEqual([
			['ann', true],
			['bob', true],
		]);
		hub.tick(30_000, 0);
		expect(moves).toEqual([
			['ann', false],
			['bob', false],
		]);
	});
});

describe('Hub, at the end of a lifetime', () => {
	it('ends the connection at that time, between two ticks', () => {
		const old = new FakeViewer(hub, 'old', { endsAt: 60_000 });
		hub.subscribe(old.connection, TOPIC, 0);
		expect(hub.run(0)).toBeUndefined();
		hub.endBy(old.connection, 30_400, 0);
		hub.endBy(old.connection, 50_000, 0);
		hub.tick(28_000, 0);
		expect(hub.run(28_000)).toBeUndefined();
		hub.tick(29_000, 0);
		expect(hub.run(29_000)).toBe(30_400);
		deliver(hearts(1));
		hub.run(30_399);
		expect(old.socket.state).toBe('open');
		deliver(hearts(2));
		hub.run(30_400);
		expect(old.socket.state).toBe('ended');
		expect(old.events.at(-1)).toMatchObject({ name: 'bye' });
		expect(hub.connectionCount).toBe(0);
	});

	it('ends a connection soon after a new limit, without a tick', () => {
		const old = new FakeViewer(hub, 'old', { endsAt: 60_000 });
		hub.endBy(old.connection, 1_200, 0);
		expect(hub.run(0)).toBe(1_200);
		hub.run(1_200);
		expect(old.socket.state).toBe('ended');
	});

	it('sends what waits for the window before the bye, and sends it to others when the window opens', () => {
		const old = new FakeViewer(hub, 'old', { endsAt: WINDOW_MS / 2 });
		hub.subscribe(old.connection, TOPIC, 0);
		const young = viewer('young');
		deliver(hearts(1));
		hub.run(0);
		deliver(hearts(2));
		hub.tick(WINDOW_MS / 2, 0);
		expect(old.hearts).toBe(2);
		expect(old.events.at(-1)?.name).toBe('bye');
		expect(young.hearts).toBe(1);
		hub.run(WINDOW_MS);
		expect(young.likes.map(({ delta }) => delta)).toEqual([{}, { heart: 1 }]);
	});
});

describe('Hub, with a large audience', () => {
	it('sends an update in several turns, and lets other topics have theirs between them', () => {
		const crowd = Array.from({ length: TURN_BUDGET * 2 + 500 }, (_, index) => viewer(`c${index}`));
		const other = viewer('other', 0, 'video:small');
		deliver(hearts(1));
		deliver(hearts(5), {}, 'video:small');
		const informed = () => crowd.filter(({ hearts: known }) => known === 1).length;
		expect(hub.run(0)).toBeLessThanOrEqual(0);
		expect(informed()).toBe(TURN_BUDGET);
		expect(hub.run(0)).toBeLessThanOrEqual(0);
		expect(other.hearts).toBe(5);
		while (hub.run(0) !== undefined);
		expect(informed()).toBe(crowd.length);
	});

	it('merges an update into the later turns of a pass, and sends it to the earlier viewers in the next pass', () => {
		const crowd = Array.from({ length: TURN_BUDGET + 10 }, (_, index) => viewer(`c${index}`));
		deliver(hearts(1));
		hub.run(0);
		deliver(hearts(2));
		hub.run(1);
		expect(crowd.map(({ hearts: known }) => known)).toEqual(crowd.map((_, index) => (index < TURN_BUDGET ? 1 : 2)));
		expect(hub.run(WINDOW_MS - 1)).toBe(WINDOW_MS);
		for (let now = WINDOW_MS; hub.run(now) !== undefined; now++);
		for (const [index, { hearts: known, likes }] of crowd.entries()) {
			expect([known, likes.length]).toEqual([2, index < TURN_BUDGET ? 2 : 1]);
		}
	});

	it('leaves out no viewer when the audience changes during a pass', () => {
		const crowd = Array.from({ length: TURN_BUDGET + 500 }, (_, index) => viewer(`c${index}`));
		deliver(hearts(1));
		hub.run(0);
		for (const { connection } of crowd.splice(0, 300)) hub.disconnect(connection, 0);
		for (const { connection } of crowd.splice(-100)) hub.disconnect(connection, 0);
		crowd.push(viewer('late'));
		while (hub.run(0) !== undefined);
		for (const { hearts: known, likes } of crowd) expect([known, likes.length]).toEqual([1, 1]);
	});
});

describe('Hub, for a client that confirms that it is alive', () => {
	it('ends the connection 150 s after the last confirmation, with its user offline and one viewer less', () => {
		const a = new FakeViewer(hub, 'a', { user: 'ann' });
		hub.subscribe(a.connection, TOPIC, 0);
		a.connection.alive(1_000);
		hub.tick(100_000, 0);
		a.connection.alive(100_000);
		hub.tick(249_999, 0);
		expect(hub.topics.registration(TOPIC)?.count).toBe(1);
		expect(moves).toEqual([['ann', true]]);
		hub.tick(250_000, 0);
		expect(hub.topics.registration(TOPIC)?.count).toBe(0);
		expect(moves).toEqual([
			['ann', true],
			['ann', false],
		]);
		expect(a.socket.state).toBe('ended');
		expect(a.events.at(-1)?.name).toBe('bye');
	});

	it('keeps the connection of a client that never confirmed', () => {
		const a = new FakeViewer(hub, 'a', { user: 'ann' });
		hub.tick(1_000_000, 0);
		expect(a.socket.state).toBe('open');
		expect(moves).toEqual([['ann', true]]);
	});
});
