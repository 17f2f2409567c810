import { describe, expect, it } from 'vitest';
import { createTaps, type Frame, type Taps } from './taps.ts';

const heart = (id: string) => ({ id, user: 'u', type: 'heart', at: 0 });

function snapshot(hearts: number, revision = hearts): Frame {
	return { totals: { heart: hearts }, delta: {}, recent: [], revision };
}

function delta(hearts: number, added: number, recent: string[] = [], revision = hearts): Frame {
	return { totals: { heart: hearts }, delta: { heart: added }, recent: recent.map(heart), revision };
}

function tapped(...ids: string[]): Taps {
	const taps = createTaps();
	taps.show(snapshot(10));
	for (const id of ids) {
		taps.tap(id, 'heart');
		taps.sent(id);
	}
	return taps;
}

describe('createTaps', () => {
	it('counts a tap at once', () => {
		const taps = createTaps();
		taps.show(snapshot(10));
		taps.tap('a', 'heart');
		expect(taps.totals).toEqual({ heart: 11 });
	});

	it('counts a tap once when a frame shows it before its answer comes', () => {
		const taps = tapped('a');
		taps.show(delta(11, 1, ['a']));
		expect(taps.totals).toEqual({ heart: 11 });
		taps.answered('a', 11, false);
		expect(taps.totals).toEqual({ heart: 11 });
	});

	it('counts a tap once when its answer comes before the frame', () => {
		const taps = tapped('a');
		taps.answered('a', 11, false);
		expect(taps.totals).toEqual({ heart: 11 });
		taps.show(delta(11, 1));
		expect(taps.totals).toEqual({ heart: 11 });
	});

	it('does not count a sent tap that a frame may hide, until its answer comes', () => {
		const taps = tapped('a');
		taps.show(delta(11, 1));
		expect(taps.totals).toEqual({ heart: 11 });
		taps.answered('a', 12, false);
		expect(taps.totals).toEqual({ heart: 12 });
		taps.show(delta(12, 1));
		expect(taps.totals).toEqual({ heart: 12 });
	});

	it('counts a tap that no frame can contain, whatever frames hide', () => {
		const taps = createTaps();
		taps.show(snapshot(10));
		taps.tap('a', 'heart');
		taps.show(delta(20, 10));
		expect(taps.totals).toEqual({ heart: 21 });
	});

	it('does not fall when another tap than the exposed one was hidden', () => {
		const taps = tapped('a', 'b');
		taps.show(delta(11, 1));
		expect(taps.totals).toEqual({ heart: 12 });
		taps.answered('b', 11, false);
		expect(taps.totals).toEqual({ heart: 12 });
		taps.answered('a', 12, false);
		expect(taps.totals).toEqual({ heart: 12 });
	});

	it('finds a hidden like when another one was taken back in the same frame', () => {
		const taps = tapped('a');
		taps.show({ ...snapshot(10, 12), recent: [] });
		expect(taps.totals).toEqual({ heart: 10 });
	});

	it('decides about a duplicate only when the stream has reached its answer', () => {
		const taps = tapped('a');
		taps.show(delta(11, 1));
		taps.answered('a', 13, true);
		expect(taps.totals).toEqual({ heart: 11 });
		taps.show(delta(13, 2));
		expect(taps.totals).toEqual({ heart: 13 });
	});

	it('drops a refused tap', () => {
		const taps = tapped('a');
		taps.dropped('a');
		expect(taps.totals).toEqual({ heart: 10 });
	});

	it('keeps no tap for ever when the store was restored from a backup', () => {
		const taps = tapped('a');
		taps.answered('a', 11, false);
		taps.reopened();
		taps.show(snapshot(4));
		expect(taps.totals).toEqual({ heart: 4 });
	});

	it('keeps no tap for ever when the stream had not reached its answer before the restore', () => {
		const taps = tapped('a');
		taps.answered('a', 20, false);
		taps.reopened();
		taps.show(snapshot(10));
		expect(taps.totals).toEqual({ heart: 10 });
	});

	it('does not expose a tap that was sent after the frame', () => {
		const taps = tapped('a');
		taps.show(delta(11, 1));
		taps.tap('b', 'heart');
		taps.sent('b');
		expect(taps.totals).toEqual({ heart: 12 });
		taps.answered('a', 12, false);
		expect(taps.totals).toEqual({ heart: 13 });
	});

	it('keeps reactions apart', () => {
		const taps = tapped('a');
		taps.tap('b', 'clap');
		taps.show(delta(11, 1));
		expect(taps.totals).toEqual({ heart: 11, clap: 1 });
	});

	it('returns how many likes of a frame are own taps', () => {
		const taps = tapped('a', 'b');
		taps.answered('b', 12, false);
		expect(taps.show(delta(15, 5, ['a', 'x']))).toEqual({ heart: 2 });
		expect(taps.show(delta(16, 1))).toEqual({});
	});
});
