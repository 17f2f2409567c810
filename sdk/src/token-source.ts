import { temporary } from './errors.ts';

/** How long before it expires the source replaces a token, in milliseconds: a request may take as long. */
const MARGIN_MS = 10_000;

/** The source of a client's tokens. */
export interface TokenSource {
	/**
	 * Returns the token. Rejects with `token_failed`.
	 * Concurrent requests share one call of the token function, so the client uses a one-time refresh token once.
	 */
	get(): Promise<string>;
	/** Records that the gateway refused this token: the next request receives another one. */
	refused(token: string | undefined): void;
}

/**
 * Keeps what a token function returns until 10 seconds before its `exp`.
 * It keeps a token without a readable `exp` until the gateway refuses it.
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
			// A late refusal of an earlier token does not concern the one that is kept now.
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

/** Returns how long a fresh token is valid, in milliseconds. */
function lifetimeMs(token: string): number {
	const { exp, iat } = claimsOf(token);
	if (typeof exp !== 'number') return Number.POSITIVE_INFINITY;
	const left = exp * 1000 - Date.now();
	// A fresh token that has expired shows that a clock is off: its claims still hold its lifetime.
	return left > 0 || typeof iat !== 'number' ? left : (exp - iat) * 1000;
}

/** Returns the claims of a JWT (RFC 7519), unchecked; none for any other text. */
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
