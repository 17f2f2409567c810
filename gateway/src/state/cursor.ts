import { isId } from '@likewire/protocol';
import { idOf, kindOf } from './topics/topic.ts';

/** A place in the log of one store. */
export interface Position {
	readonly epoch: number;
	/** The offset of the last known event; 0 for none. */
	readonly offset: number;
}

/** The places in all logs of a topic, by region. */
export type Positions = ReadonlyMap<string, Position>;

/** The content of the `id:` of a log event. */
export interface Cursor {
	readonly topic: string;
	readonly positions: Positions;
}

/** The longest cursor, in characters: enough for 20 regions with the longest names. */
export const MAX_CURSOR_LENGTH = 4_096;

/** The kinds of topics that have logs. */
const WITH_LOG = ['video', 'conversation', 'topic'];

export function hasLog(topic: string): boolean {
	return WITH_LOG.includes(kindOf(topic));
}

/** Returns a cursor as opaque text of `A-Z a-z 0-9 _ -` only; the same text for the same positions. */
export function encodeCursor(topic: string, positions: Positions): string {
	const regions = [...positions].sort(([a], [b]) => (a < b ? -1 : 1));
	const parts = [topic, ...regions.flatMap(([region, { epoch, offset }]) => [region, epoch, offset])];
	return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Parses a cursor of a client, which may be hostile; undefined for an invalid one. */
export function parseCursor(text: string): Cursor | undefined {
	if (text.length > MAX_CURSOR_LENGTH || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
	const parts = parseJson(Buffer.from(text, 'base64url').toString());
	if (!Array.isArray(parts) || parts.length % 3 !== 1) return undefined;
	const [topic, ...rest] = parts;
	if (typeof topic !== 'string' || !hasLog(topic) || !isId(idOf(topic))) return undefined;
	const positions = new Map<string, Position>();
	for (let index = 0; index < rest.length; index += 3) {
		const [region, epoch, offset] = rest.slice(index, index + 3);
		if (typeof region !== 'string' || !isId(region) || positions.has(region)) return undefined;
		if (!isCount(epoch) || !isCount(offset)) return undefined;
		positions.set(region, { epoch, offset });
	}
	return { topic, positions };
}

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// A client may send any text, so invalid JSON is no error of the gateway.
		return undefined;
	}
}
