/**
 * Half of a surrogate pair that stands alone:
 * https://www.unicode.org/reports/tr44/#General_Category_Values
 */
const LONE_SURROGATE = /\p{Cs}/u;

/** Returns whether a text survives UTF-8 unchanged. */
export function isWellFormed(text: string): boolean {
	return !LONE_SURROGATE.test(text);
}
