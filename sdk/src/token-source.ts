import { temporary } from './errors.ts';

/** A token is replaced this long before it expires, in milliseconds: a request may be under way as long. */
const MARGIN_MS = 10_000;

/** Hands out the token of a client. */
export interface TokenSource {
	/**
	 * Returns the token. Requests that ask at the same time share one call of the token function, so a refresh token that
	 * works once is used once. Rejects with `token_failed`.
	 */
	get(): Promise<string>;
	/** The gateway refused this token: the next request gets another one. */
	refused(token: string | undefined): void;
}

/**
 * Keeps what a token function returns until shortly before its `exp`; a token without a readable one until it is refused.
 *
 * @param onToken called with each token that the function returned.
 */
export function createTokenSource(fetchToken: () => Promise<string>, onToken?: (token: string) => void): TokenSource {
	let kept: { readonly token: string; readonly until: number } | undefined;
	let underWay: Promise<string> | undefined;

	async function fetchOne(): Promise<string> {
		try {
			const token = await callFor(fetchToken);
			kept = { token, until: Date.now() + lifetimeMs(token) - MARGIN_MS };
			onToken?.(token);
			return token;
		} finally {
			underWay = undefined;
		}
	}

	return {
		async get() {
			if (kept !== undefined && Date.now() < kept.until) return kept.token;
			underWay ??= fetchOne();
			return underWay;
		},
		refused(token) {
			// A late refusal of the token before says nothing about the one that is kept now.
			if (kept?.token === token) kept = undefined;
		},
	};
}

async function callFor(fetchToken: () => Promise<string>): Promise<string> {
	let token: unknown;
	let cause: unknown;
	try {
		token = await fetchToken();
	} catch (error) {
		cause = error;
	}
	if (typeof token === 'string' && token !== '') return token;
	throw temporary('token_failed', 'The token function threw, or returned no text.', cause);
}

/** How long a fresh token is good for, in milliseconds. */
function lifetimeMs(token: string): number {
	const { exp, iat } = claimsOf(token);
	if (typeof exp !== 'number') return Number.POSITIVE_INFINITY;
	const left = exp * 1000 - Date.now();
	// A fresh token that has expired is a clock that is off: how long it was made for is known all the same.
	return left > 0 || typeof iat !== 'number' ? left : (exp - iat) * 1000;
}

/** The claims of a JWT (RFC 7519), unchecked; none of any other text. */
export function claimsOf(token: string): { readonly [claim: string]: unknown } {
	try {
		const payload = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
		const claims: unknown = JSON.parse(atob(payload));
		return typeof claims === 'object' && claims !== null ? { ...claims } : {};
	} catch {
		// Only the gateway has to understand a token.
		return {};
	}
}
