/** Returns a number of seconds as players show it, with the digits of a language: `1:05`, `1:00:05`. */
export function clockText(seconds: number, locale: string | undefined): string {
	const whole = Math.max(0, Math.floor(seconds));
	const rest = [Math.floor(whole / 60) % 60, whole % 60];
	const parts = whole < 3_600 ? rest : [Math.floor(whole / 3_600), ...rest];
	// `Intl.DurationFormat` would do it, but browsers of 2024 do not have it.
	const [first, padded] = [1, 2].map((minimumIntegerDigits) => new Intl.NumberFormat(locale, { minimumIntegerDigits }));
	return parts.map((part, place) => (place === 0 ? first : padded)?.format(part)).join(':');
}
