/** Returns the whole number that a text has in decimal digits; undefined for any other text, and beyond the bounds. */
export function parseWholeNumber(text: string, min: number, max: number): number | undefined {
	const value = Number(text);
	return /^\d+$/.test(text) && value >= min && value <= max ? value : undefined;
}

/** Returns the number of a flag. Throws an Error that names the flag and the bounds. */
export function wholeNumber(flag: string, text: string, min: number, max: number): number {
	const value = parseWholeNumber(text, min, max);
	if (value === undefined) throw new Error(`--${flag} should be a whole number from ${min} to ${max}, not '${text}'`);
	return value;
}
