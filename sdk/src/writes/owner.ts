import type { Identity } from '../identity.ts';
import { claimsOf } from '../token-source.ts';

interface Network {
	readonly urls: readonly [string, ...string[]];
	readonly identity: Identity;
}

/**
 * Names the user of a client at its gateway: pages of one have the same. Undefined for a token that names no user. Rejects
 * with `token_failed`.
 */
export async function ownerOf({ urls, identity }: Network): Promise<string | undefined> {
	const { query } = await identity.credentials();
	const user = query.user ?? claimsOf(query.token ?? '').sub;
	return typeof user === 'string' ? `${urls[0]} ${user}` : undefined;
}
