import type { GapReason } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { historyFaults } from '../audit/history-audit.ts';
import type { SentComment } from '../load/comment-load.ts';
import {
	auditComments,
	ExpectedLogs,
	headsOf,
	type ReceivedComments,
	undeletedIn,
	type WrittenEvent,
} from './comment-audit.ts';
import type { ReceivedEvent } from './viewer-stream.ts';

const KINDS = { '': 'comment', '-': 'comment-deleted', '!': 'erased' } as const;

/** Returns a log that starts at offset 1: `a` is a comment, `!a` an erased comment, `-a` the deletion of it. */
function log(...events: readonly string[]): WrittenEvent[] {
	return events.map((event, index) => {
		const sign = (/^[-!]/.exec(event)?.[0] ?? '') as keyof typeof KINDS;
		return { offset: index + 1, kind: KINDS[sign], comment: event.slice(sign.length) };
	});
}

/** Returns the events that a viewer received: `a` and `-a` as above, `?lost` a gap. */
function received(...events: readonly string[]): ReceivedEvent[] {
	return events.map((event): ReceivedEvent => {
		if (event.startsWith('?')) return { kind: 'gap', video: 'v', reason: event.slice(1) as GapReason };
		const kind = event.startsWith('-') ? 'comment-deleted' : 'comment';
		return { kind, video: 'v', comment: event.replace('-', ''), cursor: `after ${event}` };
	});
}

function compare(logs: WrittenEvent[][], events: ReceivedEvent[], since: readonly number[] = []): ReceivedComments {
	return new ExpectedLogs(new Map([['v', logs]]), new Map([['v', since]])).compare('v', events);
}

const RIGHT = { missing: 0, doubled: 0, disordered: 0, strangers: 0, gaps: {} };

