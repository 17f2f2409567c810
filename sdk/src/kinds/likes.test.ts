import type { Totals } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { closeClientsAfterEach, isLive, likesEvent } from '../../testing/client-test.ts';
import { eventually, likeAnswer, type Post, type StreamServerOptions } from '../../testing/stream-server.ts';
import { type LikesUpdate, LikewireError } from '../index.ts';

const { serve, connect } = closeClientsAfterEach();

describe('the likes of a video', () => {
	async function liveVideo(onPost?: StreamServerOptions['onPost']) {
		const server = await serve({ ...(onPost && { onPost }) });
		const live = connect(server.url);
		const video = live.video('v1');
		const updates: LikesUpdate[] = [];
		const shown: Totals[] = [];
		video.on('likes', (update) => updates.push(update));
		video.on('totals', (totals) => shown.push(totals));
		await isLive(live);
		const stream = server.streams[0];
		if (stream === undefined) throw new Error('no stream');
		stream.send('likes', likesEvent(10));
		await eventually(() => expect(video.totals).toEqual({ heart: 10 }));
		return { server, live, video, stream, updates, shown };
	}

	it('are a snapshot, then deltas that add up to the totals, also over a new stream', async () => {
		const { server, live, video, stream, updates } = await liveVideo();
		stream.send('likes', likesEvent(13, { delta: { heart: 3 }, of: 3 }));
		await eventually(() => expect(video.totals).toEqual({ heart: 13 }));
		stream.end();
		await eventually(() => expect(server.streams).toHaveLength(2));
		await isLive(live);
		server.streams[1]?.send('likes', likesEvent(20));
		server.streams[1]?.send('likes', likesEvent(21, { delta: { heart: 1 }, of: 1 }));
		await eventually(() => expect(video.totals).toEqual({ heart: 21 }));
		expect(updates.map(({ totals, delta }) => [totals.heart, delta.heart])).toEqual([
			[10, undefined],
			[13, 3],
			[20, undefined],
			[21, 1],
		]);
	});

	it('stay the same object while they are equal', async () => {
		const { video, stream, updates } = await liveVideo();
		const { totals } = video;
		stream.send('likes', likesEvent(10));
		await eventually(() => expect(updates).toHaveLength(2));
		expect(video.totals).toBe(totals);
	});

	it('show a tap at once, and once', async () => {
		const held: Post[] = [];
		const { server, video, stream, shown, updates } = await liveVideo((post) => held.push(post));
		const answer = video.like();
		expect(video.totals).toEqual({ heart: 11 });
		await eventually(() => expect(held).toHaveLength(1));
		held[0]?.answer(201, likeAnswer(held[0], 11));
		await expect(answer).resolves.toMatchObject({ type: 'heart', duplicate: false });
		const id = server.posts[0]?.body.id;
		const recent = [{ id, user: 'me', type: 'heart', at: 1 }];
		stream.send('likes', likesEvent(11, { delta: { heart: 1 }, recent, shown: 1, of: 1 }));
		await eventually(() => expect(updates).toHaveLength(2));
		expect(updates[1]).toMatchObject({ totals: { heart: 11 }, delta: { heart: 1 }, own: { heart: 1 } });
		expect(shown).toEqual([{ heart: 10 }, { heart: 11 }]);
	});

	it('drop a tap that the gateway refuses', async () => {
		const { video, shown } = await liveVideo((post) => post.answer(400, { code: 'unknown_reaction', detail: 'no' }));
		await expect(video.like('laugh')).rejects.toMatchObject({ code: 'unknown_reaction', message: 'no' });
		expect(shown).toEqual([{ heart: 10 }, { heart: 10, laugh: 1 }, { heart: 10 }]);
	});

	it('drop a tap when another like of the same user counts instead', async () => {
		const { video, shown } = await liveVideo((post) => {
			post.answer(200, { ...(likeAnswer(post, 10) as object), id: 'another', duplicate: true });
		});
		await expect(video.like()).resolves.toMatchObject({ id: 'another', duplicate: true });
		expect(shown).toEqual([{ heart: 10 }, { heart: 11 }, { heart: 10 }]);
	});

	it('refuse an impossible reaction without a request', async () => {
		const { server, video, shown } = await liveVideo();
		for (const type of ['', 'Heart', 'a b', '\r\n', 'x'.repeat(33), 7, null]) {
			await expect(video.like(type as string)).rejects.toMatchObject({ code: 'unknown_reaction' });
		}
		expect(server.posts).toEqual([]);
		expect(shown).toEqual([{ heart: 10 }]);
	});

	it('still send a like after the video closes', async () => {
		const held: Post[] = [];
		const { video } = await liveVideo((post) => held.push(post));
		const answer = video.like();
		video.close();
		await eventually(() => expect(held.some(({ path }) => path.endsWith('/likes'))).toBe(true));
		for (const post of held) post.answer(200, likeAnswer(post));
		await expect(answer).resolves.toBeDefined();
	});

	it('settle each promise when the client closes', async () => {
		const { live, video } = await liveVideo(() => {});
		const results = Promise.allSettled(Array.from({ length: 30 }, () => video.like()));
		live.close();
		for (const result of await results) {
			expect(result).toMatchObject({ status: 'rejected', reason: expect.any(LikewireError) });
			expect(result).toMatchObject({ reason: { code: 'closed' } });
		}
	});

	it('do not reach a listener after it or its video was unbound', async () => {
		const { video, stream, updates, shown } = await liveVideo();
		video.close();
		stream.send('likes', likesEvent(11, { delta: { heart: 1 } }));
		const { video: other, stream: otherStream, updates: otherUpdates } = await liveVideo();
		const off = other.on('likes', () => {
			throw new Error('unbound');
		});
		off();
		otherStream.send('likes', likesEvent(11, { delta: { heart: 1 } }));
		await eventually(() => expect(otherUpdates).toHaveLength(2));
		expect(updates).toHaveLength(1);
		expect(shown).toHaveLength(1);
	});
});
