import type { HttpResponse } from 'uWebSockets.js';
import { type Answer, type Headers, writeHead } from './answer.ts';

/**
 * A longer body is sent in pieces as the client reads, in bytes: uWebSockets.js would copy what the
 * kernel does not take.
 */
const MAX_COPIED_BYTES = 64 * 1024;

/** A client that takes nothing of such a body for this time is cut off, in milliseconds. */
const STALL_MS = 10_000;

/**
 * A body of at least this many bytes makes uWebSockets.js flush at once, also within a handler, and
 * close before it parses the bytes that follow. A shorter one waits until all bytes that arrived are
 * parsed.
 */
const FLUSHED_BYTES = 16 * 1024;

/**
 * What happens to the connection after an answer: another request, its end, or a cut before another
 * byte is parsed.
 */
export type After = 'keep' | 'close' | 'cut';

/** Writes a whole answer. No method of `res` may be called afterwards. */
export function sendAnswer(res: HttpResponse, method: string, answer: Answer, cors: Headers, after: After): void {
	const { body } = answer;
	res.cork(() => {
		writeHead(res, answer.status, answer.headers, cors);
		if (method === 'HEAD') {
			// With its length as an argument, `endWithoutBody` waits for a body, and the next request on the connection is lost.
			res.writeHeader('Content-Length', String(Buffer.byteLength(body)));
			if (after !== 'keep') res.writeHeader('Connection', 'close');
			res.endWithoutBody();
		} else if (after === 'cut') res.end(padded(body), true);
		else if (typeof body === 'string' || body.length <= MAX_COPIED_BYTES) res.end(body, after === 'close');
		else {
			if (after === 'close') res.writeHeader('Connection', 'close');
			sendLarge(res, body);
		}
	});
}

/** JSON may be followed by spaces. */
function padded(body: string | Uint8Array): string {
	return body.toString().padEnd(FLUSHED_BYTES, ' ');
}

/** Sends a body without a copy: one buffer serves all clients that read it, however slowly. */
function sendLarge(res: HttpResponse, body: Uint8Array): void {
	const [, isDone] = res.tryEnd(body, body.length);
	if (isDone) return;
	let stalled = setTimeout(cutOff, STALL_MS);
	let sent = res.getWriteOffset();

	function cutOff(): void {
		res.close();
	}

	res.onAborted(() => clearTimeout(stalled));
	res.onWritable((offset) => {
		const [took, done] = res.tryEnd(body.subarray(offset), body.length);
		if (done) {
			clearTimeout(stalled);
			return true;
		}
		const now = res.getWriteOffset();
		if (now > sent) {
			sent = now;
			clearTimeout(stalled);
			stalled = setTimeout(cutOff, STALL_MS);
		}
		return took;
	});
}
