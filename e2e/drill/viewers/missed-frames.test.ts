import { describe, expect, it } from 'vitest';
import { missedFrames, type Watching } from './missed-frames.ts';

const viewer = (frames: Record<string, number[]>, videos = ['v']): Watching => ({
	videos,
	frames: new Map(Object.entries(frames)),
});
const at = (...times: number[]) => times.map((acceptedAt) => ({ video: 'v', acceptedAt }));

describe('missedFrames', () => {
	it('counts seconds with an accepted like and without a frame', () => {
		const likes = at(1_100, 2_100, 3_100);
		const viewers = [viewer({ v: [1_150, 3_200] }), viewer({ v: [1_150, 2_150, 3_150] })];
		expect(missedFrames([{ from: 1_000, to: 4_000 }], likes, viewers)).toEqual({ missed: 1, of: 6 });
	});

	it('counts a frame in the next second as missed', () => {
		expect(missedFrames([{ from: 0, to: 1_000 }], at(10), [viewer({ v: [1_010] })])).toEqual({ missed: 1, of: 1 });
	});

	it('counts every second for a viewer without frames', () => {
		expect(missedFrames([{ from: 0, to: 2_000 }], at(10, 1_010), [viewer({})])).toEqual({ missed: 2, of: 2 });
	});

	it('expects no frame for a like at the end of a second, or without an acceptance', () => {
		const likes = [...at(1_800), { video: 'v' }];
		expect(missedFrames([{ from: 1_000, to: 2_000 }], likes, [viewer({})])).toEqual({ missed: 0, of: 0 });
	});

	it('expects no frame outside the load, or in an incomplete second', () => {
		const periods = [
			{ from: 0, to: 1_400 },
			{ from: 5_000, to: 6_000 },
		];
		expect(missedFrames(periods, at(1_100, 3_000, 5_100), [viewer({ v: [5_200] })])).toEqual({ missed: 0, of: 1 });
	});

	it('counts only the videos that a viewer follows', () => {
		const likes = [...at(100), { video: 'w', acceptedAt: 100 }];
		expect(missedFrames([{ from: 0, to: 1_000 }], likes, [viewer({ v: [200] })])).toEqual({ missed: 0, of: 1 });
	});
});
