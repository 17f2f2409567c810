const BASE_MS = 500;
const CAP_MS = 30_000;

/**
 * The longest wait before the next attempt after so many rounds of failures, in milliseconds. The wait itself is drawn
 * evenly below it ("full jitter"): clients that failed together do not come back together.
 */
export function backoffCeilingMs(rounds: number): number {
	return Math.min(CAP_MS, BASE_MS * 2 ** rounds);
}
