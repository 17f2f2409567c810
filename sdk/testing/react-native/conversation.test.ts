import type { Video } from '@likewire/sdk';
import { describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../../../gateway/test/gateway.ts';
import { TcpGate } from '../../../gateway/test/tcp-gate.ts';
import { type AppPhone, itTalks, write } from './app-suite.ts';
import { Phone } from './phone.ts';

const start = (flags = {}): Promise<TestGateway> =>
	startGateway({ pollMs: '500', heartbeatMs: '1000', retryMs: '100', ...flags });

/** Reads a history as Babel does for an engine without the symbol. */
async function readHistory(video: Video): Promise<readonly string[]> {
	const comments = video.comments({ limit: 1 }) as unknown as {
		'@@asyncIterator'(): ReturnType<Video['comments']>;
	};
	const texts: string[] = [];
	const values = { [Symbol.asyncIterator]: () => comments['@@asyncIterator']() };
	for await (const { text } of values) texts.push(text);
	return texts;
}

/** Creates a phone whose app is the SDK alone. */
function createPhone(): AppPhone {
	const phone = new Phone();
	return {
		async start(url) {
			return { live: await phone.open({ url }), readHistory, kill: () => phone.kill() };
		},
		setAppState: (state) => phone.setAppState(state),
		setNetwork: (type) => phone.setNetwork({ type, isConnected: true }),
		pass: (ms) => phone.pass(ms),
		kept: () => phone.storage.items.size,
	};
}

describe('a client with the globals of React Native', () => {
	itTalks(createPhone);

	it('polls where no socket opens', async () => {
		const gateway = await start();
		const live = await new Phone().open({ url: gateway.url, transport: 'polling' });
		const video = live.video('v1');
		await expect.poll(() => live.state).toBe('polling');
		await write(gateway, 'videos/v1/likes', {});
		await expect.poll(() => video.totals).toEqual({ heart: 1 });
	});

	it('reports why a socket is refused', async () => {
		const gateway = await start({ jwtSecret: 'a secret of thirty-two characters' });
		const live = await new Phone().open({ url: gateway.url, token: 'no token' });
		const codes: string[] = [];
		live.on('error', ({ code }) => codes.push(code));
		await expect.poll(() => live.state).toBe('closed');
		expect(codes).toEqual(['unauthorized']);
	});

	it('rejects pending calls with a LikewireError when it closes', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		const { createClient, LikewireError } = await new Phone().start();
		const live = createClient({ url: gate.url, user: 'ann' });
		await expect.poll(() => live.state).toBe('live');
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
