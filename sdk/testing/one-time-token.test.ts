import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, type LikeAnswer } from '@likewire/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { shareGateway } from '../../gateway/test/gateway.ts';
import { inSeconds, SECRET, signToken } from '../../gateway/test/tokens.ts';
import { eventually } from './stream-server.ts';

const gateway = shareGateway({ jwtSecret: SECRET, retryMs: '100' });

const LIKES = 12;

/** When a token was made and expires, as seconds from now. */
interface Times {
	readonly iat: number;
	readonly exp: number;
}

/**
 * Signs tokens for a refresh token that works once: each answer has the next one. `times` are those of the first token; later
 * ones live for an hour.
 */
async function startAuth(times: Times) {
	let next = 'refresh-0';
	const answers: number[] = [];
	/** When the first token expires, in Unix milliseconds. */
	let expiresAt = 0;
	const server = createServer(async (request, response) => {
		let sent = '';
		for await (const chunk of request) sent += chunk;
		const isFirst = answers.length === 0;
		const status = sent === next ? 200 : 401;
		answers.push(status);
		if (status !== 200) {
			response.writeHead(status).end();
			return;
		}
		next = `refresh-${answers.length}`;
		const { iat, exp } = isFirst ? times : { iat: 0, exp: 3_600 };
		const claims = { sub: 'ann', iat: inSeconds(iat), exp: inSeconds(exp) };
		expiresAt ||= claims.exp * 1_000;
		response.end(JSON.stringify({ token: await signToken(claims), refresh: next }));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		/** The statuses of its answers. */
		answers,
		get expiresAt() {
			return expiresAt;
		},
	};
}

/** A page whose token function shows its refresh token, and keeps the next one. */
function openPage(authUrl: string) {
	let refresh = 'refresh-0';
	const live = createClient({
		url: gateway().url,
		async token() {
			const response = await fetch(authUrl, { method: 'POST', body: refresh });
			if (!response.ok) throw new Error(`The refresh token was refused: ${response.status}`);
			const answer = await response.json();
			refresh = answer.refresh;
			return answer.token;
		},
	});
	onTestFinished(() => live.close());
	return live;
}

async function expectAllCounted(video: string, likes: readonly LikeAnswer[]): Promise<void> {
	expect(new Set(likes.map(({ id }) => id)).size).toBe(LIKES);
	expect(likes.map(({ duplicate }) => duplicate)).toEqual(Array(LIKES).fill(false));
	const answer = await fetch(`${gateway().url}/v1/videos/${video}`, {
		headers: { Authorization: `Bearer ${await signToken({ sub: 'bob' })}` },
	});
	expect((await answer.json()).totals).toEqual({ heart: LIKES });
}

describe('a refresh token that works once', () => {
	it('is used once by 12 likes at once whose token is about to expire, and all count', async () => {
		const auth = await startAuth({ iat: 0, exp: 15 });
		const live = openPage(auth.url);
		const video = live.video('about-to-expire');
		await eventually(() => expect(live.state).toBe('live'));
		// A token is renewed ten seconds before its time.
		await eventually(() => expect(Date.now()).toBeGreaterThan(auth.expiresAt - 10_000));
		const likes = await Promise.all(Array.from({ length: LIKES }, () => video.like()));
		expect(auth.answers).toEqual([200, 200]);
		await expectAllCounted('about-to-expire', likes);
	});

	it('is used once by 12 likes and a stream whose token the gateway refuses as expired, and all count', async () => {
		// To a client whose clock is off, a fresh token may look expired: it uses that until it is refused.
		const auth = await startAuth({ iat: -3_600, exp: -60 });
		const live = openPage(auth.url);
		const codes: string[] = [];
		live.on('error', ({ code }) => codes.push(code));
		const video = live.video('expired');
		const likes = await Promise.all(Array.from({ length: LIKES }, () => video.like()));
		expect(codes).toEqual(['token_expired']);
		expect(auth.answers).toEqual([200, 200]);
		await expectAllCounted('expired', likes);
	});
});