describe('ExpectedLogs', () => {
	it('accepts each event once, in the order of each store', () => {
		const logs = [log('a', 'b', 'c'), log('x', 'y')];
		for (const order of ['abcxy', 'xaybc', 'axbyc']) expect(compare(logs, received(...order))).toEqual(RIGHT);
	});

	it.each<[string, string[], Partial<ReceivedComments>]>([
		['misses one in the middle', ['a', 'c'], { missing: 1 }],
		['misses the newest', ['a', 'b'], { missing: 1 }],
		['misses all', [], { missing: 3 }],
		['has one twice', ['a', 'b', 'b', 'c'], { doubled: 1 }],
		['has one late', ['a', 'c', 'b'], { disordered: 1 }],
		['has one that no store has', ['a', 'b', 'z', 'c'], { strangers: 1 }],
	])('reports a viewer that %s', (_name, events, wrong) => {
		expect(compare([log('a', 'b', 'c')], received(...events))).toEqual({ ...RIGHT, ...wrong });
	});

	it('accepts missing events only in the place of a gap', () => {
		const logs = [log('a', 'b', 'c', 'd')];
		const gaps = { lost: 1 };
		expect(compare(logs, received('a', '?lost', 'd'))).toEqual({ ...RIGHT, gaps });
		expect(compare(logs, received('a', 'b', '?lost'))).toEqual({ ...RIGHT, gaps });
		expect(compare(logs, received('?lost', 'a', 'c', 'd'))).toEqual({ ...RIGHT, missing: 1, gaps });
		expect(compare(logs, received('a', 'c', '?lost', 'd'))).toEqual({ ...RIGHT, missing: 1, gaps });
	});

	it('requires each deletion, with or without its comment, and rejects a comment after its deletion', () => {
		const logs = [log('!a', 'b', '-a')];
		expect(compare(logs, received('a', 'b', '-a'))).toEqual(RIGHT);
		expect(compare(logs, received('b', '-a'))).toEqual(RIGHT);
		expect(compare(logs, received('a', 'b'))).toEqual({ ...RIGHT, missing: 1 });
		// The author deleted the comment in another region.
		expect(compare([log('a'), log('-a')], received('-a'))).toEqual(RIGHT);
		expect(compare([log('a'), log('-a')], received('-a', 'a'))).toEqual({ ...RIGHT, disordered: 1 });
	});

	it('accepts a deletion that two stores have once or twice', () => {
		const logs = [log('!a', '-a'), log('-a')];
		expect(compare(logs, received('a', '-a'))).toEqual(RIGHT);
		expect(compare(logs, received('a', '-a', '-a'))).toEqual(RIGHT);
		expect(compare(logs, received('a', '-a', '-a', '-a'))).toEqual({ ...RIGHT, doubled: 1 });
	});

	it('starts at the given heads of the logs', () => {
		const before = [log('a', 'b'), log()];
		const after = [log('a', 'b', 'c'), log('x')];
		const since = headsOf(new Map([['v', before]])).get('v') ?? [];
		expect(since).toEqual([2, 0]);
		expect(compare(after, received('c', 'x'), since)).toEqual(RIGHT);
		expect(compare(after, received('b', 'c', 'x'), since)).toEqual({ ...RIGHT, doubled: 1 });
	});

	describe('after a restore', () => {
		const gaps = { restored: 1 };

		/** The backup has `a`. Viewers then received `b` and `c`, and after the restore the author sent `c` again. */
		const after = (logs: WrittenEvent[][], ...events: string[]) => {
			const expected = new ExpectedLogs(new Map([['v', logs]]), new Map(), {
				kept: new Map([['v', [1, Number.POSITIVE_INFINITY]]]),
				gone: new Set(['b']),
			});
			return expected.compare('v', received(...events));
		};

		it('compares with the log after the backup', () => {
			const restored = [log('a', 'c', 'd')];
			expect(after(restored, 'a', 'b', 'c', '?restored', 'c', 'd')).toEqual({ ...RIGHT, gaps });
			expect(after(restored, 'a', 'b', '?restored', 'c', 'd')).toEqual({ ...RIGHT, gaps });
			expect(after(restored, 'a', '?restored', 'c')).toEqual({ ...RIGHT, missing: 1, gaps });
		});

		it('accepts missing events whose offsets were assigned again before the gap', () => {
			// A viewer at offset 2 (`b` of the old log) skips `c`, which now has offset 2, and receives `d` at offset 3.
			expect(after([log('a', 'c', 'd', 'e')], 'a', 'b', 'd', '?restored', 'e')).toEqual({ ...RIGHT, gaps });
			expect(after([log('a', 'c', 'd', 'e')], 'a', 'b', 'd', 'e')).toEqual({ ...RIGHT, missing: 1 });
			expect(after([log('a', 'c', 'd', 'e', 'f')], 'a', 'b', 'd', '?restored', 'f')).toEqual({ ...RIGHT, gaps });
			expect(after([log('a', 'c', 'd', 'e', 'f')], 'a', 'b', '?restored', 'd', 'f')).toEqual({
				...RIGHT,
				missing: 1,
				gaps,
			});
		});

		it('checks the events of the backup, and the logs of other stores, as without a restore', () => {
			expect(after([log('a'), log('x', 'y', 'z')], 'a', 'x', 'z', '?restored')).toEqual({ ...RIGHT, missing: 1, gaps });
			expect(after([log('a'), log('x')], 'a', 'x', '?restored', 'x')).toEqual({ ...RIGHT, doubled: 1, gaps });
			expect(after([log('a'), log('x', 'y')], 'a', 'y', 'x', '?restored')).toEqual({ ...RIGHT, disordered: 1, gaps });
			expect(after([log('a')], 'a', '?restored', 'a')).toEqual({ ...RIGHT, doubled: 1, gaps });
		});

		it('accepts doubled and disordered events only before a gap', () => {
			const both = [log('a', 'c', 'd')];
			expect(after(both, 'a', 'd', 'c', 'c', '?restored')).toEqual({ ...RIGHT, gaps });
			expect(after(both, 'a', 'd', 'c', 'c')).toEqual({ ...RIGHT, disordered: 1, doubled: 1 });
			expect(after(both, 'a', '?restored', 'd', 'c', 'c')).toEqual({ ...RIGHT, disordered: 1, doubled: 1, gaps });
		});

		it('accepts a lost comment without a later event', () => {
			expect(after([log('a')], 'a', 'b')).toEqual(RIGHT);
			expect(after([log('a')], 'a', 'b', 'c')).toEqual({ ...RIGHT, strangers: 1 });
		});
	});

	it('accepts events again, once and in order, after a gap of an unknown position', () => {
		const logs = [log('a', 'b', 'c', 'd')];
		const gaps = { unknown_position: 1 };
		const [before, gap] = [['a', 'b', 'c'], '?unknown_position'];
		expect(compare(logs, received(...before, gap, 'b', 'c', 'd'))).toEqual({ ...RIGHT, gaps });
		expect(compare(logs, received(...before, gap, 'd'))).toEqual({ ...RIGHT, gaps });
		expect(compare(logs, received(...before, 'b', 'c', 'd'))).toEqual({ ...RIGHT, doubled: 2 });
		expect(compare(logs, received(...before, gap, 'b', 'b', 'd'))).toEqual({ ...RIGHT, doubled: 1, gaps });
		expect(compare(logs, received(...before, gap, 'c', 'b', 'd'))).toEqual({ ...RIGHT, disordered: 1, gaps });
		expect(compare(logs, received('a', 'c', gap, 'c', 'd'))).toEqual({ ...RIGHT, missing: 1, gaps });
	});

	it('sums over viewers and videos', () => {
		const expected = new ExpectedLogs(
			new Map([
				['v', [log('a', 'b')]],
				['w', [log('x')]],
			]),
			new Map(),
		);
		const all = expected.compareAll([
			{ videos: ['v', 'w'], received: new Map([['v', received('a', 'b', 'b')]]) },
			{ videos: ['v'], received: new Map([['v', received('b', 'a', '?lost')]]) },
		]);
		expect(all).toEqual({ missing: 1, doubled: 1, disordered: 1, strangers: 0, gaps: { lost: 1 } });
	});
});

