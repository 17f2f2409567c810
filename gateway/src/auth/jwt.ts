import { webcrypto } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { Rejection } from '../http/rejections.ts';
import { ACTIONS, type Caller, idSchema, makeCaller } from './caller.ts';

/** The largest difference between clocks of servers, in seconds. */
const CLOCK_TOLERANCE_S = 5;

const ALGORITHM = 'HS256';

const claims = z.object({
	sub: idSchema,
	videos: z.array(idSchema).optional(),
	topics: z.array(idSchema).optional(),
	// Conversations and presence are private: without the claim, a token allows none of them.
	conversations: z.array(idSchema).default([]),
	presence: z.array(idSchema).default([]),
	// Actions that this version does not know allow nothing.
	can: z
		.array(z.string())
		.transform((words) => ACTIONS.filter((action) => words.includes(action)))
		.optional(),
	exp: z.number().optional(),
});

/** Resolves with the caller that a token names. Rejects with a {@link Rejection}. */
export type VerifyToken = (token: string) => Promise<Caller>;

/**
 * Creates the verification of JSON Web Tokens with HMAC-SHA-256 and this secret:
 * https://www.rfc-editor.org/rfc/rfc7519
 */
export function createTokenVerifier(secret: string): VerifyToken {
	// Imported once: jose would import the bytes for each token again, which takes as long as the check.
	const key = webcrypto.subtle.importKey(
		'raw',
		new TextEncoder().encode(secret),
		{ name: 'HMAC', hash: 'SHA-256' },
		false,
		['verify'],
	);
	return async (token) => {
		const { payload } = await jwtVerify(token, await key, {
			algorithms: [ALGORITHM],
			clockTolerance: CLOCK_TOLERANCE_S,
		}).catch((cause: unknown) => {
			throw refusal(cause);
		});
		const parsed = claims.safeParse(payload);
		if (!parsed.success) {
			const wrong = parsed.error.issues.map(({ path }) => String(path[0])).join(', ');
			throw new Rejection('unauthorized', 'token_claims', `The token has missing or invalid claims: ${wrong}.`);
		}
		const { sub, can, exp, ...allowed } = parsed.data;
		return makeCaller({
			proof: 'token',
			user: sub,
			...allowed,
			can,
			...(exp !== undefined && { expiresAt: (exp + CLOCK_TOLERANCE_S) * 1_000 }),
		});
	};
}

function refusal(cause: unknown): Rejection {
	if (cause instanceof errors.JWTExpired) {
		return new Rejection('token_expired', 'token_expired', 'The token has expired; get a new one.', { cause });
	}
	if (cause instanceof errors.JWTClaimValidationFailed) {
		if (cause.claim === 'nbf' && cause.reason === 'check_failed')
			return new Rejection('unauthorized', 'token_early', 'The token is not valid yet.', { cause });
		return new Rejection('unauthorized', 'token_claims', 'A time of the token (exp, nbf or iat) is not a number.', {
			cause,
		});
	}
	if (cause instanceof errors.JOSEAlgNotAllowed) {
		return new Rejection('unauthorized', 'token_algorithm', `A token is signed with ${ALGORITHM}.`, { cause });
	}
	if (cause instanceof errors.JWSSignatureVerificationFailed) {
		const detail = 'The signature of the token is invalid; sign it with the LIKEWIRE_JWT_SECRET of this gateway.';
		return new Rejection('unauthorized', 'token_signature', detail, { cause });
	}
	// Any other error means that a stranger sent it.
	return new Rejection('unauthorized', 'token_malformed', 'The token is not a JSON Web Token.', { cause });
}
