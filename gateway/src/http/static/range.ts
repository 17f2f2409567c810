/** A part of a file: its first and its last byte. */
export interface Range {
	readonly first: number;
	readonly last: number;
}

/**
 * Returns the part that a `Range` header requests (RFC 9110, 14.2). Undefined without a part, and for
 * forms that a server may ignore, such as several parts; 'unsatisfiable' when it begins behind the
 * end.
 */
export function parseRange(header: string, size: number): Range | 'unsatisfiable' | undefined {
	const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
	if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
	if (from === '') {
		return Number(to) === 0 ? 'unsatisfiable' : { first: Math.max(0, size - Number(to)), last: size - 1 };
	}
	const range = { first: Number(from), last: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
	if (range.first >= size) return 'unsatisfiable';
	return range.first > range.last ? undefined : range;
}
