/** Whether both hold the same values in the same order. */
export function same(a: Iterable<unknown>, b: Iterable<unknown>): boolean {
	return JSON.stringify([...a]) === JSON.stringify([...b]);
}
