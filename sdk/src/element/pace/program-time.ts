/** A part of a media in which the time of the program runs on evenly. */
export interface Span {
	/** Its start in the media, in seconds. */
	readonly time: number;
	/** Its length, in seconds; infinite for the one part of a file. */
	readonly duration: number;
	/** The time of the program at its start, in Unix milliseconds. */
	readonly position: number;
}

/** Returns the one part of a media whose second 0 has this time of the program. */
export function wholeSpan(position: number): readonly Span[] {
	return [{ time: 0, duration: Number.POSITIVE_INFINITY, position }];
}

/** Returns the start that the attribute `started-at` names, an ISO time or Unix milliseconds; undefined for any other text. */
export function parseStart(text: string): number | undefined {
	const start = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
	return Number.isFinite(start) ? start : undefined;
}

/** Returns the time of the program at a second of the media, in Unix milliseconds; undefined when it is not known. */
export function positionAt(spans: readonly Span[], time: number): number | undefined {
	let found = spans[0];
	for (const span of spans) if (span.time <= time) found = span;
	return found && found.position + (time - found.time) * 1_000;
}

/**
 * Returns the second of the media at a time of the program; undefined before its start and after its end.
 * A time that the media leaves out is the end of the part before it.
 */
export function timeAt(spans: readonly Span[], position: number): number | undefined {
	let found: Span | undefined;
	for (const span of spans) if (span.position <= position) found = span;
	if (found === undefined) return undefined;
	const seconds = (position - found.position) / 1_000;
	if (seconds <= found.duration) return found.time + seconds;
	return found === spans.at(-1) ? undefined : found.time + found.duration;
}
