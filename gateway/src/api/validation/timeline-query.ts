import { MAX_HIGHLIGHTS } from '@likewire/protocol';
import type { TimelineQuery } from '../../ingest/timelines.ts';
import { GatewayError } from '../../runtime/errors.ts';

/** The seconds of each unit of a step. */
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

/** The longest step, in seconds. */
const MAX_STEP = 3_600;

const DEFAULT_STEP = '1s';
const DEFAULT_COUNT = '5';

/**
 * Returns the part of a timeline that a query names, in whole steps that include its ends. Throws a
 * {@link GatewayError}.
 */
export function parseTimelineQuery(query: URLSearchParams): TimelineQuery {
	const step = parseStep(query.get('step') ?? DEFAULT_STEP);
	const from = parseTime('from', query);
	const to = parseTime('to', query);
	if ((from ?? 0) >= (to ?? Number.POSITIVE_INFINITY)) throw invalidRange('from is before to');
	return {
		step,
		from: from === undefined ? undefined : Math.floor(from / 1_000 / step) * step,
		to: to === undefined ? undefined : Math.ceil(to / 1_000 / step) * step,
	};
}

/** Returns a number of seconds as a step in its shortest form. */
export function formatStep(seconds: number): string {
	if (seconds % 3_600 === 0) return `${seconds / 3_600}h`;
	return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

/** Returns the number of highlights that a query asks for. Throws a {@link GatewayError}. */
export function parseCount(query: URLSearchParams): number {
	const text = query.get('count') ?? DEFAULT_COUNT;
	const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
	if (count >= 1 && count <= MAX_HIGHLIGHTS) return count;
	throw new GatewayError('invalid_count', `The count is a whole number from 1 to ${MAX_HIGHLIGHTS}.`);
}

/** Returns a step in seconds. */
function parseStep(text: string): number {
	const [, number, unit = ''] = /^(\d{1,4})([smh])$/.exec(text) ?? [];
	const seconds = Number(number) * (UNITS[unit] ?? 0);
	if (seconds >= 1 && seconds <= MAX_STEP) return seconds;
	throw new GatewayError('invalid_step', 'The step is a whole number of s, m or h from 1s to 1h, such as 1s or 5m.');
}

/** Returns a time in Unix milliseconds. */
function parseTime(name: string, query: URLSearchParams): number | undefined {
	const text = query.get(name);
	if (text === null) return undefined;
	if (/^\d{1,15}$/.test(text)) return Number(text);
	throw invalidRange(`${name} is a whole number of Unix milliseconds`);
}

function invalidRange(rule: string): GatewayError {
	return new GatewayError('invalid_range', `In a range, ${rule}.`);
}
