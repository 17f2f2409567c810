import { describe, expect, it } from 'vitest';
import { serveClient } from '../testing/client-test.ts';
import { eventually, type Post } from '../testing/stream-server.ts';

const connect = serveClient();

const changes = ({ posts }: { readonly posts: readonly Post[] }) =>
	posts.filter(({ path }) => path.endsWith('/subscriptions')).map(({ body }) => body);

describe('a client', () => {
	it('follows videos, conversations, users and topics on one stream', async () => {
		const { server, live, stream, isLive } = await connect();
		live.video('v1');
		live.conversation('c1');
		live.presence(['ann', 'bob', 'ann']);
		live.topic('scores');
		await isLive();
		expect(`${stream().query}`).toBe('user=me&video=v1&conversation=c1&presence=ann&presence=bob&topic=scores');
		live.conversation('c2');
		const presence = live.presence(['bob', 'cid']);
		await eventually(() =>
			expect(changes(server)).toEqual([{ add: { conversations: ['c2'], presence: ['cid'] }, remove: {} }]),
		);
		presence.close();
		await eventually(() => expect(changes(server)[1]).toEqual({ add: {}, remove: { presence: ['cid'] } }));
	});

	it('resumes each topic that has a log after its own newest event', async () => {
		const { live, stream, isLive } = await connect();
		const scores = live.topic('scores');
		live.topic('quiet');
		live.video('v1');
		live.conversation('c1');
		const names: string[] = [];
		scores.on('custom', ({ name }) => names.push(name));
		await isLive();
		stream().send('custom', { topic: 'scores', name: 'goal', data: { home: 1 }, at: 1 }, 's1');
		stream().send('custom', { topic: 'conversation:c1', name: 'message', data: 'hi', at: 2 }, 'c1');
		stream().send('custom', { topic: 'video:v1', name: 'poll', data: {}, at: 3 }, 'v1');
		stream().send('custom', { topic: 'scores', name: 'final', data: {}, at: 4 }, 's2');
		stream().send('custom', { topic: 'scores', name: 'wave', data: {}, at: 5 });
		await eventually(() => expect(names).toEqual(['goal', 'final', 'wave']));
		stream().end();
		await isLive(2);
		expect(`${stream().query}`).toBe(
			'user=me&topic=scores&cursor=s2&topic=quiet&video=v1&cursor=v1&conversation=c1&cursor=c1',
		);
	});

	it('sends topics whose cursors make the address too long later, in requests that a gateway reads', async () => {
		const { server, live, stream, isLive } = await connect();
		const ids = Array.from({ length: 100 }, (_, n) => `${n}`.padEnd(128, 'x'));
		const got = new Set<string>();
		for (const id of ids) live.topic(id).on('custom', ({ topic }) => got.add(topic));
		await isLive();
		for (const topic of ids)
			stream().send('custom', { topic, name: 'n', data: 1, at: 1 }, `of-${topic}`.padEnd(300, 'c'));
		await eventually(() => expect(got.size).toBe(100));
		await eventually(() => {
			const asked = changes(server).flatMap(({ add }) => add.topics);
			expect(stream().query.getAll('topic').length + asked.length).toBe(100);
		});
		const before = changes(server).length;
		stream().end();
		await isLive(2);
		const { query } = stream();
		expect(`${query}`.length).toBeLessThan(800);
		const asked = () =>
			changes(server)
				.slice(before)
				.flatMap(({ add }) => add.topics ?? []);
		await eventually(() => expect([...query.getAll('topic'), ...asked()].sort()).toEqual([...ids].sort()));
		for (const change of changes(server)) expect(JSON.stringify(change).length).toBeLessThan(16_384);
		const cursors = [
			...query.getAll('cursor'),
			...changes(server)
				.slice(before)
				.flatMap(({ cursors }) => cursors),
		];
		expect(cursors.sort()).toEqual(ids.map((id) => `of-${id}`.padEnd(300, 'c')).sort());
	});

	it('drops the cursor of a topic that it no longer follows', async () => {
		const { server, live, stream, isLive } = await connect();
		live.video('v1');
		const scores = live.topic('scores');
		const received: unknown[] = [];
		scores.on('custom', ({ data }) => received.push(data));
		await isLive();
		stream().send('custom', { topic: 'scores', name: 'goal', data: 1, at: 1 }, 's1');
		await eventually(() => expect(received).toEqual([1]));
		scores.close();
		await eventually(() => expect(changes(server)).toHaveLength(1));
		live.topic('scores');
		await eventually(() => expect(changes(server)[1]).toEqual({ add: { topics: ['scores'] }, remove: {} }));
	});

	it("resumes after a gap, which has the topic's name as servers write it", async () => {
		const { server, live, stream, isLive } = await connect();
		const gaps: unknown[] = [];
		live.topic('scores').on('gap', (gap) => gaps.push(gap));
		await isLive();
		stream().send('gap', { topic: 'scores', reason: 'too_old' }, 's9');
		await eventually(() => expect(gaps).toEqual([{ topic: 'scores', reason: 'too_old' }]));
		stream().end();
		await isLive(2);
		expect(stream().query.getAll('cursor')).toEqual(['s9']);
		expect(server.streams).toHaveLength(2);
	});

	it('also delivers what servers publish under the name of a video or a conversation', async () => {
		const { live, stream, isLive } = await connect();
		const received: unknown[] = [];
		for (const name of ['video:v1', 'conversation:c1']) {
			const topic = live.topic(name);
			expect(topic.name).toBe(name);
			topic.on('custom', ({ data }) => received.push(data));
		}
		await isLive();
		expect(`${stream().query}`).toBe('user=me&video=v1&conversation=c1');
		stream().send('custom', { topic: 'video:v1', name: 'poll', data: 1, at: 1 }, 'a');
		stream().send('custom', { topic: 'conversation:c1', name: 'message', data: 2, at: 1 }, 'b');
		await eventually(() => expect(received).toEqual([1, 2]));
	});

	it('follows at most 100 topics of all kinds', async () => {
		const { live } = await connect();
		const presence = live.presence(Array.from({ length: 98 }, (_, n) => `u${n}`));
		live.video('v1');
		live.conversation('c1');
		const full = expect.objectContaining({ code: 'too_many_topics' });
		expect(() => live.topic('t1')).toThrow(full);
		expect(() => live.presence(['u1', 'more'])).toThrow(full);
		live.presence(['u1', 'u2']);
		presence.close();
		live.topic('t1');
	});

	it.each(['', 'a b', 'é', 7])('refuses %j as an id of each kind', async (id) => {
		const { live } = await connect();
		const code = (code: string) => expect.objectContaining({ code });
		expect(() => live.conversation(id as string)).toThrow(code('invalid_conversation_id'));
		expect(() => live.presence(['ann', id as string])).toThrow(code('invalid_user_id'));
		expect(() => live.topic(id as string)).toThrow(code('invalid_topic'));
	});

	it.each(['video:', 'conversation:', 'video:.', 'conversation:a b', `video:${'a'.repeat(129)}`, 'a'.repeat(129)])(
		'refuses %j as the name of a topic at once, as the gateway would, and stays connected',
		async (name) => {
			const { server, live, isLive } = await connect();
			expect(() => live.topic(name)).toThrow(expect.objectContaining({ code: 'invalid_topic' }));
			live.topic('scores');
			await isLive();
			expect(`${server.streams[0]?.query}`).toBe('user=me&topic=scores');
		},
	);

	it('takes the longest ids, also after a kind', async () => {
		const { live, stream, isLive } = await connect();
		const id = 'a'.repeat(128);
		const received: unknown[] = [];
		for (const name of [id, `video:${id}`, `conversation:${id}`]) {
			live.topic(name).on('custom', ({ topic }) => received.push(topic));
		}
		await isLive();
		expect(`${stream().query}`).toBe(`user=me&topic=${id}&video=${id}&conversation=${id}`);
		for (const topic of [id, `video:${id}`, `conversation:${id}`]) {
			stream().send('custom', { topic, name: 'n', data: 1, at: 1 }, topic);
		}
		await eventually(() => expect(received).toEqual([id, `video:${id}`, `conversation:${id}`]));
	});

	it('ignores events of topics that it does not follow, and takes a gateway that knows fewer kinds', async () => {
		const { live, stream, isLive } = await connect({
			onStream: (stream) => stream.hello({ conversations: undefined, topics: undefined } as object),
		});
		const video = live.video('v1');
		await isLive();
		stream().send('typing', { conversation: 'other', user: 'ann', typing: true });
		stream().send('presence', { user: 'ann', online: true, lastSeen: 1 });
		stream().send('viewers', { video: 'v1', count: 2 });
		await eventually(() => expect(video.viewers).toBe(2));
	});
});
