/**
 * Returns the query of an address, without undefined values.
 * React Native's URLSearchParams takes no list of pairs.
 */
export function queryOf(pairs: readonly (readonly [name: string, value: string | number | undefined])[]): string {
	return pairs
		.flatMap(([name, value]) => (value === undefined ? [] : `${name}=${encodeURIComponent(value)}`))
		.join('&');
}
