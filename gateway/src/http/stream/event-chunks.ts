import type { HttpResponse } from 'uWebSockets.js';

/**
 * A comment that follows the events of each write, as a chunk of its own. uWebSockets.js sends the
 * line end that closes a chunk with the next chunk: without the comment, a client that reads chunk by
 * chunk gets an event with the next event.
 */
export const CHUNK_CLOSER: Uint8Array = new TextEncoder().encode(':\n\n');

/**
 * The size of a cork of uWebSockets.js, in bytes, less the heads of two chunks. It sends bytes beyond
 * it uncorked.
 */
const CORK_BYTES = 16 * 1024 - 64;

// `cork` takes a function; one for all streams, with its arguments in variables, saves the hot loop a closure a frame.
let corked: HttpResponse;
let chunk: Uint8Array;
let last: Uint8Array;
let kept = false;
function writeBoth(): void {
	// A blocked connection gets the closer with the first write after it drained.
	kept = corked.write(chunk) && corked.write(last);
}
function writeChunk(): void {
	kept = corked.write(chunk);
}

/**
 * Sends events as a chunk that is closed at once, by `closer`, in one packet when they are less than 16
 * KiB. Returns false when bytes wait in memory: earlier ones, or some of these.
 */
export function writeEvents(res: HttpResponse, events: Uint8Array, closer = CHUNK_CLOSER): boolean {
	corked = res;
	chunk = events;
	last = closer;
	// Uncorked, each write is several sends.
	if (events.length <= CORK_BYTES) res.cork(writeBoth);
	else {
		res.cork(writeChunk);
		if (kept) {
			chunk = closer;
			res.cork(writeChunk);
		}
	}
	return kept;
}
