import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient, type LikesUpdate, type Totals } from '@likewire/sdk';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApp, type Gateway } from '../../gateway/src/app.ts';
import { parseConfig } from '../../gateway/src/config/config.ts';
import { eventually, unusedUrl } from './stream-server.ts';

let dataDir: string;
let gateway: Gateway;
const clients: Client[] = [];

function start(port: string): Promise<Gateway> {
	const flags = { port, internalPort: '0', dataDir, staticDir: 'none', retryMs: '100', logLevel: 'silent' };
	return createApp(parseConfig({}, flags), pino({ level: 'silent' }));
}

beforeAll(async () => {
	dataDir = await mkdtemp(join(tmpdir(), 'likewire-sdk-'));
	// A fixed port, not 0: only at such a port uWebSockets.js lets a second gateway take over at once.
	gateway = await start(new URL(await unusedUrl()).port);
});

afterEach(() => {
	for (const live of clients.splice(0)) live.close();
});

afterAll(async () => {
	await gateway.close();
	await rm(dataDir, { recursive: true });
});

/** Opens a viewer that keeps its updates, which have to add up to the gateway's totals at all times. */
function watch(id: string, user: string) {
	const live = createClient({ url: gateway.url, user });
	clients.push(live);
	const video = live.video(id);
	const updates: LikesUpdate[] = [];
	video.on('likes', (update) => updates.push(update));
	return { live, video, updates };
}

async function stored(id: string): Promise<Totals> {
	const answer = await fetch(`${gateway.url}/v1/videos/${id}`);
	return (await answer.json()).totals;
}

function addUp(updates: readonly LikesUpdate[]): number {
	let hearts = 0;
	for (const { delta, totals } of updates) {
		hearts = Object.keys(delta).length === 0 ? (totals.heart ?? 0) : hearts + (delta.heart ?? 0);
	}
	return hearts;
}

