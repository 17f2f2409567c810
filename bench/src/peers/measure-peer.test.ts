import { describe, expect, it } from 'vitest';
import type { GroupReport } from '../viewers/viewer-report.ts';
import { checkOf } from './measure-peer.ts';

const COMPLETE: GroupReport = {
	...{ name: 'all', opened: 2, withSnapshot: 2, closed: 0, frames: 6, bytes: 600, deliveries: 6, shown: 6 },
	violations: { snapshot: 0, sum: 0, fall: 0, format: 0 },
	lowest: { heart: 3 },
	highest: { heart: 3 },
	latency: { maxMs: 1, sumMs: 6, buckets: [[5, 6]] },
};

const isOk = (change: Partial<GroupReport>, frames?: number) =>
	checkOf('a peer', { ...COMPLETE, ...change }, 3, frames).ok;

describe('checkOf', () => {
	it('holds when every viewer has every event', () => {
		expect(isOk({}, 6)).toBe(true);
	});

	it('holds for a server that merged events', () => {
		expect(isOk({ frames: 4 })).toBe(true);
	});

	it.each<[string, Partial<GroupReport>]>([
		['a frame is missing', { frames: 5 }],
		['a frame came twice', { frames: 7 }],
		['a viewer has fewer hearts', { lowest: { heart: 2 } }],
		['a viewer has more hearts', { highest: { heart: 4 } }],
		['a viewer was cut off', { closed: 1 }],
		['a sum was wrong', { violations: { snapshot: 0, sum: 1, fall: 0, format: 0 } }],
	])('fails when %s', (_, change) => {
		expect(isOk(change, 6)).toBe(false);
	});
});
