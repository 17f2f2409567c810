import type { Credentials } from '../identity.ts';
import { claimsOf } from '../token-source.ts';

/**
 * Returns the name of a user at a gateway, equal for all pages of the user.
 * Undefined for a token that names no user.
 */
export function ownerOf([url]: readonly [string, ...string[]], { token = '', user }: Credentials): string | undefined {
	const name = user ?? claimsOf(token).sub;
	return typeof name === 'string' ? `${url} ${name}` : undefined;
}
