import type { HttpResponse } from 'uWebSockets.js';

/**
 * A comment that follows the events of each write, as a chunk of its own. uWebSockets.js sends the line end that closes a
 * chunk with the next chunk: without one, a client that reads chunk by chunk gets an event with the event after it.
 */
export const CHUNK_CLOSER = new TextEncoder().encode(':\n\n');

// `cork` takes a function; one for all streams, with its arguments beside it, spares the hot loop a closure a frame.
let corked: HttpResponse;
let chunk: Uint8Array;
let kept = false;
function writeCorked(): void {
	// A connection that is blocked gets the closer with the first write after it drained.
	kept = corked.write(chunk) && corked.write(CHUNK_CLOSER);
}

/**
 * Sends events as a chunk that is closed at once, in one packet. False when earlier bytes still wait in memory; these
 * wait behind them.
 */
export function writeEvents(res: HttpResponse, events: Uint8Array): boolean {
	corked = res;
	chunk = events;
	// Uncorked, each write is several sends.
	res.cork(writeCorked);
	return kept;
}
