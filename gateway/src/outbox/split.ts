import { type Counts, NO_LIKES, type StoreLikes } from '../state/counters.ts';
import type { Register, Registers } from '../state/kinds/register.ts';
import type { LogEvent, StoreEvents } from '../state/log.ts';
import type { Sample } from '../state/sample.ts';
import type { Update } from '../state/update.ts';

/** The smallest part of an update. */
type Piece =
	| { readonly kind: 'event'; readonly region: string; readonly epoch: number; readonly event: LogEvent | undefined }
	| { readonly kind: 'register'; readonly name: string; readonly key: string; readonly register: Register }
	/** A part of a row: one count, or everything except the counts. */
	| { readonly kind: 'row'; readonly store: string; readonly row: StoreLikes }
	/** The end of the rows: a state is complete with all rows, and a sample belongs to its likes. */
	| { readonly kind: 'end'; readonly complete: boolean; readonly sample: Sample };

/** The JSON around one piece, in bytes: names of fields, brackets, an epoch. */
const AROUND_PIECE = 64;

/** The JSON around an update and its topic, in bytes. */
const AROUND_UPDATE = 512;

/** Lengths of events and registers, in bytes of JSON, so that each is measured once. */
const lengths = new WeakMap<object, number>();

function lengthOf(value: object): number {
	let length = lengths.get(value);
	if (length === undefined) {
		length = Buffer.byteLength(JSON.stringify(value));
		lengths.set(value, length);
	}
	return length;
}

/** Yields events first and rows last: a frontend takes events before its head for missing. */
function* piecesOf({ log = {}, values = {}, rows, complete, sample }: Update): Generator<Piece> {
	for (const [region, { epoch, events }] of Object.entries(log)) {
		// A log without events still has an epoch.
		if (events.length === 0) yield { kind: 'event', region, epoch, event: undefined };
		for (const event of events) yield { kind: 'event', region, epoch, event };
	}
	for (const [name, registers] of Object.entries(values)) {
		for (const [key, register] of Object.entries(registers)) yield { kind: 'register', name, key, register };
	}
	for (const [store, { counts, ...rest }] of Object.entries(rows)) {
		const entries = Object.entries(counts);
		// A row without counts still has an epoch.
		if (entries.length === 0 || Object.keys(rest).length > 1)
			yield { kind: 'row', store, row: { ...rest, counts: {} } };
		for (const count of entries) {
			yield { kind: 'row', store, row: { epoch: rest.epoch, counts: Object.fromEntries([count]) } };
		}
	}
	if (complete || sample.length > 0) yield { kind: 'end', complete, sample };
}

function lengthOfPiece(piece: Piece): number {
	switch (piece.kind) {
		case 'event':
			return AROUND_PIECE + Buffer.byteLength(piece.region) + (piece.event === undefined ? 0 : lengthOf(piece.event));
		case 'register':
			return AROUND_PIECE + Buffer.byteLength(piece.name + JSON.stringify(piece.key)) + lengthOf(piece.register);
		case 'row':
			return AROUND_PIECE + Buffer.byteLength(piece.store) + lengthOf(piece.row);
		case 'end':
			return lengthOf(piece.sample);
	}
}

function join(pieces: readonly Piece[], at: number): Update {
	const log: Record<string, { readonly epoch: number; readonly events: LogEvent[] }> = {};
	const values: Record<string, Record<string, Register>> = {};
	const rows: Record<string, StoreLikes & { readonly counts: Record<string, Counts> }> = {};
	let [complete, sample]: [boolean, Sample] = [false, []];
	for (const piece of pieces) {
		if (piece.kind === 'event') {
			log[piece.region] ??= { epoch: piece.epoch, events: [] };
			if (piece.event !== undefined) log[piece.region]?.events.push(piece.event);
		} else if (piece.kind === 'register') {
			values[piece.name] ??= {};
			(values[piece.name] as Record<string, Register>)[piece.key] = piece.register;
		} else if (piece.kind === 'row') {
			const { counts, ...rest } = piece.row;
			const known = rows[piece.store]?.counts ?? {};
			rows[piece.store] = { ...rows[piece.store], ...rest, counts: Object.assign(known, counts) };
		} else ({ complete, sample } = piece);
	}
	const hasLog = Object.keys(log).length > 0;
	const hasValues = Object.keys(values).length > 0;
	return {
		rows: Object.keys(rows).length > 0 ? rows : NO_LIKES,
		complete,
		sample,
		at,
		...(hasLog && { log: log satisfies Record<string, StoreEvents> }),
		...(hasValues && { values: values satisfies Record<string, Registers> }),
	};
}

/**
 * Returns a part of an update of at most `bytes` as JSON, and the remainder; undefined when the part
 * is the whole. Both merge to the whole, in any order. A part has at least one piece: an event, a
 * register or a count.
 */
export function splitUpdate(update: Update, bytes: number): readonly [part: Update, remainder: Update | undefined] {
	const pieces = [...piecesOf(update)];
	let length = AROUND_UPDATE;
	const end = pieces.findIndex((piece, index) => {
		length += lengthOfPiece(piece);
		return length > bytes && index > 0;
	});
	if (end < 0) return [update, undefined];
	return [join(pieces.slice(0, end), update.at), join(pieces.slice(end), update.at)];
}
