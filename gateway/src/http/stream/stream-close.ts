import type { HttpResponse } from 'uWebSockets.js';
import { type ByeEvent, encodeEvent } from '@likewire/protocol';
import { EVENT_STREAM, type Headers, writeHead } from '../answer.ts';

/** A node that stops ends some streams at this interval, in milliseconds. */
const STEP_MS = 100;

/** A node that stops ends at least this many streams each time: few viewers need no spreading. */
const STEP_STREAMS = 50;

/**
 * Viewers of a node that stops come back after this part of the usual time, since other nodes have
 * room.
 */
const SHUTDOWN_RETRY_PART = 0.25;

const encoder = new TextEncoder();

/** Returns the time after which one client comes back: its own, from 50 % to 150 % of the usual time. */
export function jitteredRetryMs(retryMs: number): number {
	return Math.round(retryMs * (0.5 + Math.random()));
}

/** Returns the last frame of a stream. */
export function byeFrame(bye: ByeEvent): Uint8Array {
	return encoder.encode(`retry: ${bye.retryMs}\n${encodeEvent('bye', bye)}`);
}

/**
 * Returns the last frame of a stream on a node that stops, where clients usually come back after about
 * `retryMs`.
 */
export function shutdownFrame(retryMs: number): Uint8Array {
	return byeFrame({ reason: 'shutdown', retryMs: jitteredRetryMs(retryMs * SHUTDOWN_RETRY_PART) });
}

/** Viewers that a full node refuses come back after this many times the usual time. */
const FULL_RETRY_PART = 5;

/**
 * Returns the only frame of a stream on a full node, where clients usually come back after about
 * `retryMs`.
 */
export function fullFrame(retryMs: number): Uint8Array {
	return byeFrame({ reason: 'full', retryMs: jitteredRetryMs(retryMs * FULL_RETRY_PART) });
}

/**
 * Answers a request for a stream with the close frame alone. Not with an error: EventSource reconnects
 * after the end of a stream, and never after a status other than 200.
 */
export function rejectStream(res: HttpResponse, headers: Headers, closeFrame: Uint8Array): void {
	res.cork(() => {
		writeHead(res, 200, EVENT_STREAM, headers);
		// A balancer that kept the connection would send the next viewer to this node as well.
		res.end(closeFrame, true);
	});
}

/** Ends the open streams, spread over at most `spreadMs`; settles when none is left. */
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
