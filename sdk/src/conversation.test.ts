import { describe, expect, it } from 'vitest';
import { serveClient } from '../testing/client-test.ts';
import { eventually, type Post } from '../testing/stream-server.ts';

const connect = serveClient();

describe('a conversation', () => {
	const typing = (user: string, typing: boolean) => ({ conversation: 'c1', user, typing });

	it('shows the users that type, until they stop or another stream opens', async () => {
		const { live, stream, isLive } = await connect();
		const talk = live.conversation('c1');
		const received: string[] = [];
		talk.on('typing', ({ user, typing }) => received.push(`${user} ${typing}`));
		await isLive();
		for (const event of [typing('ann', true), typing('ann', true), typing('bob', true), typing('ann', false)]) {
			stream().send('typing', event);
		}
		stream().send('typing', typing('cid', false));
		stream().send('typing', typing('dan', true));
		await eventually(() => expect(talk.typingUsers).toEqual(['bob', 'dan']));
		expect(talk.typingUsers).toBe(talk.typingUsers);
		stream().end();
		await isLive(2);
		expect(talk.typingUsers).toEqual([]);
		expect(received).toEqual(['ann true', 'bob true', 'ann false', 'dan true', 'bob false', 'dan false']);
	});

	it('emits how far each user has read', async () => {
		const { live, stream, isLive } = await connect();
		const received: unknown[] = [];
		live.conversation('c1').on('receipt', (event) => received.push(event));
		await isLive();
		const receipt = { conversation: 'c1', user: 'ann', message: 'm1', state: 'read' } as const;
		stream().send('receipt', receipt);
		await eventually(() => expect(received).toEqual([receipt]));
	});

	it('sends how far this user is, and of pending receipts only the newest', async () => {
		const held: Post[] = [];
		const { live, isLive } = await connect({ onPost: (post) => held.push(post) });
		const talk = live.conversation('c1');
		await isLive();
		const first = talk.read('m1');
		await eventually(() => expect(held).toHaveLength(1));
		const rest = Promise.all([talk.read('m2'), talk.read('m3'), talk.delivered('m4')]);
		held[0]?.answer(202, {});
		await first;
		await eventually(() => expect(held).toHaveLength(3));
		for (const post of held.slice(1)) post.answer(202, '');
		await rest;
		expect(held.map(({ path }) => path)).toEqual(Array(3).fill('/v1/conversations/c1/receipts'));
		expect(held.map(({ body }) => body)).toEqual(
			expect.arrayContaining([
				{ message: 'm1', state: 'read' },
				{ message: 'm3', state: 'read' },
				{ message: 'm4', state: 'delivered' },
			]),
		);
	});

	it('sends the end of typing after its beginning, and emits a refusal as an error of the client', async () => {
		const held: Post[] = [];
		const { live, isLive } = await connect({
			onPost: (post) => (post.path.endsWith('/typing') ? held.push(post) : post.answer(200, {})),
		});
		const talk = live.conversation('c1');
		const codes: string[] = [];
		live.on('error', ({ code }) => codes.push(code));
		await isLive();
		talk.typing();
		talk.typing(true);
		talk.typing(false);
		talk.typing(false);
		await eventually(() => expect(held).toHaveLength(1));
		held[0]?.cut();
		await eventually(() => expect(held).toHaveLength(2));
		held[1]?.answer(403, { code: 'forbidden', detail: 'no' });
		await eventually(() => expect(codes).toEqual(['forbidden']));
		expect(held.map(({ path, body }) => [path, body.typing])).toEqual([
			['/v1/conversations/c1/typing', true],
			['/v1/conversations/c1/typing', false],
		]);
		talk.typing();
		talk.close();
		expect(() => talk.typing()).toThrow(expect.objectContaining({ code: 'closed' }));
		await eventually(() => expect(held).toHaveLength(3));
		held[2]?.answer(202, {});
		await eventually(() => expect(held[3]?.body).toEqual({ typing: false }));
	});
});
