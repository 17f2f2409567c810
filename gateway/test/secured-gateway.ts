import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { expect } from 'vitest';
import { shareGateway } from './gateway.ts';
import { expectProblem, postJson } from './http-client.ts';
import { SECRET, signToken } from './tokens.ts';

/** The API key of the backend `shop`. */
export const KEY = 'a-key-of-the-shop';

type Headers = Record<string, string>;

/** Returns the header for a token or an API key. */
export const bearer = (credentials: string): Headers => ({ Authorization: `Bearer ${credentials}` });

/** Resolves with the header for a token of a user. */
export const as = async (sub: string, more: object = {}) => bearer(await signToken({ sub, ...more }));

/** Expects that the gateway refused each request for its credentials. */
export async function expectRefusals(
	responses: readonly Response[],
	code: 'unauthorized' | 'token_expired',
): Promise<void> {
	for (const response of responses) {
		expect(response.headers.get('www-authenticate')).toBe('Bearer');
		expect(response.headers.get('access-control-allow-origin')).toBe('*');
		expect(response.headers.get('cache-control')).toBe('no-store');
		await expectProblem(response, 401, code);
	}
}

/** Starts one gateway that requires tokens or API keys, for all tests of a file. Returns it with requests to it. */
export function shareSecuredGateway() {
	const gateway = shareGateway({
		jwtSecret: SECRET,
		apiKeys: `shop:${KEY},studio:${KEY}-and-more`,
		windowMs: '1',
		commitWindowMs: '0',
	});

	const like = (video: string, headers: Headers = {}, query = '', body: object = {}) =>
		postJson(gateway().url + paths.likes(video) + query, body, headers);
	const takeBack = (video: string, id: string, headers: Headers = {}) =>
		fetch(gateway().url + paths.like(video, id), { method: 'DELETE', headers });
	const read = (video: string, headers: Headers = {}, query = '') =>
		fetch(gateway().url + paths.video(video) + query, { headers });
	const openStream = (video: string, headers: Headers = {}, query = '') =>
		fetch(`${gateway().url}${paths.stream}?video=${video}${query}`, { headers });
	const change = (connection: string, body: object, headers: Headers = {}) =>
		postJson(gateway().url + paths.subscriptions(connection), body, headers);

	/** What the gateway answers about a video to a caller with rights. */
	async function stateOf(video: string) {
		const response = await read(video, bearer(KEY));
		expect(response.status).toBe(200);
		return (await response.json()) as { totals: Record<string, number>; viewers: number };
	}

	/** All requests of a viewer. */
	async function askForAll(video: string, headers: Headers = {}, token?: string): Promise<Response[]> {
		const parameter = token === undefined ? '' : `token=${encodeURIComponent(token)}`;
		return [
			await like(video, headers, `?${parameter}`),
			await fetch(`${gateway().url}${paths.like(video, randomUUID())}?${parameter}`, { method: 'DELETE', headers }),
			await read(video, headers, `?${parameter}`),
			await openStream(video, headers, `&${parameter}`),
			await postJson(`${gateway().url}${paths.subscriptions('c')}?${parameter}`, {}, headers),
		];
	}

	return { gateway, like, takeBack, read, openStream, change, stateOf, askForAll };
}
