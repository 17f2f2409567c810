import { createHmac } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import type { RejectionReason } from '../src/http/rejections.ts';

/** The secret for the tokens of tests. */
export const SECRET = 'a secret of thirty-two characters';

const bytes = (secret: string) => new TextEncoder().encode(secret);

export interface SignOptions {
	readonly secret?: string;
	readonly alg?: string;
}

/** Resolves with a token with exactly these claims. */
export function signToken(claims: JWTPayload, { secret = SECRET, alg = 'HS256' }: SignOptions = {}): Promise<string> {
	return new SignJWT(claims).setProtectedHeader({ alg }).sign(bytes(secret));
}

/** Returns the time in `seconds` seconds, as claims encode it. */
export function inSeconds(seconds: number): number {
	return Math.floor(Date.now() / 1_000) + seconds;
}

const part = (value: unknown) =>
	Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Returns a token with any header and payload, and its HMAC-SHA-256 signature. */
export function forgeToken(header: unknown, payload: unknown, secret = SECRET): string {
	const content = `${part(header)}.${part(payload)}`;
	return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

const SUB = { sub: 'ann' };
const HS256 = { alg: 'HS256' };

/** Resolves with invalid tokens, each with the reason of its refusal. */
export async function hostileTokens(): Promise<[what: string, token: string, reason: RejectionReason][]> {
	const good = await signToken(SUB);
	const [header = '', payload = '', signature = ''] = good.split('.');
	return [
		['expired', await signToken({ ...SUB, exp: inSeconds(-60) }), 'token_expired'],
		['expired in 1970', await signToken({ ...SUB, exp: 0 }), 'token_expired'],
		['expired before time', await signToken({ ...SUB, exp: -1e300 }), 'token_expired'],
		['valid from tomorrow', await signToken({ ...SUB, nbf: inSeconds(86_400) }), 'token_early'],
		['an exp that is a text', forgeToken(HS256, { ...SUB, exp: '9999999999' }), 'token_claims'],
		['an exp that is null', forgeToken(HS256, { ...SUB, exp: null }), 'token_claims'],
		['an nbf that is a text', forgeToken(HS256, { ...SUB, nbf: '0' }), 'token_claims'],
		['an iat that is a text', forgeToken(HS256, { ...SUB, iat: '0' }), 'token_claims'],
		['an exp beyond numbers', forgeToken(HS256, '{"sub":"ann","exp":1e999}'), 'token_claims'],
		['alg none', `${part({ alg: 'none' })}.${payload}.`, 'token_algorithm'],
		['alg none with a signature', forgeToken({ alg: 'none' }, SUB), 'token_algorithm'],
		['alg NONE', forgeToken({ alg: 'NONE' }, SUB), 'token_algorithm'],
		['alg RS256, signed with the secret', forgeToken({ alg: 'RS256' }, SUB), 'token_algorithm'],
		['alg HS512', await signToken(SUB, { alg: 'HS512' }), 'token_algorithm'],
		['alg hs256', forgeToken({ alg: 'hs256' }, SUB), 'token_algorithm'],
		['alg in a list', forgeToken({ alg: ['HS256'] }, SUB), 'token_malformed'],
		['no alg', forgeToken({ typ: 'JWT' }, SUB), 'token_malformed'],
		['a header from Object', forgeToken('{"__proto__":{"alg":"HS256"}}', SUB), 'token_malformed'],
		['a header that is null', forgeToken('null', SUB), 'token_malformed'],
		['critical extensions', forgeToken({ ...HS256, crit: ['exp'], exp: 1 }, SUB), 'token_malformed'],
		['a payload that is not encoded', forgeToken({ ...HS256, b64: false, crit: ['b64'] }, SUB), 'token_malformed'],
		[
			'a key of its own',
			forgeToken({ ...HS256, jwk: { kty: 'oct', k: part('mine') } }, SUB, 'mine'),
			'token_signature',
		],
		['another secret', await signToken(SUB, { secret: SECRET.toUpperCase() }), 'token_signature'],
		['an empty secret', forgeToken(HS256, SUB, ''), 'token_signature'],
		['a changed payload', `${header}.${part({ sub: 'bob' })}.${signature}`, 'token_signature'],
		['no signature', `${header}.${payload}.`, 'token_signature'],
		['half a signature', `${header}.${payload}.${signature.slice(0, 20)}`, 'token_signature'],
		['two parts', `${header}.${payload}`, 'token_malformed'],
		['four parts', `${good}.${signature}`, 'token_malformed'],
		['dots', '..', 'token_malformed'],
		['a word', 'garbage', 'token_malformed'],
		['a secret for a token', SECRET.replaceAll(' ', ''), 'token_malformed'],
		['padding', `${header}.${payload}==.${signature}`, 'token_signature'],
		['a payload that is no object', forgeToken(HS256, '[]'), 'token_malformed'],
		['a payload that is no JSON', forgeToken(HS256, '{"sub":'), 'token_malformed'],
		['a payload that is no UTF-8', forgeToken(HS256, Buffer.from([0xff, 0xfe]).toString('latin1')), 'token_malformed'],
		['no sub', await signToken({ user: 'ann' }), 'token_claims'],
		['an empty sub', await signToken({ sub: '' }), 'token_claims'],
		['a sub with line breaks', await signToken({ sub: 'ann\r\nX-Likewire-User: bob' }), 'token_claims'],
		['a sub with NUL', await signToken({ sub: 'ann\0' }), 'token_claims'],
		['a sub beyond ASCII', await signToken({ sub: 'änn💖' }), 'token_claims'],
		['a sub that is too long', await signToken({ sub: 'a'.repeat(129) }), 'token_claims'],
		['a sub that is a list', forgeToken(HS256, { sub: ['ann'] }), 'token_claims'],
		['a sub from Object', forgeToken(HS256, '{"__proto__":{"sub":"ann"}}'), 'token_claims'],
		['videos that are no list', await signToken({ ...SUB, videos: 'all' }), 'token_claims'],
		['videos that are null', await signToken({ ...SUB, videos: null }), 'token_claims'],
		['videos that are no ids', await signToken({ ...SUB, videos: ['a b'] }), 'token_claims'],
		['videos in an object', await signToken({ ...SUB, videos: { 0: 'v1', length: 1 } }), 'token_claims'],
		['can that is a word', await signToken({ ...SUB, can: 'like' }), 'token_claims'],
		['can with numbers', await signToken({ ...SUB, can: [1] }), 'token_claims'],
	];
}
