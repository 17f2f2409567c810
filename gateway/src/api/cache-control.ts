import type { Caller } from '../auth/caller.ts';
import type { Headers } from '../http/answer.ts';

/**
 * Returns headers that let clients cache an answer for 1 s. A shared cache knows nothing of tokens, so
 * an answer to a caller with a proof is private.
 */
export function cachedBriefly({ proof }: Caller): Headers {
	return { 'Cache-Control': `${proof === 'none' ? 'public' : 'private'}, max-age=1` };
}
