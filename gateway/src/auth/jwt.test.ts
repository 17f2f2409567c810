import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forgeToken, hostileTokens, inSeconds, SECRET, signToken } from '../../test/tokens.ts';
import { createTokenVerifier } from './jwt.ts';

const verify = createTokenVerifier(SECRET);

describe('A token', () => {
	it('names its user, with all rights until it expires', async () => {
		const exp = inSeconds(60);
		expect(await verify(await signToken({ sub: 'ann', exp }))).toEqual({
			proof: 'token',
			user: 'ann',
			server: undefined,
			videos: undefined,
			conversations: [],
			presence: [],
			topics: undefined,
			can: undefined,
			expiresAt: (exp + 5) * 1_000,
		});
	});

	it('may have no end', async () => {
		expect(await verify(await signToken({ sub: 'ann' }))).toMatchObject({ expiresAt: Number.POSITIVE_INFINITY });
	});

	it('may name its actions; actions of other versions allow nothing', async () => {
		const claims = { sub: 'ann', videos: ['v1', '__proto__'], can: ['watch', 'fly', 'constructor'] };
		expect(await verify(await signToken(claims))).toMatchObject({ videos: ['v1', '__proto__'], can: ['watch'] });
		expect(await verify(await signToken({ sub: 'ann', videos: [], can: [] }))).toMatchObject({ videos: [], can: [] });
	});

	it('may name conversations, users and topics of an operator', async () => {
		const claims = { conversations: ['c1'], presence: ['bob'], topics: ['scores'] };
		expect(await verify(await signToken({ sub: 'ann', ...claims }))).toMatchObject(claims);
	});

	it('ignores keys that every object inherits', async () => {
		const payload = '{"sub":"ann","__proto__":{"videos":[],"can":[]},"constructor":{"can":[]}}';
		expect(await verify(forgeToken({ alg: 'HS256' }, payload))).toMatchObject({ videos: undefined, can: undefined });
	});

	it('is valid while the clocks of its issuer and this machine differ by a few seconds', async () => {
		await verify(await signToken({ sub: 'ann', exp: inSeconds(-2) }));
		await verify(await signToken({ sub: 'ann', nbf: inSeconds(2) }));
	});

	it('is refused with a reason, which does not quote it', async () => {
		for (const [what, token, reason] of await hostileTokens()) {
			const error = await verify(token).then(
				() => undefined,
				(thrown: unknown) => thrown,
			);
			expect([what, error]).toEqual([what, expect.objectContaining({ name: 'Rejection', reason, status: 401 })]);
			expect((error as Error).message).not.toContain(token);
		}
	});

	it('is refused with a change anywhere', async () => {
		const good = await signToken({ sub: 'ann' });
		const { length } = good;
		await fc.assert(
			// Not the last character: some of its bits have no meaning.
			fc.asyncProperty(fc.integer({ min: 0, max: length - 2 }), fc.stringMatching(/^[\w.-]$/), async (at, other) => {
				fc.pre(good[at] !== other);
				await expect(verify(good.slice(0, at) + other + good.slice(at + 1))).rejects.toMatchObject({ status: 401 });
			}),
			{ numRuns: 500 },
		);
	});

	it('of random text, or of random JSON with a valid signature, is refused or names an id', async () => {
		const text = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.base64String().map((part) => `${part}.${part}.${part}`),
		);
		const header = fc.oneof(fc.json(), fc.constant('{"alg":"HS256"}'));
		const signed = fc.tuple(
			header,
			fc.oneof(
				fc.json(),
				fc.json().map((sub) => `{"sub":${sub}}`),
			),
		);
		const forged = signed.map(([one, payload]) => forgeToken(one, payload));
		await fc.assert(
			fc.asyncProperty(fc.oneof(text, forged), async (token) => {
				const outcome = await verify(token).catch((error: unknown) => error);
				if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'Rejection', status: 401 });
				else expect(outcome).toMatchObject({ user: expect.stringMatching(/^[A-Za-z0-9_\-.~:]{1,128}$/) });
			}),
			{ numRuns: 1_000 },
		);
	});
});
