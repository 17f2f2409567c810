import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { type Client, createClient, type LikeAnswer } from '@likewire/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { shareGateway } from '../../gateway/test/gateway.ts';
import { inSeconds, SECRET, signToken } from '../../gateway/test/tokens.ts';
import { eventually } from './stream-server.ts';

const gateway = shareGateway({ jwtSecret: SECRET, retryMs: '100' });

/** A video for each like, since taps of one video share a request, and with it a token. */
const VIDEOS = Array.from({ length: 12 }, (_, index) => `v${index}`);

/** The delay of the endpoint, in milliseconds: long enough that all likes wait for the same answer. */
const AUTH_MS = 300;

/** When a token was made and expires, in seconds from now. */
interface Times {
	readonly iat: number;
	readonly exp: number;
}

/**
 * Starts an endpoint that signs tokens for a refresh token that works once.
 * Each answer has the next refresh token. `times` are those of the first token; later ones live for 1 hour.
 */
async function startAuth(times: Times) {
	let next = 'refresh-0';
	const answers: number[] = [];
	/** When the first token expires, in Unix milliseconds. */
	let expiresAt = 0;
	const server = createServer(async (request, response) => {
		let sent = '';
		for await (const chunk of request) sent += chunk;
		await after(AUTH_MS);
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

/** Opens a page whose token function sends its refresh token, and keeps the next one. */
function openPage(authUrl: string): Client {
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

/** Follows all videos; returns a function that likes each of them at once. */
function follow(live: Client): () => Promise<LikeAnswer[]> {
	const videos = VIDEOS.map((name) => live.video(name));
	return () => Promise.all(videos.map((video) => video.like()));
}

function expectCountedOnce(likes: readonly LikeAnswer[], before: number): void {
	expect(likes.map(({ video, totals, duplicate }) => [video, totals, duplicate])).toEqual(
		VIDEOS.map((video) => [video, { heart: before + 1 }, false]),
	);
}

describe('a refresh token that works once', () => {
	it('is used once by 12 concurrent likes whose token is about to expire, and all count', async () => {
		const auth = await startAuth({ iat: 0, exp: 15 });
		const live = openPage(auth.url);
		const likeAll = follow(live);
		await eventually(() => expect(live.state).toBe('live'));
		// The client renews a token 10 seconds before its `exp`.
		await eventually(() => expect(Date.now()).toBeGreaterThan(auth.expiresAt - 10_000));
		expectCountedOnce(await likeAll(), 0);
		expect(auth.answers).toEqual([200, 200]);
	});

	it('is used once when the gateway refuses the first token as expired, and 12 likes that wait all count', async () => {
		// To a client whose clock is off, a fresh token may look expired: it uses such a token until a refusal.
		const auth = await startAuth({ iat: -3_600, exp: -60 });
		const live = openPage(auth.url);
		const codes: string[] = [];
		live.on('error', ({ code }) => codes.push(code));
		expectCountedOnce(await follow(live)(), 1);
		expect(codes).toEqual(['token_expired']);
		expect(auth.answers).toEqual([200, 200]);
	});
});
