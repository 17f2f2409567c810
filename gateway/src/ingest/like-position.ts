import { MAX_POSITION_AGE_MS } from '@likewire/protocol';
import { GatewayError } from '../runtime/errors.ts';

/** How far a position may be after the time of its like, in milliseconds: clocks of encoders differ. */
const TOLERANCE_MS = 1_000;

/**
 * Returns the value of a field as the position of a like, in Unix milliseconds; undefined without one.
 * Throws a {@link GatewayError}.
 */
export function asPosition(value: unknown): number | undefined {
	if (value === undefined) return undefined;
	if (Number.isSafeInteger(value)) return value as number;
	throw invalidPosition('is a whole number of Unix milliseconds');
}

/** Returns the error for a position that is too far from the time of its like, `at`; undefined for others. */
export function whyNotPosition(position: number | undefined, at: number): GatewayError | undefined {
	if (position === undefined) return undefined;
	if (position > at + TOLERANCE_MS) return invalidPosition('is not after the time of the like');
	if (position < at - MAX_POSITION_AGE_MS) {
		return invalidPosition(`is at most ${MAX_POSITION_AGE_MS} ms before the like; leave it out`);
	}
	return undefined;
}

function invalidPosition(rule: string): GatewayError {
	return new GatewayError('invalid_position', `The position of a like ${rule}.`);
}
