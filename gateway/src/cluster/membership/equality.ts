/** Returns whether both have the same values in order; pairs are the same when both parts are. */
export function same(a: Iterable<unknown>, b: Iterable<unknown>): boolean {
	const others = b[Symbol.iterator]();
	for (const value of a) {
		const other = others.next();
		if (other.done || !(value === other.value || samePair(value, other.value))) return false;
	}
	return others.next().done === true;
}

function samePair(a: unknown, b: unknown): boolean {
	return Array.isArray(a) && Array.isArray(b) && a[0] === b[0] && a[1] === b[1];
}
