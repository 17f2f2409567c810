import type { HttpResponse } from 'uWebSockets.js';
import { type Headers, statusLine } from '../http/answer.ts';
import type { StreamSocket } from './connection.ts';

const EVENT_STREAM: Headers = {
	'Content-Type': 'text/event-stream',
	'Cache-Control': 'no-store',
	// nginx holds a stream back otherwise: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
	'X-Accel-Buffering': 'no',
};

// `cork` takes a function; one for all streams, with its arguments beside it, spares the hot loop a closure a frame.
let corked: HttpResponse;
let frame: Uint8Array;
let kept = false;
function writeCorked(): void {
	kept = corked.write(frame);
}

/** Calls back when the client is gone, and when it has read what was waiting. */
export interface StreamSocketEvents {
	onGone(): void;
	onDrained(): void;
}

/** Opens a stream of Server-Sent Events on a response of uWebSockets.js; the caller writes the first frame at once. */
export function openUwsStream(res: HttpResponse, headers: Headers, events: StreamSocketEvents): StreamSocket {
	let open = true;
	res.onAborted(() => {
		open = false;
		events.onGone();
	});
	// Without this handler a blocked socket would get a timeout of 10 s that later writes do not lift.
	res.onWritable(() => {
		if (open) events.onDrained();
		return true;
	});
	res.cork(() => {
		res.writeStatus(statusLine(200));
		for (const [name, value] of Object.entries({ ...EVENT_STREAM, ...headers })) res.writeHeader(name, value);
	});
	return {
		write(bytes) {
			if (!open) return false;
			corked = res;
			frame = bytes;
			// Uncorked, a write is four sends.
			res.cork(writeCorked);
			return kept;
		},
		end() {
			if (!open) return;
			open = false;
			res.cork(() => res.end(undefined, true));
		},
		close() {
			if (open) res.close();
		},
	};
}
