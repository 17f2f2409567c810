import type { GapReason } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { historyFaults } from '../audit/history-audit.ts';
import type { SentComment } from '../load/comment-load.ts';
import { auditComments, headsOf, Scripts, standingIn, type ToldComments, type WrittenEvent } from './comment-audit.ts';
import type { Told } from './viewer-stream.ts';

const KINDS = { '': 'comment', '-': 'comment-deleted', '!': 'erased' } as const;

/** A log from 1 on: `a` is a comment, `!a` one whose text is gone, `-a` the deletion of it. */
function log(...events: readonly string[]): WrittenEvent[] {
	return events.map((event, index) => {
		const sign = (/^[-!]/.exec(event)?.[0] ?? '') as keyof typeof KINDS;
		return { offset: index + 1, kind: KINDS[sign], comment: event.slice(sign.length) };
	});
}

/** What a viewer was told: `a` and `-a` as above, `?lost` a gap. */
function told(...events: readonly string[]): Told[] {
	return events.map((event): Told => {
		if (event.startsWith('?')) return { kind: 'gap', video: 'v', reason: event.slice(1) as GapReason };
		const kind = event.startsWith('-') ? 'comment-deleted' : 'comment';
		return { kind, video: 'v', comment: event.replace('-', ''), cursor: `after ${event}` };
	});
}

function compare(logs: WrittenEvent[][], events: Told[], since: readonly number[] = []): ToldComments {
	return new Scripts(new Map([['v', logs]]), new Map([['v', since]])).compare('v', events);
}

const RIGHT = { missing: 0, doubled: 0, disordered: 0, strangers: 0, gaps: {} };

