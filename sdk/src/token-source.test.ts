import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenSource } from './token-source.ts';

const NOW_S = 1_800_000_000;
const DAY_S = 86_400;

/** Returns a JWT with these claims, as far as a client reads it. */
function jwt(claims: object): string {
	return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
}

/** Creates a source over a function that returns the next of these tokens at each call. */
function sourceOf(...tokens: unknown[]) {
	const fetchToken = vi.fn(async () => tokens[fetchToken.mock.calls.length - 1] as string);
	return { source: createTokenSource(fetchToken), fetchToken };
}

describe('createTokenSource', () => {
	beforeEach(() => {
		vi.useFakeTimers({ now: NOW_S * 1000 });
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	it('calls the token function once for all concurrent requests', async () => {
		const { source, fetchToken } = sourceOf('one');
		expect(await Promise.all(Array.from({ length: 12 }, source.get))).toEqual(Array(12).fill('one'));
		expect(fetchToken).toHaveBeenCalledTimes(1);
	});

	it('keeps a token until 10 seconds before its exp', async () => {
		const [first, second] = [jwt({ exp: NOW_S + 60 }), jwt({ exp: NOW_S + 120 })];
		const { source } = sourceOf(first, second);
		await source.get();
		vi.setSystemTime((NOW_S + 49) * 1000);
		expect(await source.get()).toBe(first);
		vi.setSystemTime((NOW_S + 50) * 1000);
		expect(await source.get()).toBe(second);
	});

	it('takes the lifetime from iat where the clock of the device is a day ahead', async () => {
		const token = jwt({ iat: NOW_S - DAY_S, exp: NOW_S - DAY_S + 60 });
		const { source, fetchToken } = sourceOf(token, token);
		await source.get();
		await source.get();
		expect(fetchToken).toHaveBeenCalledTimes(1);
		vi.setSystemTime((NOW_S + 50) * 1000);
		await source.get();
		expect(fetchToken).toHaveBeenCalledTimes(2);
	});

	it.each(['opaque', 'a.b.c', 'a.bnVsbA.c', `a.${btoa('{"exp":"soon"}')}.c`])(
		'keeps a token without a readable exp until the gateway refuses it: %s',
		async (token) => {
			const { source } = sourceOf(token, 'next');
			await source.get();
			vi.setSystemTime((NOW_S + DAY_S) * 1000);
			expect(await source.get()).toBe(token);
			source.refused(token);
			expect(await source.get()).toBe('next');
		},
	);

	it('keeps the new token when the gateway refuses the one before it late', async () => {
		const { source, fetchToken } = sourceOf('old', 'new');
		await source.get();
		source.refused('old');
		await source.get();
		source.refused('old');
		expect(await source.get()).toBe('new');
		expect(fetchToken).toHaveBeenCalledTimes(2);
	});

	it.each([undefined, '', 7])('rejects with token_failed for %j, and asks again', async (nothing) => {
		const { source } = sourceOf(nothing, 'one');
		await expect(source.get()).rejects.toMatchObject({ code: 'token_failed', retryable: true });
		expect(await source.get()).toBe('one');
	});
});
