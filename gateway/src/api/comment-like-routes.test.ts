import { randomUUID } from 'node:crypto';
import { type LikeAnswer, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { comment, commentsPage, deleteComment } from '../../test/comments.ts';
import { shareGateway } from '../../test/gateway.ts';
import { expectProblem, newVideo, postJson, readVideo } from '../../test/http-client.ts';

const gateway = shareGateway({ reactions: 'heart,clap,wow:once' });

describe('Likes of a comment', () => {
	const give = (video: string, id: string, body: object = {}, user = 'ann') =>
		postJson(gateway().url + paths.commentLikes(video, id), body, { 'X-Likewire-User': user });
	const takeBack = (video: string, id: string, like: string, user = 'ann') =>
		fetch(gateway().url + paths.commentLike(video, id, like), {
			method: 'DELETE',
			headers: { 'X-Likewire-User': user },
		});

	it('count for the comment, and appear in the history', async () => {
		const video = newVideo();
		const { id } = await comment(gateway(), video, 'liked');
		await comment(gateway(), video, 'not liked');
		const first = await give(video, id);
		expect(first.status).toBe(201);
		const like = (await first.json()) as LikeAnswer;
		expect(like).toEqual({ id: like.id, video, type: 'heart', totals: { heart: 1 }, revision: 1, duplicate: false });
		expect((await give(video, id, { id: like.id })).status).toBe(200);
		await give(video, id, { type: 'clap' }, 'bob');
		const { comments } = await commentsPage(gateway(), video);
		expect(comments.map(({ text, likes }) => [text, likes])).toEqual([
			['not liked', undefined],
			['liked', { heart: 1, clap: 1 }],
		]);
		expect((await readVideo(gateway(), video)).totals).toEqual({});
		await expectProblem(await takeBack(video, id, like.id, 'bob'), 403, 'forbidden');
		expect(await (await takeBack(video, id, like.id)).json()).toMatchObject({
			id: like.id,
			totals: { heart: 0, clap: 1 },
		});
		await expectProblem(await takeBack(video, id, randomUUID()), 404, 'like_not_found');
	});

	it('count as duplicates in a retry, also after the comment was deleted or its video ended', async () => {
		const video = newVideo();
		const [deleted, kept] = [await comment(gateway(), video), await comment(gateway(), video)];
		const like = { id: randomUUID() };
		for (const { id } of [deleted, kept]) expect((await give(video, id, like)).status).toBe(201);
		const taken = (await (await give(video, kept.id)).json()) as LikeAnswer;
		expect(await (await takeBack(video, kept.id, taken.id)).json()).toMatchObject({ duplicate: false });
		await deleteComment(gateway(), video, deleted.id);
		expect(await (await give(video, deleted.id, like)).json()).toMatchObject({ id: like.id, duplicate: true });
		await expectProblem(await give(video, deleted.id), 404, 'comment_not_found');
		await expectProblem(await give(video, deleted.id, like, 'bob'), 409, 'id_conflict');
		expect((await postJson(gateway().url + paths.end(video), {})).status).toBe(202);
		for (const { id } of [deleted, kept]) {
			const again = await give(video, id, like);
			expect(again.status).toBe(200);
			expect(await again.json()).toMatchObject({ id: like.id, totals: { heart: 1 }, duplicate: true });
		}
		await expectProblem(await give(video, kept.id), 409, 'video_ended');
		expect(await (await takeBack(video, kept.id, taken.id)).json()).toMatchObject({ id: taken.id, duplicate: true });
		await expectProblem(await takeBack(video, kept.id, like.id), 409, 'video_ended');
	});

	it('count once for each user when a user may give them once', async () => {
		const video = newVideo();
		const [one, other] = [await comment(gateway(), video), await comment(gateway(), video)];
		expect((await give(video, one.id, { type: 'wow' })).status).toBe(201);
		expect((await give(video, one.id, { type: 'wow' })).status).toBe(200);
		expect((await give(video, other.id, { type: 'wow' })).status).toBe(201);
	});

	it('require a comment of this video', async () => {
		const video = newVideo();
		const { id } = await comment(gateway(), video);
		await expectProblem(await give(video, randomUUID()), 404, 'comment_not_found');
		await expectProblem(await give(newVideo(), id), 404, 'comment_not_found');
		await expectProblem(await give(video, 'c1'), 400, 'invalid_comment_id');
		await expectProblem(await give(video, id, { type: 'boo' }), 400, 'unknown_reaction');
		await expectProblem(await give(video, id, { id: 'l1' }), 400, 'invalid_like_id');
		await deleteComment(gateway(), video, id);
		await expectProblem(await give(video, id), 404, 'comment_not_found');
	});
});
