import { describe, expect, it } from 'vitest';
import { EventParser } from '../../../test/event-parser.ts';
import { NEWEST_LIKED_COMMENTS } from '../../state/comment-likes.ts';
import { commentTopic } from '../../state/topics/topic.ts';
import type { Update } from '../../state/update.ts';
import { CommentLikesSection } from './comment-likes-section.ts';

const topic = (id: string) => commentTopic({ video: 'v1', id, user: 'ann' });
const liked = (hearts: number, at: number, epoch = 1): Update => ({
	rows: { eu: { epoch, counts: { heart: [hearts, 0] }, likedAt: at } },
	complete: true,
	sample: [],
	at,
});

function sent(part: CommentLikesSection, flush: number | undefined, isBack = false) {
	return new EventParser().feed(part.textFrom(flush, isBack)).map(({ data }) => data);
}

describe('CommentLikesSection', () => {
	it('sends a viewer what changed since its last frame, and a resuming viewer what users liked last', () => {
		const part = new CommentLikesSection();
		part.flush();
		for (let n = 0; n < 1_000; n++) part.merge(topic(`c${n}`), liked(5, n));
		expect(part.flush()).toBe(true);
		const before = part.sequence;
		part.merge(topic('fresh'), liked(1, 1_001));
		part.flush();
		const fresh = { video: 'v1', id: 'fresh', user: 'ann', totals: { heart: 1 } };
		expect(sent(part, before)).toEqual([fresh]);
		expect(sent(part, undefined)).toEqual([]);
		expect(sent(part, undefined, true)).toHaveLength(NEWEST_LIKED_COMMENTS);
		expect(sent(part, undefined, true)).toContainEqual(fresh);
	});

	it('names comments whose store was restored until they are read, and sends that their likes are lost', () => {
		const part = new CommentLikesSection();
		part.flush();
		part.merge(topic('c1'), liked(1, 1));
		part.flush();
		const [before, { hash }] = [part.sequence, new CommentLikesSection()];
		expect(part.unread).toEqual([]);
		part.raise({ eu: { epoch: 2, counts: {} } });
		expect(part.unread).toEqual([topic('c1')]);
		part.merge(topic('c1'), { rows: { eu: { epoch: 2, counts: {} } }, complete: true, sample: [], at: 2 });
		expect(part.unread).toEqual([]);
		part.flush();
		const lost = { video: 'v1', id: 'c1', user: 'ann', totals: {} };
		expect([sent(part, before), sent(part, undefined, true)]).toEqual([[lost], [lost]]);
		// An owner that reads the store does not know the comment: both have to agree.
		expect(part.hash).toBe(hash);
	});

	it('sends what came before the first frame in the next one', () => {
		const part = new CommentLikesSection();
		part.merge(topic('c1'), liked(1, 1));
		expect([part.flush(), part.isFresh, part.flush()]).toEqual([false, true, true]);
		expect(sent(part, 0)).toMatchObject([{ id: 'c1', totals: { heart: 1 } }]);
	});

	it('sends nothing of a restored store before its new counts, even when the counts are zero', () => {
		const part = new CommentLikesSection();
		part.flush();
		part.merge(topic('c1'), liked(5, 1));
		part.flush();
		const before = part.sequence;
		part.raise({ eu: { epoch: 2, counts: {} } });
		expect([part.isFresh, sent(part, undefined, true)]).toEqual([false, []]);
		part.merge(topic('c1'), { rows: { eu: { epoch: 2, counts: {} } }, complete: true, sample: [], at: 2 });
		expect(part.flush()).toBe(true);
		expect(sent(part, before)).toEqual([{ video: 'v1', id: 'c1', user: 'ann', totals: {} }]);
	});
});
