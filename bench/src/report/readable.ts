/** Formats with at least three significant digits and thousands separators; `-` for NaN, which stands for no value. */
export function readable(value: number): string {
	if (Number.isNaN(value)) return '-';
	const size = Math.abs(value);
	const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 || size === 0 ? 2 : 3;
	return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
