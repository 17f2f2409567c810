import { describe, expect, it } from 'vitest';
import { FakeViewer } from '../../test/fake-viewer.ts';
import { topicOf, viewOf } from '../../test/views.ts';
import { byeFrame } from '../http/stream/stream-close.ts';
import { FrontendCore, TICK_MS } from './frontend-core.ts';

const { ring } = viewOf({ dispatchers: ['d1'] });
const TOPIC = topicOf(viewOf({ dispatchers: ['d1'] }), 'd1');

function makeCore({ storeLives = () => true } = {}): FrontendCore {
	return new FrontendCore({
		node: 'f1',
		incarnation: 7,
		ring,
		windowMs: 50,
		commentsPerSecond: 0,
		heartbeatMs: 15_000,
		blockedTimeoutMs: 30_000,
		lifetimeBye: () => byeFrame({ reason: 'lifetime', retryMs: 1 }),
		shutdownBye: () => byeFrame({ reason: 'shutdown', retryMs: 1 }),
		onUser: () => undefined,
		storeLives,
	});
}

/**
 * Runs the core until a time, with one tick a second; all messages arrive. Returns the topics that the
 * messages dropped.
 */
function runUntil(core: FrontendCore, from: number, until: number): string[] {
	const dropped: string[] = [];
	for (let now = from; now <= until; now += 50) {
		if (now % TICK_MS === 0) core.tick(now, now);
		for (const registration of core.run(now).registrations) {
			dropped.push(...registration.message.dropped);
			core.subscriptionSync.arrived(registration);
		}
	}
	return dropped;
}

function come(core: FrontendCore, count: number): FakeViewer[] {
	return Array.from({ length: count }, (_, index) => {
		const viewer = new FakeViewer(core.hub, `v${index}`, { user: 'ann' });
		core.hub.subscribe(viewer.connection, TOPIC, 0);
		return viewer;
	});
}

describe('FrontendCore, while it drains', () => {
	it('ends few connections at once with the bye of a shutdown, and drops their topics at the dispatchers', () => {
		const core = makeCore();
		const viewers = come(core, 50);
		runUntil(core, 50, 100);
		core.drain(10_000, 150);
		expect(core.isEmptied).toBe(false);
		expect(runUntil(core, 150, 150)).toEqual([TOPIC]);
		expect(viewers.flatMap(({ events }) => events.map(({ data }) => data))).toEqual(
			viewers.map(() => ({ reason: 'shutdown', retryMs: 1 })),
		);
		expect([core.isEmptied, core.subscriptionSync.isIdle]).toEqual([true, true]);
	});

	it.each([
		[1_000, 900],
		[400, 400],
	])('spreads the end of 500 connections over %i ms, and ends at least 50 in 100 ms', (spreadMs, overMs) => {
		const core = makeCore();
		come(core, 500);
		core.drain(spreadMs, 0);
		runUntil(core, 0, overMs / 2);
		expect(Math.abs(core.hub.connectionCount - 250)).toBeLessThan(30);
		runUntil(core, overMs / 2 + 50, overMs);
		expect(core.isEmptied).toBe(true);
	});

	it('drops polling viewers once no connection is left', () => {
		const core = makeCore();
		core.pollViewers.polled({ key: 'p', topics: [TOPIC], user: undefined }, 60_000, 0);
		runUntil(core, 0, 50);
		core.drain(1_000, 100);
		expect(runUntil(core, 100, 100)).toEqual([TOPIC]);
	});
});

describe('FrontendCore, without a drain', () => {
	it('keeps topics for viewers that come back, and ends connections with the bye of their lifetime', () => {
		const core = makeCore();
		const [viewer] = come(core, 1) as [FakeViewer];
		core.hub.endBy(viewer.connection, 100, 0);
		expect(runUntil(core, 50, 100)).toEqual([]);
		expect(viewer.events.map(({ data }) => data)).toEqual([{ reason: 'lifetime', retryMs: 1 }]);
		expect([core.isEmptied, core.hub.topics.size]).toEqual([false, 1]);
	});
});
