const BASE_MS = 500;
const CAP_MS = 30_000;

/**
 * Returns the longest wait before the next attempt after `rounds` rounds of failures, in milliseconds.
 * The transport draws the wait evenly below it ("full jitter"), so that clients that failed together do not return
 * together.
 */
export function backoffCeilingMs(rounds: number): number {
	return Math.min(CAP_MS, BASE_MS * 2 ** rounds);
}
