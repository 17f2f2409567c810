import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeViewer } from '../../../test/fake-viewer.ts';
import { deliver, hearts, makeHub, TOPIC } from '../../../test/hub.ts';
import { COMMENT_FRAME } from './frames.ts';
import { type Hub, TURN_BUDGET } from './hub.ts';

let hub: Hub;
beforeEach(() => {
	hub = makeHub();
});

function show(likes: number, now: number): void {
	deliver(hub, hearts(likes));
	hub.run(now);
}

function viewer(id: string, endsAt?: number): FakeViewer {
	const made = new FakeViewer(hub, id, endsAt === undefined ? {} : { endsAt });
	hub.subscribe(made.connection, TOPIC, 0);
	return made;
}

describe('Connection of a viewer that does not read', () => {
	it('gets one frame and then nothing, however many updates follow', () => {
		const slow = viewer('slow');
		const fast = viewer('fast');
		show(1, 0);
		slow.stall();
		for (let likes = 2; likes <= 50; likes++) show(likes, likes * 100);
		expect(slow.socket.frames).toHaveLength(2);
		expect(fast.hearts).toBe(50);
	});

	it('gets the newest state when it drains, as one delta to the state that it received', () => {
		const slow = viewer('slow');
		show(1, 0);
		slow.stall();
		for (let likes = 2; likes <= 50; likes++) show(likes, likes * 100);
		slow.resume(6_000);
		expect(slow.likes).toHaveLength(3);
		expect(slow.likes.at(-1)).toMatchObject({ totals: { heart: 50 }, delta: { heart: 48 } });
	});

	it('gets updates that come after it drained', () => {
		const slow = viewer('slow');
		show(1, 0);
		slow.stall();
		show(2, 100);
		slow.resume(200);
		show(3, 300);
		expect(slow.hearts).toBe(3);
	});

	it('gets a comment when it drains without an update, since the tail leaves with the next write', () => {
		const slow = viewer('slow');
		slow.stall();
		show(1, 0);
		slow.resume(100);
		expect(slow.socket.frames).toHaveLength(2);
		expect(new TextDecoder().decode(slow.socket.frames[1])).toMatch(/^:.*\n\n$/);
	});

	it('may block again while it drains, and continues from there', () => {
		const slow = new FakeViewer(hub, 'slow');
		const topics = ['video:v1', 'video:v2', 'video:v3'];
		for (const topic of topics) hub.subscribe(slow.connection, topic, 0);
		slow.stall();
		for (const topic of topics) deliver(hub, hearts(1), {}, topic);
		hub.run(0);
		expect(slow.likes).toHaveLength(1);
		slow.connection.drained(100);
		expect(slow.likes).toHaveLength(2);
		slow.connection.drained(200);
		expect(slow.likes).toHaveLength(3);
		slow.resume(300);
		for (const video of ['v1', 'v2', 'v3']) expect(slow.tally.of(video)).toEqual({ heart: 1 });
	});

	it('gets no heartbeat but comments, and is cut after 30 s of blocking', () => {
		const slow = viewer('slow');
		slow.stall();
		show(1, 1_000);
		for (const now of [2_000, 16_000, 30_999]) hub.tick(now, 0);
		expect(slow.socket.state).toBe('open');
		const written = slow.socket.frames.slice(1);
		expect(written).toEqual([COMMENT_FRAME, COMMENT_FRAME, COMMENT_FRAME]);
		hub.tick(31_000, 0);
		expect(slow.socket.state).toBe('closed');
		expect(hub.connectionCount).toBe(0);
		show(2, 40_000);
		expect(slow.socket.frames).toHaveLength(4);
	});

	it('is not cut when it drained in time', () => {
		const slow = viewer('slow');
		slow.stall();
		show(1, 1_000);
		slow.resume(30_000);
		hub.tick(31_000, 0);
		expect(slow.socket.state).toBe('open');
	});

	it('is cut without a frame at the end of its lifetime', () => {
		const slow = viewer('slow', 5_000);
		slow.stall();
		show(1, 1_000);
		hub.tick(5_000, 0);
		expect([slow.socket.state, slow.socket.frames.length]).toEqual(['closed', 1]);
	});
});

