import type { Credentials } from '../identity.ts';
import { claimsOf } from '../token-source.ts';

/**
 * Names the user of these credentials at a gateway: pages of one user have the same name. Undefined for a token that names no
 * user.
 */
export function ownerOf([url]: readonly [string, ...string[]], { token = '', user }: Credentials): string | undefined {
	const name = user ?? claimsOf(token).sub;
	return typeof name === 'string' ? `${url} ${name}` : undefined;
}
