import type { HttpResponse } from 'uWebSockets.js';
import { EVENT_STREAM, type Headers, writeHead } from '../../http/answer.ts';
import { writeEvents } from '../../http/stream/event-chunks.ts';
import type { StreamEncoding, StreamSums } from '../../http/stream/stream-encoding.ts';
import type { StreamSocket } from './connection.ts';

/** The events that a socket reports to its connection. */
export interface StreamSocketEvents {
	/** The client went away, or the gateway cut it off. */
	onGone(): void;
	/** The client has read what waited. */
	onDrained(): void;
}

/** A stream of Server-Sent Events on a response of uWebSockets.js. */
export class UwsStreamSocket implements StreamSocket, StreamSums {
	// Here, not in an object of their own: that would be one more to fetch from memory for each frame.
	crc = 0;
	length = 0;
	readonly #res: HttpResponse;
	readonly #encoding: StreamEncoding;
	#open = true;
	/**
	 * A write found no room, and the client has not read enough since: uWebSockets.js ends the stream
	 * about 10 s later.
	 */
	#isLimited = false;

	/** Sends the head. The first frame must follow at once, since the end of the head leaves with it. */
	constructor(res: HttpResponse, headers: Headers, encoding: StreamEncoding, events: StreamSocketEvents) {
		this.#res = res;
		this.#encoding = encoding;
		res.onAborted(() => {
			this.#open = false;
			events.onGone();
		});
		// Without this handler a blocked socket gets a timeout of 10 s that later writes do not lift.
		res.onWritable(() => {
			this.#isLimited = false;
			if (this.#open) events.onDrained();
			return true;
		});
		beginStream(res, headers, encoding);
	}

	write(bytes: Uint8Array): boolean {
		if (!this.#open) return false;
		const hasRoom = writeEvents(this.#res, this.#encoding.encode(bytes, this), this.#encoding.closer);
		// A write that finds no room restarts the timer of uWebSockets.js; one that finds room does not.
		if (hasRoom && this.#isLimited) this.#renew();
		this.#isLimited ||= !hasRoom;
		return hasRoom;
	}

	#renew(): void {
		this.#res.pause();
		this.#res.resume();
	}

	end(): void {
		if (!this.#open) return;
		this.#open = false;
		// Not with `closeConnection`: it writes a header into the last chunk, and browsers drop the data of that chunk.
		this.#res.cork(() => this.#res.end(this.#encoding.end(this)));
	}

	close(): void {
		if (this.#open) this.#res.close();
	}
}

/**
 * A function of its own: closures of the constructor live as long as the stream and would keep the
 * headers.
 */
function beginStream(res: HttpResponse, headers: Headers, encoding: StreamEncoding): void {
	res.cork(() => {
		writeHead(res, 200, EVENT_STREAM, encoding.headers, headers);
		res.write(encoding.head);
	});
}
