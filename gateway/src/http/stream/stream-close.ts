import type { HttpResponse } from 'uWebSockets.js';
import { type ByeEvent, encodeEvent } from '@likewire/protocol';
import { EVENT_STREAM, type Headers, statusLine } from '../answer.ts';

/** A node that stops ends some streams so often, in milliseconds … */
const STEP_MS = 100;

/** … and at least so many each time: few viewers need no spreading. */
const STEP_STREAMS = 50;

/** Viewers of a node that stops come back after this part of the usual time: others have room. */
const SHUTDOWN_RETRY_PART = 0.25;

const encoder = new TextEncoder();

/** The time after which one client comes back: its own, from a half to one and a half of what is usual. */
export function jitteredRetryMs(retryMs: number): number {
	return Math.round(retryMs * (0.5 + Math.random()));
}

/** The last frame of a stream. */
export function byeFrame(bye: ByeEvent): Uint8Array {
	return encoder.encode(`retry: ${bye.retryMs}\n${encodeEvent('bye', bye)}`);
}

/** The last frame of a stream on a node that stops, where clients usually come back after about `retryMs`. */
export function shutdownFrame(retryMs: number): Uint8Array {
	return byeFrame({ reason: 'shutdown', retryMs: jitteredRetryMs(retryMs * SHUTDOWN_RETRY_PART) });
}

/** Viewers that a full node refuses come back after this many times the usual time. */
const FULL_RETRY_PART = 5;

/** The only frame of a stream that a node has no room for, where clients usually come back after about `retryMs`. */
export function fullFrame(retryMs: number): Uint8Array {
	return byeFrame({ reason: 'full', retryMs: jitteredRetryMs(retryMs * FULL_RETRY_PART) });
}

/**
 * Answers a request for a stream with the last frame alone. Not with an error: EventSource comes back after the
 * end of a stream, and never after a status but 200.
 */
export function rejectStream(res: HttpResponse, headers: Headers, farewell: Uint8Array): void {
	res.cork(() => {
		res.writeStatus(statusLine(200));
		for (const [name, value] of Object.entries({ ...EVENT_STREAM, ...headers })) res.writeHeader(name, value);
		// A balancer that kept the connection would send the next viewer here as well.
		res.end(farewell, true);
	});
}

/** Ends the streams that are open, many of them spread over `spreadMs`; settles when there are none. */
export async function closeGradually<Stream>(
	open: () => readonly Stream[],
	end: (stream: Stream) => void,
	spreadMs: number,
): Promise<void> {
	let left = open();
	const step = Math.max(Math.ceil((left.length * STEP_MS) / Math.max(spreadMs, 1)), STEP_STREAMS);
	while (left.length > 0) {
		for (const stream of left.slice(0, step)) end(stream);
		left = open();
		if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, STEP_MS));
	}
}