describe('what a viewer was told of comments', () => {
	it('is right when every one came once, in the order of each store', () => {
		const logs = [log('a', 'b', 'c'), log('x', 'y')];
		for (const order of ['abcxy', 'xaybc', 'axbyc']) expect(compare(logs, told(...order))).toEqual(RIGHT);
	});

	it.each<[string, string[], Partial<ToldComments>]>([
		['lacks one in the middle', ['a', 'c'], { missing: 1 }],
		['lacks the newest', ['a', 'b'], { missing: 1 }],
		['lacks all', [], { missing: 3 }],
		['has one twice', ['a', 'b', 'b', 'c'], { doubled: 1 }],
		['has one late', ['a', 'c', 'b'], { disordered: 1 }],
		['has one that nobody wrote', ['a', 'b', 'z', 'c'], { strangers: 1 }],
	])('is wrong when it %s', (_name, events, wrong) => {
		expect(compare([log('a', 'b', 'c')], told(...events))).toEqual({ ...RIGHT, ...wrong });
	});

	it('may lack what a gap stands for, and nothing else', () => {
		const logs = [log('a', 'b', 'c', 'd')];
		const gaps = { lost: 1 };
		expect(compare(logs, told('a', '?lost', 'd'))).toEqual({ ...RIGHT, gaps });
		expect(compare(logs, told('a', 'b', '?lost'))).toEqual({ ...RIGHT, gaps });
		expect(compare(logs, told('?lost', 'a', 'c', 'd'))).toEqual({ ...RIGHT, missing: 1, gaps });
		expect(compare(logs, told('a', 'c', '?lost', 'd'))).toEqual({ ...RIGHT, missing: 1, gaps });
	});

	it('tells of a deletion, with the comment or without, but never of the comment after it', () => {
		const logs = [log('!a', 'b', '-a')];
		expect(compare(logs, told('a', 'b', '-a'))).toEqual(RIGHT);
		expect(compare(logs, told('b', '-a'))).toEqual(RIGHT);
		expect(compare(logs, told('a', 'b'))).toEqual({ ...RIGHT, missing: 1 });
		// The author was in another region.
		expect(compare([log('a'), log('-a')], told('-a'))).toEqual(RIGHT);
		expect(compare([log('a'), log('-a')], told('-a', 'a'))).toEqual({ ...RIGHT, disordered: 1 });
	});

	it('tells once or twice of a deletion that two stores carried out', () => {
		const logs = [log('!a', '-a'), log('-a')];
		expect(compare(logs, told('a', '-a'))).toEqual(RIGHT);
		expect(compare(logs, told('a', '-a', '-a'))).toEqual(RIGHT);
		expect(compare(logs, told('a', '-a', '-a', '-a'))).toEqual({ ...RIGHT, doubled: 1 });
	});

	it('begins where the logs stood when the rest was forgotten', () => {
		const before = [log('a', 'b'), log()];
		const after = [log('a', 'b', 'c'), log('x')];
		const since = headsOf(new Map([['v', before]])).get('v') ?? [];
		expect(since).toEqual([2, 0]);
		expect(compare(after, told('c', 'x'), since)).toEqual(RIGHT);
		expect(compare(after, told('b', 'c', 'x'), since)).toEqual({ ...RIGHT, doubled: 1 });
	});

	describe('of a store that was restored', () => {
		const gaps = { restored: 1 };

		/** The backup held `a`; then `b` and `c` were told, and `c` was sent again when they were gone. */
		const after = (logs: WrittenEvent[][], ...events: string[]) => {
			const scripts = new Scripts(new Map([['v', logs]]), new Map(), {
				kept: new Map([['v', [1, Number.POSITIVE_INFINITY]]]),
				gone: new Set(['b']),
			});
			return scripts.compare('v', told(...events));
		};

		it('is about another log', () => {
			const restored = [log('a', 'c', 'd')];
			expect(after(restored, 'a', 'b', 'c', '?restored', 'c', 'd')).toEqual({ ...RIGHT, gaps });
			expect(after(restored, 'a', 'b', '?restored', 'c', 'd')).toEqual({ ...RIGHT, gaps });
			expect(after(restored, 'a', '?restored', 'c')).toEqual({ ...RIGHT, missing: 1, gaps });
		});

		it('may lack what was numbered again before anybody heard of the restoration', () => {
			// To whoever had been told `b`, the second of the old log, `c` was old news; `d`, the third, was none.
			expect(after([log('a', 'c', 'd', 'e')], 'a', 'b', 'd', '?restored', 'e')).toEqual({ ...RIGHT, gaps });
			expect(after([log('a', 'c', 'd', 'e')], 'a', 'b', 'd', 'e')).toEqual({ ...RIGHT, missing: 1 });
			expect(after([log('a', 'c', 'd', 'e', 'f')], 'a', 'b', 'd', '?restored', 'f')).toEqual({ ...RIGHT, gaps });
			expect(after([log('a', 'c', 'd', 'e', 'f')], 'a', 'b', '?restored', 'd', 'f')).toEqual({
				...RIGHT,
				missing: 1,
				gaps,
			});
		});

		it('is wrong in what the backup held, and in the logs of other stores, as always', () => {
			expect(after([log('a'), log('x', 'y', 'z')], 'a', 'x', 'z', '?restored')).toEqual({ ...RIGHT, missing: 1, gaps });
			expect(after([log('a'), log('x')], 'a', 'x', '?restored', 'x')).toEqual({ ...RIGHT, doubled: 1, gaps });
			expect(after([log('a'), log('x', 'y')], 'a', 'y', 'x', '?restored')).toEqual({ ...RIGHT, disordered: 1, gaps });
			expect(after([log('a')], 'a', '?restored', 'a')).toEqual({ ...RIGHT, doubled: 1, gaps });
		});

		it('may be twice, or in another order, only where a gap follows', () => {
			const both = [log('a', 'c', 'd')];
			expect(after(both, 'a', 'd', 'c', 'c', '?restored')).toEqual({ ...RIGHT, gaps });
			expect(after(both, 'a', 'd', 'c', 'c')).toEqual({ ...RIGHT, disordered: 1, doubled: 1 });
			expect(after(both, 'a', '?restored', 'd', 'c', 'c')).toEqual({ ...RIGHT, disordered: 1, doubled: 1, gaps });
		});

		it('may be of a comment that is gone, and that nothing came after', () => {
			expect(after([log('a')], 'a', 'b')).toEqual(RIGHT);
			expect(after([log('a')], 'a', 'b', 'c')).toEqual({ ...RIGHT, strangers: 1 });
		});
	});

	it('comes again from a node that knew less than the one before, and said so; once, and in order', () => {
		const logs = [log('a', 'b', 'c', 'd')];
		const gaps = { unknown_position: 1 };
		const [before, gap] = [['a', 'b', 'c'], '?unknown_position'];
		expect(compare(logs, told(...before, gap, 'b', 'c', 'd'))).toEqual({ ...RIGHT, gaps });
		expect(compare(logs, told(...before, gap, 'd'))).toEqual({ ...RIGHT, gaps });
		expect(compare(logs, told(...before, 'b', 'c', 'd'))).toEqual({ ...RIGHT, doubled: 2 });
		expect(compare(logs, told(...before, gap, 'b', 'b', 'd'))).toEqual({ ...RIGHT, doubled: 1, gaps });
		expect(compare(logs, told(...before, gap, 'c', 'b', 'd'))).toEqual({ ...RIGHT, disordered: 1, gaps });
		expect(compare(logs, told('a', 'c', gap, 'c', 'd'))).toEqual({ ...RIGHT, missing: 1, gaps });
	});

	it('is summed over viewers and videos', () => {
		const scripts = new Scripts(
			new Map([
				['v', [log('a', 'b')]],
				['w', [log('x')]],
			]),
			new Map(),
		);
		const all = scripts.compareAll([
			{ videos: ['v', 'w'], told: new Map([['v', told('a', 'b', 'b')]]) },
			{ videos: ['v'], told: new Map([['v', told('b', 'a', '?lost')]]) },
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

describe('the comments of a store', () => {
	const audit = (comments: SentComment[], ...logs: WrittenEvent[][]) =>
		auditComments(new Map(comments.map((comment) => [comment.id, comment])), new Map([['v', logs]]), 0);

	it('are right when all that were accepted are there, and those that nobody answered are or are not', () => {
		const all = [sent('a', { acceptedAt: 20, deletedAt: 30 }), sent('b', { acceptedAt: 20 }), sent('c')];
		const right = { stored: 2, lost: 0, doubled: 0, strangers: 0 };
		expect(audit(all, log('!a', 'b', '-a'))).toEqual(right);
		expect(audit(all, log('!a', '-a'), log('b', 'c'))).toEqual({ ...right, stored: 3 });
	});

	it('are wrong when one is lost, or its deletion, or one is there twice, or of nobody', () => {
		const all = [sent('a', { acceptedAt: 20, deletedAt: 30 }), sent('b', { acceptedAt: 20 })];
		expect(audit(all, log('!a', '-a'))).toMatchObject({ stored: 1, lost: 1 });
		expect(audit(all, log('a', 'b'))).toMatchObject({ stored: 2, lost: 1 });
		expect(audit(all, log('!a', 'b', '-a'), log('b'))).toMatchObject({ lost: 0, doubled: 1 });
		expect(audit(all, log('!a', 'b', '-a', 'z'))).toMatchObject({ lost: 0, strangers: 1 });
	});
});

describe('a history', () => {
	const logs = [log('a', '!b', '-b', 'e'), log('c', 'd', '-d')];
	const history = (...ids: string[]) =>
		ids.map((id, index) => ({ video: 'v', id, user: 'u', text: '', at: 9 - index, region: 'r' }));

	it('holds what stands', () => {
		expect([...standingIn(logs)]).toEqual(['a', 'e', 'c']);
		expect(historyFaults(history('c', 'e', 'a'), logs)).toEqual([]);
		expect(historyFaults(history('e', 'a', 'c'), logs)).toEqual([]);
	});

	it.each([
		['lacks one', history('e', 'a'), '1 are missing'],
		['shows a deleted one', history('d', 'c', 'e', 'a'), '1 were deleted, or never written'],
		['shows one twice', history('c', 'e', 'a', 'a'), '1 are doubled'],
		['begins with the oldest', history('a', 'c', 'e'), '1 are newer than those before them'],
	])('is wrong when it %s', (_name, comments, fault) => {
		expect(historyFaults(comments, logs)).toEqual([fault]);
	});
});
