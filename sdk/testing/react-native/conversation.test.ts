import type { Client, Video } from '@likewire/sdk';
import { describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../../../gateway/test/gateway.ts';
import { TcpGate } from '../../../gateway/test/tcp-gate.ts';
import { Phone } from './phone.ts';

const start = (flags = {}): Promise<TestGateway> =>
	startGateway({ pollMs: '500', heartbeatMs: '1000', retryMs: '100', ...flags });

/** What any other client writes. */
async function write(gateway: TestGateway, path: string, body: object): Promise<void> {
	const response = await fetch(`${gateway.url}/v1/${path}`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Likewire-User': 'bob' },
		body: JSON.stringify(body),
	});
	expect(response.ok).toBe(true);
}

const comment = (gateway: TestGateway, text: string) => write(gateway, 'videos/v1/comments', { text });

function textsOf(video: Video): string[] {
	const texts: string[] = [];
	video.on('comment', ({ text }) => texts.push(text));
	return texts;
}

/** As Babel reads it where an engine does not know the symbol. */
function iterable<Value>(values: AsyncIterable<Value>): AsyncIterable<Value> {
	const named = values as unknown as { '@@asyncIterator'(): AsyncIterator<Value> };
	return { [Symbol.asyncIterator]: () => named['@@asyncIterator']() };
}

const isLive = (live: Client) => expect.poll(() => live.state).toBe('live');

describe('a client with the globals of React Native', () => {
	it('is live over a WebSocket without an EventSource', async () => {
		const gateway = await start();
		const live = await new Phone().open({ url: gateway.url });
		await isLive(live);
		const video = live.video('v1');
		await expect.poll(() => video.viewers).toBe(1);
	});

	it('likes, comments, reads a history, and types', async () => {
		const gateway = await start();
		const live = await new Phone().open({ url: gateway.url });
		const video = live.video('v1');
		const conversation = live.conversation('c1');
		const texts = textsOf(video);
		await isLive(live);
		const liked = video.like();
		expect(video.totals).toEqual({ heart: 1 });
		expect(await liked).toMatchObject({ totals: { heart: 1 }, duplicate: false });
		await write(gateway, 'videos/v1/likes', {});
		await expect.poll(() => video.totals).toEqual({ heart: 2 });
		await video.comment('one');
		await comment(gateway, 'two');
		await expect.poll(() => texts).toEqual(['one', 'two']);
		const history: string[] = [];
		for await (const { text } of iterable(video.comments({ limit: 1 }))) history.push(text);
		expect(history).toEqual(['two', 'one']);
		await write(gateway, 'conversations/c1/typing', { typing: true });
		await expect.poll(() => conversation.typingUsers).toEqual(['bob']);
	});

	it('resumes after a cut: each comment comes once, in order', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		const live = await new Phone().open({ url: gate.url });
		const video = live.video('v1');
		const texts = textsOf(video);
		await expect.poll(() => video.viewers).toBe(1);
		await comment(gateway, 'one');
		await expect.poll(() => texts).toEqual(['one']);
		gate.shut();
		await expect.poll(() => live.state).not.toBe('live');
		await comment(gateway, 'two');
		gate.open();
		await expect.poll(() => texts).toEqual(['one', 'two']);
	});

	it('polls where no socket opens', async () => {
		const gateway = await start();
		const live = await new Phone().open({ url: gateway.url, transport: 'polling' });
		const video = live.video('v1');
		await expect.poll(() => live.state).toBe('polling');
		await write(gateway, 'videos/v1/likes', {});
		await expect.poll(() => video.totals).toEqual({ heart: 1 });
	});

	it('learns why a socket is refused', async () => {
		const gateway = await start({ jwtSecret: 'a secret of thirty-two characters' });
		const live = await new Phone().open({ url: gateway.url, token: 'no token' });
		const codes: string[] = [];
		live.on('error', ({ code }) => codes.push(code));
		await expect.poll(() => live.state).toBe('closed');
		expect(codes).toEqual(['unauthorized']);
	});

	it('rejects what waits with a LikewireError when it closes', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		const { createClient, LikewireError } = await new Phone().start();
		const live = createClient({ url: gate.url, user: 'ann' });
		await isLive(live);
		gate.silence();
		const liked = live.video('v1').like();
		const history = live.video('v1').comments().next();
		const rejections = Promise.all([liked, history].map((waiting) => waiting.catch((error: unknown) => error)));
		live.close();
		for (const error of await rejections) {
			expect(error).toBeInstanceOf(LikewireError);
			expect(error).toMatchObject({ code: 'closed' });
		}
	});
});
