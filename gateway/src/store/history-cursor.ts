import { GatewayError } from '../runtime/errors.ts';

/**
 * The comment after which a page of a history begins.
 *
 * Its time would not do: clocks go back, and two comments of one millisecond would come in another order than live.
 */
export interface HistoryPlace {
	readonly order: number;
	/** The region whose store numbered it. */
	readonly region: string;
	/** Its offset in the log of that region. */
	readonly number: number;
}

/** Returns a place as an opaque string for clients, which is safe in a URL. */
export function formatPlace({ order, region, number }: HistoryPlace): string {
	return Buffer.from(JSON.stringify([order, region, number])).toString('base64url');
}

/**
 * Returns the place of a cursor; undefined for the start.
 *
 * Throws a {@link GatewayError} `invalid_cursor` for other text.
 */
export function parsePlace(text: string | undefined): HistoryPlace | undefined {
	if (text === undefined) return undefined;
	const [order, region, number] = parse(text);
	if (isWhole(order) && isWhole(number) && typeof region === 'string' && !region.includes('\0')) {
		const place = { order, region, number };
		// Only the spelling of formatPlace counts, and no other with the same meaning.
		if (formatPlace(place) === text) return place;
	}
	throw new GatewayError('invalid_cursor', 'The cursor is invalid; pass `next` of the previous page.');
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
