import { type Client, type ClientOptions, createClient, type LikewireErrorCode } from '@likewire/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { shareGateway, startGateway } from '../../gateway/test/gateway.ts';
import { inSeconds, SECRET, signToken } from '../../gateway/test/tokens.ts';
import { runScript } from './node-script.ts';
import { eventually, unusedUrl } from './stream-server.ts';

const gateway = shareGateway();
const guarded = shareGateway({ jwtSecret: SECRET });

const DAY_MS = 24 * 60 * 60_000;

function connect(options: ClientOptions): { readonly live: Client; readonly codes: LikewireErrorCode[] } {
	const live = createClient(options);
	onTestFinished(live.close);
	const codes: LikewireErrorCode[] = [];
	live.on('error', ({ code }) => codes.push(code));
	return { live, codes };
}

async function heartsOf(video: string, url = gateway().url): Promise<number | undefined> {
	const answer = await fetch(`${url}/v1/videos/${video}`);
	return (await answer.json()).totals.heart;
}

describe('a client with a real gateway', () => {
	it('reports not_found and retries when its address is below that of the gateway', async () => {
		const { live, codes } = connect({ url: `${gateway().url}/nowhere`, user: 'ann' });
		live.video('nowhere');
		await eventually(() => expect(codes.length).toBeGreaterThan(1));
		expect(new Set(codes)).toEqual(new Set(['not_found']));
		expect(live.state).not.toBe('closed');
	});

	it('is live once a gateway that was down at the start is up, and has each early like counted once', async () => {
		const url = await unusedUrl();
		const { live, codes } = connect({ url, user: 'ann' });
		const video = live.video('early');
		const answers = Promise.all([video.like(), video.like(), video.comment('first')]);
		await eventually(() => expect(codes[0]).toBe('network'));
		await startGateway({ port: new URL(url).port });
		await answers;
		await eventually(() => expect(live.state).toBe('live'));
		expect(await heartsOf('early', url)).toBe(2);
	});

	it('rejects invalid ids with their codes, and goes on', async () => {
		const { live, codes } = connect({ url: gateway().url, user: 'ann' });
		const video = live.video('ids');
		const conversation = live.conversation('ids');
		const refused: [Promise<unknown>, LikewireErrorCode][] = [
			[video.comment('text', { id: 'none' }), 'invalid_comment_id'],
			[video.comment('text', { parent: 'none' }), 'invalid_comment_id'],
			[video.deleteComment('none'), 'invalid_comment_id'],
			[video.deleteComment('../../likes'), 'invalid_comment_id'],
			[video.likeComment('none'), 'invalid_comment_id'],
			[video.like('no reaction'), 'unknown_reaction'],
			[conversation.read(''), 'invalid_event_id'],
			[conversation.read('\0'), 'invalid_event_id'],
		];
		for (const [answer, code] of refused) await expect(answer).rejects.toMatchObject({ name: 'LikewireError', code });
		await video.like();
		expect(await heartsOf('ids')).toBe(1);
		expect([live.state, codes]).toEqual(['live', []]);
	});

	it.each([
		[
			'throws on each access',
			() => {
				throw new DOMException('The operation is insecure.', 'SecurityError');
			},
		],
		[
			'is full',
			() => ({
				getItem: () => null,
				removeItem: () => {},
				setItem() {
					throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
				},
			}),
		],
	])('has its likes counted once where localStorage %s', async (name, get) => {
		Object.defineProperty(globalThis, 'localStorage', { get, configurable: true });
		onTestFinished(() => void Reflect.deleteProperty(globalThis, 'localStorage'));
		const { live, codes } = connect({ url: gateway().url });
		const id = name.replaceAll(' ', '-');
		const video = live.video(id);
		await Promise.all([video.like(), video.like()]);
		await eventually(() => expect(video.totals).toEqual({ heart: 2 }));
		expect(await heartsOf(id)).toBe(2);
		expect(codes).toEqual([]);
	});

	it.each([
		['ahead', DAY_MS],
		['behind', -DAY_MS],
	])('has its likes counted once where its clock is 1 day %s, and asks for one token', async (where, offsetMs) => {
		const token = await signToken({ sub: 'ann', exp: inSeconds(60), iat: inSeconds(0) });
		const { stdout, stderr } = await runScript(`
			import { EventSource } from 'eventsource';
			globalThis.EventSource = EventSource;
			const now = Date.now;
			Date.now = () => now() + ${offsetMs};
			let asked = 0;
			const live = createClient({ url: '${guarded().url}', token: async () => (asked++, '${token}') });
			const codes = [];
			live.on('error', ({ code }) => codes.push(code));
			const video = live.video('${where}');
			await Promise.all([video.like(), video.like(), video.comment('now')]);
			await new Promise((resolve) => {
				const done = () => video.totals.heart === 2 && live.state === 'live' && resolve();
				live.on('state', done);
				video.on('totals', done);
				done();
			});
			console.log(JSON.stringify({ asked, codes }));
			live.close();`);
		expect(stderr).toBe('');
		expect(JSON.parse(stdout)).toEqual({ asked: 1, codes: [] });
		const answer = await fetch(`${guarded().url}/v1/videos/${where}`, {
			headers: { Authorization: `Bearer ${token}` },
		});
		expect((await answer.json()).totals).toEqual({ heart: 2 });
	});
});