describe('Connection', () => {
	/** Does what a frontend does each second. */
	function pass(now: number, wallTime: number): void {
		hub.tick(now, wallTime);
		hub.run(now);
	}

	it('gets a heartbeat with the wall time after a silence, and none while it gets updates', () => {
		const a = viewer('a');
		show(1, 10_000);
		pass(24_999, 1);
		expect(a.events.map(({ name }) => name)).not.toContain('heartbeat');
		pass(25_000, 1_700_000_000_000);
		expect(a.events.at(-1)).toEqual({ name: 'heartbeat', data: { at: 1_700_000_000_000 } });
		pass(39_999, 2);
		expect(a.events.filter(({ name }) => name === 'heartbeat')).toHaveLength(1);
		pass(40_000, 2);
		expect(a.events.filter(({ name }) => name === 'heartbeat')).toHaveLength(2);
	});

	it('shares its heartbeat frame with the others', () => {
		const [a, b] = [viewer('a'), viewer('b')];
		pass(15_000, 1);
		expect(a.socket.frames[0]).toBe(b.socket.frames[0]);
	});

	it('waits for its heartbeat while many others get theirs, as long as a few turns take', () => {
		const viewers = Array.from({ length: 3 * TURN_BUDGET }, (_, index) => viewer(`v${index}`));
		const given = () => viewers.filter(({ events }) => events.at(-1)?.name === 'heartbeat').length;
		hub.tick(15_000, 1);
		expect(given()).toBe(0);
		let turns = 0;
		for (let due: number | undefined = 15_000; due !== undefined && due <= 15_000; turns++) {
			const before = given();
			due = hub.run(15_000);
			expect(given() - before).toBeLessThanOrEqual(TURN_BUDGET / 2);
		}
		expect([given(), turns]).toEqual([viewers.length, 6]);
		pass(16_000, 2);
		expect(viewers.map(({ events }) => events.length)).toEqual(viewers.map(() => 1));
	});

	it('gets a bye that asks it to come back, and ends, when its lifetime is over', () => {
		const a = viewer('a', 60_000);
		const b = viewer('b', 90_000);
		pass(59_999, 0);
		expect(a.socket.state).toBe('open');
		pass(60_000, 0);
		expect(a.events.at(-1)).toEqual({ name: 'bye', data: { reason: 'lifetime', retryMs: 777 }, retryMs: 777 });
		expect([a.socket.state, b.socket.state]).toEqual(['ended', 'open']);
		expect(hub.connectionCount).toBe(1);
	});
});

describe('Connection after any events', () => {
	const viewerIndex = fc.integer({ min: 0, max: 3 });
	const step = fc.oneof(
		fc.record({ kind: fc.constant('like' as const), topic: fc.integer({ min: 0, max: 1 }) }),
		fc.record({ kind: fc.constant('old update' as const), topic: fc.integer({ min: 0, max: 1 }) }),
		fc.record({ kind: fc.constantFrom('stall', 'resume', 'join', 'leave'), viewer: viewerIndex }),
		fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 120 }) }),
	);

	it('receives a snapshot and deltas that add up to the totals, and the newest totals once it reads', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				hub = makeHub();
				const topics = ['video:v0', 'video:v1'];
				const likes = [0, 0];
				const viewers: (FakeViewer | undefined)[] = [];
				let now = 0;
				for (const [index, one] of steps.entries()) {
					if (one.kind === 'pass') now += one.ms;
					else if ('topic' in one) {
						const { topic } = one;
						if (one.kind === 'like') likes[topic] = (likes[topic] ?? 0) + 1;
						deliver(hub, hearts(Math.max(0, (likes[topic] ?? 0) - (one.kind === 'like' ? 0 : 1))), {}, topics[topic]);
					} else {
						const known = viewers[one.viewer];
						if (one.kind === 'stall') known?.stall();
						else if (one.kind === 'resume') known?.resume(now);
						else if (known !== undefined && one.kind === 'leave') {
							hub.disconnect(known.connection, now);
							viewers[one.viewer] = undefined;
						} else if (known === undefined && one.kind === 'join') {
							const joined = new FakeViewer(hub, `viewer-${index}`, { now });
							for (const topic of topics) hub.subscribe(joined.connection, topic, now);
							viewers[one.viewer] = joined;
						}
					}
					hub.run(now);
				}
				for (const [topic, count] of likes.entries()) deliver(hub, hearts(count), {}, topics[topic]);
				while (hub.run(now) !== undefined) now += 50;
				for (const known of viewers) {
					known?.resume(now);
					if (known === undefined) continue;
					// Reading the events checks each of them.
					expect(known.events.length).toBeGreaterThan(0);
					for (const [topic, count] of likes.entries()) expect(known.tally.of(`v${topic}`)).toEqual({ heart: count });
				}
			}),
		);
	});
});
