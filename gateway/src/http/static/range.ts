/** A part of a file: the first and the last byte of it. */
export interface Range {
	readonly first: number;
	readonly last: number;
}

/**
 * The part that a `Range` header asks for (RFC 9110, 14.2). Undefined when it asks for none, or in a form that may be
 * ignored, several parts among them; 'unsatisfiable' when it lies behind the end.
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
