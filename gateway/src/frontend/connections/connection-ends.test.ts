import { beforeEach, describe, expect, it } from 'vitest';
import { FakeViewer } from '../../../test/fake-viewer.ts';
import { deliver, hearts, makeHub, TOPIC, viewerOf, WINDOW_MS } from '../../../test/hub.ts';
import type { Hub } from './hub.ts';

let hub: Hub;
/** The users that came and went. */
let moves: [user: string, present: boolean][];
beforeEach(() => {
	moves = [];
	hub = makeHub({ onUser: (user, present) => moves.push([user, present]) });
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
		deliver(hub, hearts(1), { complete: true });
		hub.run(0);
		new FakeViewer(hub, 'old', { user: 'bob', endsAt: 30_000 });
		hub.tick(29_999, 0);
		expect(moves.splice(0)).toEqual([
			['ann', true],
			['bob', true],
		]);
		hub.tick(30_000, 0);
		expect(moves.sort()).toEqual([
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
		deliver(hub, hearts(1));
		hub.run(30_399);
		expect(old.socket.state).toBe('open');
		deliver(hub, hearts(2));
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
		const young = viewerOf(hub, 'young');
		deliver(hub, hearts(1));
		hub.run(0);
		deliver(hub, hearts(2));
		hub.tick(WINDOW_MS / 2, 0);
		expect(old.hearts).toBe(2);
		expect(old.events.at(-1)?.name).toBe('bye');
		expect(young.hearts).toBe(1);
		hub.run(WINDOW_MS);
		expect(young.likes.map(({ delta }) => delta)).toEqual([{}, { heart: 1 }]);
	});
});

describe('Hub, for a client that confirms that it is alive', () => {
	it('ends the connection 150 s after the last confirmation, with its user offline and one viewer less', () => {
		const a = new FakeViewer(hub, 'a', { user: 'ann' });
		hub.subscribe(a.connection, TOPIC, 0);
		a.connection.alive(1_000);
		hub.tick(100_000, 0);
		a.connection.alive(100_000);
		hub.run(100_000);
		hub.tick(249_999, 0);
		expect(hub.topics.registration(TOPIC)?.count).toBe(1);
		expect(moves).toEqual([['ann', true]]);
		hub.run(249_999);
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
