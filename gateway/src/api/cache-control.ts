import type { Caller } from '../auth/caller.ts';
import type { Headers } from '../http/answer.ts';

/**
 * Lets what was read be shown for a second. A cache between knows nothing of tokens and would show it to everybody, so it
 * is for the caller's own where there are any.
 */
export function cachedBriefly({ proof }: Caller): Headers {
	return { 'Cache-Control': `${proof === 'none' ? 'public' : 'private'}, max-age=1` };
}
