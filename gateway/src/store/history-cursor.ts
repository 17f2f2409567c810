import { GatewayError } from '../runtime/errors.ts';

/**
 * The comment behind which a page of a history begins. Not its time: clocks are set back, and two comments of one
 * millisecond would come in another order than live.
 */
export interface HistoryPlace {
	readonly order: number;
	/** Whose store numbered it … */
	readonly region: string;
	/** … and as which of its log: its offset. */
	readonly number: number;
}

/** As clients get it: opaque, and safe in an address. */
export function formatPlace({ order, region, number }: HistoryPlace): string {
	return Buffer.from(JSON.stringify([order, region, number])).toString('base64url');
}

/** Undefined for the beginning. Throws a {@link GatewayError} `invalid_cursor` for a text that is no cursor. */
export function parsePlace(text: string | undefined): HistoryPlace | undefined {
	if (text === undefined) return undefined;
	const [order, region, number] = parse(text);
	if (isWhole(order) && isWhole(number) && typeof region === 'string' && !region.includes('\0')) {
		const place = { order, region, number };
		// The one spelling that this file writes, and no other that happens to mean the same.
		if (formatPlace(place) === text) return place;
	}
	throw new GatewayError('invalid_cursor', 'This is no place in a history: pass the `next` of the page before.');
}

function isWhole(value: unknown): value is number {
	return Number.isSafeInteger(value);
}

function parse(text: string): readonly unknown[] {
	try {
		const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
		return Array.isArray(parts) ? parts : [];
	} catch {
		return [];
	}
}
