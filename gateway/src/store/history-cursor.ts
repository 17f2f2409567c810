import { GatewayError } from '../errors.ts';

/** The comment behind which a page of a history begins. */
export interface HistoryPlace {
	readonly at: number;
	readonly id: string;
}

/** As clients get it: opaque, and safe in an address. */
export function formatPlace({ at, id }: HistoryPlace): string {
	return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

/** Undefined for the beginning. Throws a {@link GatewayError} `invalid_cursor` for a text that is no cursor. */
export function parsePlace(text: string | undefined): HistoryPlace | undefined {
	if (text === undefined) return undefined;
	const [at, id] = parse(text);
	if (typeof at === 'number' && typeof id === 'string' && Number.isSafeInteger(at) && !id.includes('\0')) {
		// The one spelling that this file writes, and no other that happens to mean the same.
		if (formatPlace({ at, id }) === text) return { at, id };
	}
	throw new GatewayError('invalid_cursor', 'This is no place in a history: pass the `next` of the page before.');
}

function parse(text: string): readonly unknown[] {
	try {
		const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
		return Array.isArray(parts) ? parts : [];
	} catch {
		return [];
	}
}
