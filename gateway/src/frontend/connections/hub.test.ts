import { beforeEach, describe, expect, it } from 'vitest';
import { deliver, hearts, makeHub, TOPIC, viewerOf, WINDOW_MS } from '../../../test/hub.ts';
import { type Hub, TURN_BUDGET } from './hub.ts';

let hub: Hub;
beforeEach(() => {
	hub = makeHub();
});

describe('Hub, for a viewer', () => {
	it('sends nothing until the state is complete, then all of it as a snapshot', () => {
		const a = viewerOf(hub, 'a');
		deliver(hub, hearts(3), { complete: false });
		hub.run(0);
		expect(a.likes).toEqual([]);
		deliver(hub, hearts(2));
		hub.run(1);
		expect(a.likes).toMatchObject([{ video: 'v1', totals: { heart: 3 }, delta: {}, shown: 0, of: 0, revision: 3 }]);
	});

	it('sends the difference to the state that it sent before', () => {
		const a = viewerOf(hub, 'a');
		deliver(hub, hearts(3));
		hub.run(0);
		deliver(hub, hearts(8, 1), { complete: false });
		hub.run(100);
		deliver(hub, hearts(8, 4), { complete: false });
		hub.run(200);
		expect(a.likes.slice(1)).toMatchObject([
			{ totals: { heart: 7 }, delta: { heart: 4 }, of: 4, revision: 9 },
			{ totals: { heart: 4 }, delta: { heart: -3 }, of: 0, revision: 12 },
		]);
	});

	it('sends a late viewer the state that the others have, and then the same delta as them', () => {
		const early = viewerOf(hub, 'early');
		deliver(hub, hearts(3));
		hub.run(0);
		deliver(hub, hearts(9));
		const late = viewerOf(hub, 'late', 10);
		expect(late.likes).toMatchObject([{ totals: { heart: 3 }, delta: {} }]);
		hub.run(WINDOW_MS);
		expect(late.likes.at(-1)).toMatchObject({ totals: { heart: 9 }, delta: { heart: 6 } });
		expect(late.likes.at(-1)).toEqual(early.likes.at(-1));
	});

	it('sends nothing when the state is the same', () => {
		const a = viewerOf(hub, 'a');
		deliver(hub, hearts(3));
		hub.run(0);
		deliver(hub, hearts(3));
		deliver(hub, hearts(1));
		expect(hub.run(1_000)).toBeUndefined();
		expect(a.likes).toHaveLength(1);
	});

	it('sends nothing after the viewer left', () => {
		const a = viewerOf(hub, 'a');
		deliver(hub, hearts(1));
		hub.run(0);
		hub.disconnect(a.connection, 10);
		deliver(hub, hearts(2));
		hub.run(1_000);
		expect(a.likes).toHaveLength(1);
		expect(hub.connectionCount).toBe(0);
	});

	it('sends a new snapshot when it unsubscribes and subscribes again', () => {
		const a = viewerOf(hub, 'a');
		deliver(hub, hearts(1));
		hub.run(0);
		hub.unsubscribe(a.connection, TOPIC, 10);
		deliver(hub, hearts(5));
		hub.run(100);
		expect(a.likes).toHaveLength(1);
		a.tally.forget('v1');
		hub.subscribe(a.connection, TOPIC, 200);
		expect(a.likes.at(-1)).toMatchObject({ totals: { heart: 5 }, delta: {} });
	});

	it('sends each update once when it subscribes twice', () => {
		const a = viewerOf(hub, 'a', 0, TOPIC, TOPIC);
		deliver(hub, hearts(1));
		hub.run(0);
		expect(a.likes).toHaveLength(1);
		hub.unsubscribe(a.connection, TOPIC, 1);
		deliver(hub, hearts(2));
		hub.run(1_000);
		expect(a.likes).toHaveLength(1);
	});

	it('sends updates of several videos separately', () => {
		const a = viewerOf(hub, 'a', 0, 'video:v1', 'video:v2');
		deliver(hub, hearts(1), {}, 'video:v1');
		deliver(hub, hearts(20), {}, 'video:v2');
		hub.run(0);
		deliver(hub, hearts(21), {}, 'video:v2');
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
		const a = viewerOf(hub, 'a');
		deliver(hub, hearts(0));
		hub.run(0);
		deliver(hub, hearts(1));
		expect(hub.run(1_000)).toBeUndefined();
		expect(a.hearts).toBe(1);
		for (let likes = 2; likes <= 20; likes++) {
			deliver(hub, hearts(likes));
			expect(hub.run(1_000 + likes)).toBe(1_000 + WINDOW_MS);
		}
		expect(a.likes).toHaveLength(2);
		expect(hub.run(1_000 + WINDOW_MS)).toBeUndefined();
		expect(a.likes).toHaveLength(3);
		expect(a.likes.at(-1)).toMatchObject({ totals: { heart: 20 }, delta: { heart: 19 } });
	});

	it('delays no other video', () => {
		const a = viewerOf(hub, 'a', 0, 'video:v1', 'video:v2');
		deliver(hub, hearts(1), {}, 'video:v1');
		hub.run(0);
		deliver(hub, hearts(2), {}, 'video:v1');
		deliver(hub, hearts(7), {}, 'video:v2');
		expect(hub.run(1)).toBe(WINDOW_MS);
		expect(a.likes.map(({ video }) => video)).toEqual(['v1', 'v2']);
	});
});