const sent = (id: string, times: Partial<SentComment> = {}): SentComment => ({
	id,
	video: 'v',
	user: 'ann',
	region: undefined,
	sentAt: 10,
	...times,
});

describe('auditComments', () => {
	const audit = (comments: SentComment[], ...logs: WrittenEvent[][]) =>
		auditComments(new Map(comments.map((comment) => [comment.id, comment])), new Map([['v', logs]]), 0);

	it('accepts each accepted comment once, and unanswered comments stored or not', () => {
		const all = [sent('a', { acceptedAt: 20, deletedAt: 30 }), sent('b', { acceptedAt: 20 }), sent('c')];
		const right = { stored: 2, lost: 0, doubled: 0, strangers: 0 };
		expect(audit(all, log('!a', 'b', '-a'))).toEqual(right);
		expect(audit(all, log('!a', '-a'), log('b', 'c'))).toEqual({ ...right, stored: 3 });
	});

	it('reports a lost comment, a lost deletion, a doubled comment, and an unknown comment', () => {
		const all = [sent('a', { acceptedAt: 20, deletedAt: 30 }), sent('b', { acceptedAt: 20 })];
		expect(audit(all, log('!a', '-a'))).toMatchObject({ stored: 1, lost: 1 });
		expect(audit(all, log('a', 'b'))).toMatchObject({ stored: 2, lost: 1 });
		expect(audit(all, log('!a', 'b', '-a'), log('b'))).toMatchObject({ lost: 0, doubled: 1 });
		expect(audit(all, log('!a', 'b', '-a', 'z'))).toMatchObject({ lost: 0, strangers: 1 });
	});
});

describe('historyFaults', () => {
	const logs = [log('a', '!b', '-b', 'e'), log('c', 'd', '-d')];
	const history = (...ids: string[]) =>
		ids.map((id, index) => ({ video: 'v', id, user: 'u', text: '', at: 9 - index, region: 'r' }));

	it('accepts each undeleted comment once, newest first within a log', () => {
		expect([...undeletedIn(logs)]).toEqual(['a', 'e', 'c']);
		expect(historyFaults(history('c', 'e', 'a'), logs)).toEqual([]);
		expect(historyFaults(history('e', 'a', 'c'), logs)).toEqual([]);
	});

	it.each([
		['misses one', history('e', 'a'), '1 are missing'],
		['shows a deleted one', history('d', 'c', 'e', 'a'), '1 were deleted, or never written'],
		['shows one twice', history('c', 'e', 'a', 'a'), '1 are doubled'],
		['begins with the oldest', history('a', 'c', 'e'), '1 are newer than those before them'],
	])('reports a history that %s', (_name, comments, fault) => {
		expect(historyFaults(comments, logs)).toEqual([fault]);
	});
});
