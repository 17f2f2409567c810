import type { Client, LikewireError } from '@likewire/sdk';
import { createClient } from '@likewire/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { shareGateway } from '../../gateway/test/gateway.ts';
import { SECRET, signToken } from '../../gateway/test/tokens.ts';
import { eventually } from './stream-server.ts';

const gateway = shareGateway({ jwtSecret: SECRET });

interface Refusable {
	on(event: 'error', listener: (error: LikewireError) => void): unknown;
}

async function connect(claims: object): Promise<Client> {
	const live = createClient({ url: gateway().url, token: await signToken({ sub: 'ann', ...claims }) });
	onTestFinished(live.close);
	return live;
}

/** Returns the codes of the errors that a handle emits. */
function errorsOf(handle: Refusable): string[] {
	const codes: string[] = [];
	handle.on('error', ({ code }) => codes.push(code));
	return codes;
}

const isLive = (live: Client) => eventually(() => expect(live.state).toBe('live'));

describe('a topic that the token does not allow', () => {
	it('is refused alone, on its own handle, when the stream opens', async () => {
		const live = await connect({ videos: ['open'], topics: [], presence: [], conversations: [] });
		const open = live.video('open');
		const refused = [live.video('closed'), live.topic('scores'), live.presence(['bob']), live.conversation('c1')];
		const codes = refused.map(errorsOf);
		const clientErrors = errorsOf(live);
		const openErrors = errorsOf(open);
		let gaps = 0;
		for (const handle of refused.slice(0, 2)) (handle as typeof open).on('gap', () => gaps++);
		await eventually(() => expect(codes).toEqual(refused.map(() => ['forbidden'])));
		await isLive(live);
		await open.like();
		expect([openErrors, clientErrors, live.state, gaps]).toEqual([[], [], 'live', 0]);
	});

	it('is refused alone when it is added later, and when it is opened again', async () => {
		const live = await connect({ videos: ['open'] });
		const open = live.video('open');
		await isLive(live);
		const closed = live.video('closed');
		const codes = errorsOf(closed);
		await eventually(() => expect(codes).toEqual(['forbidden']));
		closed.close();
		const again = errorsOf(live.video('closed'));
		await eventually(() => expect(again).toEqual(['forbidden']));
		await open.like();
		expect(live.state).toBe('live');
	});

	it('does not close a client that follows no other topic: an allowed one may follow', async () => {
		const live = await connect({ videos: ['open'] });
		const codes = errorsOf(live.video('closed'));
		await eventually(() => expect(codes).toEqual(['forbidden']));
		await isLive(live);
		const answer = await live.video('open').like();
		expect(answer).toMatchObject({ video: 'open', duplicate: false });
	});
});
