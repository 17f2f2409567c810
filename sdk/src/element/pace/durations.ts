const UNITS = ['hour', 'minute', 'second'] as const;

/** Returns hours, minutes and seconds. */
function partsOf(seconds: number): [hours: number, minutes: number, seconds: number] {
	const whole = Math.max(0, Math.floor(seconds));
	return [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
}

/**
 * Returns a number of seconds as it is read aloud: `1 minute, 5 seconds`.
 * `Intl.DurationFormat` would do it, but browsers of 2024 do not have it.
 */
export function spokenDuration(seconds: number, locale: string | undefined): string {
	const parts = partsOf(seconds);
	const units = UNITS.map((unit, place) => [unit, parts[place] ?? 0] as const);
	const named = units.filter(([unit, count]) => count > 0 || (unit === 'second' && seconds < 1));
	const texts = named.map(([unit, count]) =>
		new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count),
	);
	return new Intl.ListFormat(locale, { type: 'unit', style: 'long' }).format(texts);
}

/** Returns a number of seconds as players show it: `1:05`, `1:00:05`. */
export function shownDuration(seconds: number, locale: string | undefined): string {
	const [hours, ...rest] = partsOf(seconds);
	const parts = hours > 0 ? [hours, ...rest] : rest;
	const padded = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 });
	const first = new Intl.NumberFormat(locale);
	return parts.map((part, place) => (place === 0 ? first : padded).format(part)).join(':');
}
