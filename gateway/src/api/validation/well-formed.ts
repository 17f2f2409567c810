/** Half of a pair that stands alone: https://www.unicode.org/reports/tr44/#General_Category_Values */
const LONE_SURROGATE = /\p{Cs}/u;

/** Whether a text can be written as UTF-8, and so be read again as it was. */
export function isWellFormed(text: string): boolean {
	return !LONE_SURROGATE.test(text);
}
