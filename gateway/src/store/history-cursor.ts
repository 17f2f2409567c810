import { GatewayError } from '../errors.ts';

/**
 * The comment behind which a page of a history begins: its time, and where it stands among those of that time. Ids would
 * not do: they are random, and those of one millisecond would come in another order than live.
 */
export interface HistoryPlace {
	readonly at: number;
	/** Whose store numbered it … */
	readonly region: string;
	/** … and as which of its log: its offset. */
	readonly number: number;
}

/** As clients get it: opaque, and safe in an address. */
export function formatPlace({ at, region, number }: HistoryPlace): string {
	return Buffer.from(JSON.stringify([at, region, number])).toString('base64url');
}

/** Undefined for the beginning. Throws a {@link GatewayError} `invalid_cursor` for a text that is no cursor. */
export function parsePlace(text: string | undefined): HistoryPlace | undefined {
	if (text === undefined) return undefined;
	const [at, region, number] = parse(text);
	if (isWhole(at) && isWhole(number) && typeof region === 'string' && !region.includes('\0')) {
		const place = { at, region, number };
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