describe('a client with a gateway', () => {
	it('shows a like of one viewer to another, and counts it once for both', async () => {
		const ann = watch('talk', 'ann');
		const bob = watch('talk', 'bob');
		await eventually(() => expect([ann.live.state, bob.live.state]).toEqual(['live', 'live']));
		const answer = ann.video.like();
		expect(ann.video.totals).toEqual({ heart: 1 });
		await expect(answer).resolves.toMatchObject({ video: 'talk', totals: { heart: 1 }, duplicate: false });
		await eventually(() => expect(bob.video.totals).toEqual({ heart: 1 }));
		await eventually(() => expect(ann.updates).toHaveLength(2));
		expect(ann.updates[1]).toMatchObject({ totals: { heart: 1 }, own: { heart: 1 } });
		expect(bob.updates[1]).toMatchObject({ recent: [{ user: 'ann', type: 'heart' }], own: {} });
	});

	it('shows exact totals to 5 viewers that tap as fast as they can, and never one that falls', async () => {
		const viewers = Array.from({ length: 5 }, (_, i) => watch('crowd', `u${i}`));
		const shown = viewers.map(({ video }) => {
			const hearts: number[] = [];
			video.on('totals', (totals) => hearts.push(totals.heart ?? 0));
			return hearts;
		});
		// The first update is the snapshot without likes: the totals of a later one would hold own taps, too.
		await eventually(() => expect(viewers.every(({ updates }) => updates.length === 1)).toBe(true));
		await Promise.all(viewers.flatMap(({ video }) => Array.from({ length: 100 }, () => video.like())));
		await eventually(() => expect(viewers.map(({ video }) => video.totals.heart)).toEqual(viewers.map(() => 500)));
		await eventually(() => expect(viewers.map(({ updates }) => addUp(updates))).toEqual(viewers.map(() => 500)));
		expect(await stored('crowd')).toEqual({ heart: 500 });
		for (const hearts of shown) {
			expect(hearts).toEqual([...hearts].sort((a, b) => a - b));
			expect(Math.max(...hearts)).toBe(500);
		}
	});

	it('follows videos that are added and removed on one stream', async () => {
		const { live, video } = watch('first', 'ann');
		await eventually(() => expect(live.state).toBe('live'));
		video.close();
		const second = live.video('second');
		const updates: LikesUpdate[] = [];
		second.on('likes', (update) => updates.push(update));
		await eventually(() => expect(updates).toHaveLength(1));
		expect(updates[0]).toMatchObject({ video: 'second', delta: {} });
		await second.like('clap');
		await eventually(() => expect(updates).toHaveLength(2));
		expect(second.totals).toEqual({ clap: 1 });
	});

	it('follows 100 videos with the longest ids on one stream', async () => {
		const ids = Array.from({ length: 100 }, (_, index) => `many-${index}`.padEnd(128, 'x'));
		const live = createClient({ url: gateway.url, user: 'ann' });
		clients.push(live);
		const snapshots = new Set<string>();
		for (const id of ids) live.video(id).on('likes', ({ video }) => snapshots.add(video));
		await eventually(() => expect(snapshots.size).toBe(100));
	});

	it('refuses a reaction that the gateway does not have', async () => {
		const { video } = watch('talk', 'ann');
		await expect(video.like('boo')).rejects.toMatchObject({ code: 'unknown_reaction' });
		expect(video.totals.boo).toBeUndefined();
	});

	it('counts likes at the second that their users saw, and those with a wrong position at the second of arrival', async () => {
		const { video, updates } = watch('timed', 'ann');
		// The snapshot has no sample of the likes before it.
		await eventually(() => expect(updates).toHaveLength(1));
		const begin = Date.now();
		const seen = begin - 20_000;
		await video.like('heart', { position: seen + 0.4 });
		await video.like('clap', { position: seen });
		await video.like('heart', { position: begin - 90_000 });
		const sampled = () => updates.flatMap(({ recent }) => recent.map(({ type, position }) => [type, position]));
		const expected = [
			['heart', seen],
			['clap', seen],
			['heart', undefined],
		];
		await eventually(() => expect(sampled()).toEqual(expected));
		const { points, totals, missing } = await video.timeline();
		expect(points[0]).toEqual({ at: Math.floor(seen / 1_000) * 1_000, counts: { clap: 1, heart: 1 } });
		expect(points).toHaveLength(2);
		expect(points[1]?.at).toBeGreaterThanOrEqual(begin - 1_000);
		expect({ totals, missing }).toEqual({ totals: { clap: 1, heart: 2 }, missing: [] });
		const { highlights } = await video.highlights({ count: 1 });
		expect(highlights).toHaveLength(1);
		const [best] = highlights;
		expect(best?.from).toBeLessThanOrEqual(seen);
		expect(best?.to).toBeGreaterThan(seen);
		expect(best?.counts).toEqual({ clap: 1, heart: 1 });
		await expect(video.timeline({ step: '2h' })).rejects.toMatchObject({ code: 'invalid_step' });
	});

	it('reconnects by itself after a restart, and counts likes from during it once', async () => {
		const ann = watch('restart', 'ann');
		const bob = watch('restart', 'bob');
		await eventually(() => expect([ann.live.state, bob.live.state]).toEqual(['live', 'live']));
		await ann.video.like();
		const { port } = new URL(gateway.url);
		await gateway.close();
		await eventually(() => expect(ann.live.state).not.toBe('live'));
		const answers = Promise.all(Array.from({ length: 20 }, () => ann.video.like()));
		expect(ann.video.totals).toEqual({ heart: 21 });
		gateway = await start(port);
		await answers;
		await eventually(() => expect([ann.live.state, bob.live.state]).toEqual(['live', 'live']));
		await eventually(() => expect([ann.video.totals.heart, bob.video.totals.heart]).toEqual([21, 21]));
		expect(await stored('restart')).toEqual({ heart: 21 });
	});

	it('shows a comment to all viewers, once and in order, keeps it in the history, and removes it after its deletion', async () => {
		const [ann, bob] = ['ann', 'bob'].map((user) => {
			const { live, video, updates } = watch('comments', user);
			const received: string[] = [];
			video.on('comment', ({ text }) => received.push(text));
			video.on('comment-deleted', ({ id }) => received.push(`-${id}`));
			return { live, video, updates, received };
		});
		if (ann === undefined || bob === undefined) throw new Error('no viewers');
		// Comments from before the snapshot are in the history alone.
		await eventually(() => expect([ann.updates, bob.updates].map(({ length }) => length)).toEqual([1, 1]));
		const texts = Array.from({ length: 20 }, (_, n) => `line ${n}`);
		const answers = await Promise.all(texts.map((text) => ann.video.comment(text)));
		await eventually(() => expect(bob.received).toEqual(texts));
		expect(ann.received).toEqual(texts);
		const [first] = answers;
		const reply = await bob.video.comment('an answer', { parent: first?.id });
		// Viewers that had not received it before its deletion would never show it.
		await eventually(() => expect(ann.received.at(-1)).toBe('an answer'));
		await bob.video.likeComment(reply.id);
		const history: unknown[] = [];
		for await (const { text, parent, likes } of ann.video.comments({ limit: 7 })) history.push({ text, parent, likes });
		expect(history[0]).toEqual({ text: 'an answer', parent: first?.id, likes: { heart: 1 } });
		expect(history.slice(1)).toEqual([...texts].reverse().map((text) => ({ text })));
		await expect(ann.video.deleteComment(reply.id)).rejects.toMatchObject({ code: 'forbidden' });
		await bob.video.deleteComment(reply.id);
		await eventually(() => expect(ann.received.slice(20)).toEqual(['an answer', `-${reply.id}`]));
		await expect(ann.video.comment('\u200b')).rejects.toMatchObject({ code: 'invalid_text' });
	});

	it('receives the comments from during a restart, in order', async () => {
		const ann = watch('away', 'ann');
		const received: string[] = [];
		ann.video.on('comment', ({ text }) => received.push(text));
		ann.video.on('gap', ({ reason }) => received.push(reason));
		const bob = watch('away', 'bob');
		await eventually(() => expect(ann.updates).toHaveLength(1));
		await bob.video.comment('before');
		await eventually(() => expect(received).toEqual(['before']));
		const { port } = new URL(gateway.url);
		await gateway.close();
		await eventually(() => expect(ann.live.state).not.toBe('live'));
		const sent = Promise.all(['one', 'two', 'three'].map((text) => bob.video.comment(text)));
		gateway = await start(port);
		await sent;
		await eventually(() => expect(received).toEqual(['before', 'one', 'two', 'three']));
	});

	it('shows viewers, presence and typing as they change', async () => {
		const ann = watch('presence', 'ann');
		const presence = ann.live.presence(['bob']);
		const talk = ann.live.conversation('c1');
		await eventually(() => expect(ann.live.state).toBe('live'));
		const bob = watch('presence', 'bob');
		await eventually(() => expect(presence.users.bob?.online).toBe(true));
		await eventually(() => expect([ann.video.viewers, bob.video.viewers]).toEqual([2, 2]));
		const other = bob.live.conversation('c1');
		other.typing();
		await eventually(() => expect(talk.typingUsers).toEqual(['bob']));
		other.typing(false);
		await eventually(() => expect(talk.typingUsers).toEqual([]));
		const receipts: unknown[] = [];
		talk.on('receipt', ({ user, message, state }) => receipts.push([user, message, state]));
		await other.read('m1');
		await eventually(() => expect(receipts).toEqual([['bob', 'm1', 'read']]));
	});

	it('receives what a server publishes on its topic, and the end of its video', async () => {
		const { live, video } = watch('show', 'ann');
		const received: unknown[] = [];
		let isFollowed = false;
		live.topic('scores').on('custom', ({ name, data }) => {
			if (name === 'ready') isFollowed = true;
			else received.push([name, data]);
		});
		video.on('ended', ({ totals }) => received.push(totals));
		const ask = async (path: string, body: unknown) => {
			const headers = { 'Content-Type': 'application/json' };
			const answer = await fetch(gateway.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
			expect(answer.status).toBe(202);
		};
		// A viewer without a cursor receives published events once its frontend has the state of the topic.
		await eventually(async () => {
			await ask('/v1/topics/scores/events', { name: 'ready', data: {} });
			expect(isFollowed).toBe(true);
		});
		await ask('/v1/topics/scores/events', { name: 'goal', data: { home: 1 } });
		await eventually(() => expect(received).toEqual([['goal', { home: 1 }]]));
		await video.like();
		await ask('/v1/videos/show/end', {});
		await eventually(() => expect(received[1]).toEqual({ heart: 1 }));
		await expect(video.comment('late')).rejects.toMatchObject({ code: 'video_ended' });
		const later = watch('show', 'bob');
		await eventually(() => expect(later.video.ended).toBe(true));
	});
});
