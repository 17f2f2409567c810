import { randomUUID } from 'node:crypto';
import { type CommentAnswer, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareCluster } from '../../../test/cluster.ts';
import { comment, deleteComment, postComment, textsOf } from '../../../test/comments.ts';
import { expectProblem, newVideo, postJson } from '../../../test/http-client.ts';

const cluster = shareCluster(
	{ 'likes-1': 'likes', 'dispatcher-1': 'dispatcher', 'frontend-1': 'frontend' },
	{ windowMs: '5', commitWindowMs: '1' },
);

describe.each(['likes-1', 'dispatcher-1', 'frontend-1'])('node %s', (name) => {
	const node = () => cluster().node(name);
	const post = (path: string, body: object) => postJson(node().url + path, body, { 'X-Likewire-User': 'ann' });

	it('takes comments, their likes and deletions, and returns all comments', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const { at, region } = await comment(node(), video, 'hello 💖', { id });
		const again = await postComment(node(), video, 'hello 💖', { id });
		expect(again.status).toBe(200);
		const known: CommentAnswer = { video, id, user: 'ann', text: 'hello 💖', at, region, duplicate: true };
		expect(await again.json()).toEqual(known);
		expect((await post(paths.commentLikes(video, id), {})).status).toBe(201);
		expect(await textsOf(node(), video)).toEqual(['hello 💖']);
		await expectProblem(await deleteComment(node(), video, id, 'bob'), 403, 'forbidden');
		expect((await deleteComment(node(), video, id)).status).toBe(200);
		await expectProblem(await postComment(node(), video, 'a\0'), 400, 'invalid_text');
		const bad = await fetch(`${node().url + paths.comments(video)}?before=x`);
		await expectProblem(bad, 400, 'invalid_cursor');
	});

	it('takes signals, events of servers, and the end of a video', async () => {
		const video = newVideo();
		expect((await post(paths.typing('c1'), { typing: true })).status).toBe(202);
		expect((await post(paths.receipts('c1'), { message: 'm1', state: 'read' })).status).toBe(202);
		expect((await post(paths.topicEvents('scores'), { name: 'goal' })).status).toBe(202);
		expect((await post(paths.end(video), {})).status).toBe(202);
		await expectProblem(await postComment(node(), video, 'late'), 409, 'video_ended');
	});
});