describe('A frame of the hub', () => {
	it('is encoded once and shared by all viewers with the same previous state', () => {
		const viewers = ['a', 'b', 'c'].map((id) => viewerOf(hub, id));
		deliver(hub, hearts(1));
		hub.run(0);
		deliver(hub, hearts(2));
		hub.run(100);
		const [first, ...others] = viewers;
		expect(first?.socket.frames).toHaveLength(2);
		for (const { socket } of others) {
			for (const [index, frame] of socket.frames.entries()) expect(frame).toBe(first?.socket.frames[index]);
		}
	});

	it('shows a sample of the likes that it adds, and their number', () => {
		const like = (id: string, type: string, at: number) => ({ id, user: 'u', type, at });
		const a = viewerOf(hub, 'a');
		deliver(hub, hearts(1));
		hub.run(0);
		deliver(hub, hearts(4), { sample: [like('x', 'heart', 9), like('y', 'heart', 8)] });
		hub.run(100);
		expect(a.likes.at(-1)).toMatchObject({
			delta: { heart: 3 },
			recent: [{ id: 'y' }, { id: 'x' }],
			shown: 2,
			of: 3,
		});
		deliver(hub, hearts(5), { sample: [like('z', 'heart', 10)] });
		hub.run(200);
		expect(a.likes.at(-1)).toMatchObject({ recent: [{ id: 'z' }], shown: 1, of: 1 });
	});

	it('shows no like again when an old update comes late', () => {
		const a = viewerOf(hub, 'a');
		deliver(hub, hearts(1));
		hub.run(0);
		deliver(hub, hearts(3), { sample: [{ id: 'x', user: 'u', type: 'heart', at: 1 }] });
		hub.run(100);
		deliver(hub, hearts(3), { sample: [{ id: 'x', user: 'u', type: 'heart', at: 1 }] });
		deliver(hub, hearts(4));
		hub.run(200);
		expect(a.likes.at(-1)).toMatchObject({ recent: [], shown: 0, of: 1 });
	});

	it('never shows more likes of a type than it adds', () => {
		const a = viewerOf(hub, 'a');
		deliver(hub, hearts(0));
		hub.run(0);
		const sample = ['x', 'y', 'z'].map((id) => ({ id, user: 'u', type: 'heart', at: 1 }));
		deliver(hub, hearts(3, 2), { sample });
		hub.run(100);
		expect(a.likes.at(-1)).toMatchObject({ delta: { heart: 1 }, shown: 1, of: 1 });
	});
});

describe('Hub, with a large audience', () => {
	it('sends an update in several turns, and lets other topics have theirs between them', () => {
		const crowd = Array.from({ length: TURN_BUDGET * 2 + 500 }, (_, index) => viewerOf(hub, `c${index}`));
		const other = viewerOf(hub, 'other', 0, 'video:small');
		deliver(hub, hearts(1));
		deliver(hub, hearts(5), {}, 'video:small');
		const informed = () => crowd.filter(({ hearts: known }) => known === 1).length;
		expect(hub.run(0)).toBeLessThanOrEqual(0);
		expect(informed()).toBe(TURN_BUDGET);
		expect(hub.run(0)).toBeLessThanOrEqual(0);
		expect(other.hearts).toBe(5);
		while (hub.run(0) !== undefined);
		expect(informed()).toBe(crowd.length);
	});

	it('merges an update into the later turns of a pass, and sends it to the earlier viewers in the next pass', () => {
		const crowd = Array.from({ length: TURN_BUDGET + 10 }, (_, index) => viewerOf(hub, `c${index}`));
		deliver(hub, hearts(1));
		hub.run(0);
		deliver(hub, hearts(2));
		hub.run(1);
		expect(crowd.map(({ hearts: known }) => known)).toEqual(crowd.map((_, index) => (index < TURN_BUDGET ? 1 : 2)));
		expect(hub.run(WINDOW_MS - 1)).toBe(WINDOW_MS);
		for (let now = WINDOW_MS; hub.run(now) !== undefined; now++);
		for (const [index, { hearts: known, likes }] of crowd.entries()) {
			expect([known, likes.length]).toEqual([2, index < TURN_BUDGET ? 2 : 1]);
		}
	});

	it('leaves out no viewer when the audience changes during a pass', () => {
		const crowd = Array.from({ length: TURN_BUDGET + 500 }, (_, index) => viewerOf(hub, `c${index}`));
		deliver(hub, hearts(1));
		hub.run(0);
		for (const { connection } of crowd.splice(0, 300)) hub.disconnect(connection, 0);
		for (const { connection } of crowd.splice(-100)) hub.disconnect(connection, 0);
		crowd.push(viewerOf(hub, 'late'));
		while (hub.run(0) !== undefined);
		for (const { hearts: known, likes } of crowd) expect([known, likes.length]).toEqual([1, 1]);
	});
});
