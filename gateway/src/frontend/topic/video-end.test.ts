import { describe, expect, it } from 'vitest';
import { FakeViewer } from '../../../test/fake-viewer.ts';
import { makeHub } from '../../../test/hub.ts';

describe('The end of a video', () => {
	it('reaches a viewer once, with the final totals, and also a later viewer', () => {
		const hub = makeHub();
		const early = new FakeViewer(hub, 'early');
		hub.subscribe(early.connection, 'video:v1', 0);
		const deliver = (hearts: readonly [number, number], endedAt?: number) => {
			const update = {
				rows: { eu: { epoch: 1, counts: { heart: hearts }, endedAt } },
				complete: true,
				sample: [],
				at: 0,
			};
			hub.topics.deliver(new Map([['video:v1', update]]));
		};
		deliver([3, 0]);
		hub.run(0);
		deliver([3, 0], 1_700_000_000_000);
		hub.run(100);
		deliver([3, 1], 1_700_000_000_000);
		hub.run(200);
		const late = new FakeViewer(hub, 'late');
		hub.subscribe(late.connection, 'video:v1', 300);
		const ends = (viewer: FakeViewer) => viewer.events.filter(({ name }) => name === 'ended').map(({ data }) => data);
		expect(ends(early)).toEqual([{ video: 'v1', totals: { heart: 3 } }]);
		expect(ends(late)).toEqual([{ video: 'v1', totals: { heart: 2 } }]);
		expect(early.likes.map(({ totals }) => totals.heart)).toEqual([3, 3, 2]);
	});
});
