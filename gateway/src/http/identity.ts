import { randomUUID } from 'node:crypto';
import { asUserId } from './ids.ts';
import type { Request } from './request.ts';

/**
 * Who sends a request. Without authentication, which is development mode, it is whom the request names: in the header
 * `X-Likewire-User` or, since an EventSource has no headers, in `user` of the query; otherwise somebody new.
 */
export function identify({ headers, query }: Request): string {
	const named = headers['x-likewire-user'] || query.get('user');
	return named ? asUserId(named) : `anonymous-${randomUUID()}`;
}
