import type { Headers } from '../../http/answer.ts';
import { CHUNK_CLOSER } from '../../http/stream/event-chunks.ts';
import { readBlocks } from '../../http/stream/gzip-blocks.ts';
import { addBlocks, FRAMED_GZIP, GZIP, type StreamSums } from '../../http/stream/stream-encoding.ts';

/** The body that a frontend sends, on its way to a viewer. It is cut between two events only. */
export interface RelayedStream {
	/** As those of a `StreamEncoding`. */
	readonly headers: Headers;
	readonly head: Uint8Array;
	readonly closer: Uint8Array;
	/** Takes bytes of the frontend; returns those for the viewer, up to the end of the last complete event. */
	take(chunk: Buffer): Uint8Array;
	/** Returns the bytes of a comment of this node. */
	comment(): Uint8Array;
	/** Returns the bytes for the viewer after the end of the stream of the frontend. */
	end(): Uint8Array | undefined;
	/** Returns the bytes that end the stream of the viewer with a frame of this node. */
	endWith(closeFrame: Uint8Array): Uint8Array;
}

const NOTHING = Buffer.alloc(0);

/** Returns the relayed form of a body with this `Content-Encoding`. */
export function relayedStream(contentEncoding: unknown): RelayedStream {
	return contentEncoding === FRAMED_GZIP ? new RelayedGzip() : new RelayedText();
}

/** A body as it is. */
class RelayedText implements RelayedStream {
	readonly headers: Headers = {};
	readonly head = NOTHING;
	readonly closer = CHUNK_CLOSER;
	/** The beginning of an incomplete event. */
	#partial: Buffer = NOTHING;

	take(chunk: Buffer): Uint8Array {
		// The frontend ended its chunk with these bytes; this node ends chunks itself.
		if (this.#partial.length === 0 && chunk.equals(CHUNK_CLOSER)) return NOTHING;
		const bytes = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
		const end = bytes.lastIndexOf('\n\n') + 1;
		this.#partial = end === 0 ? bytes : bytes.subarray(end + 1);
		return end === 0 ? NOTHING : bytes.subarray(0, end + 1);
	}

	comment(): Uint8Array {
		return CHUNK_CLOSER;
	}

	end(): Uint8Array {
		return this.#partial;
	}

	endWith(closeFrame: Uint8Array): Uint8Array {
		return closeFrame;
	}
}

/** A gzip stream of the blocks that the frontend sends. */
class RelayedGzip implements RelayedStream {
	readonly headers = GZIP.headers;
	readonly head = GZIP.head;
	readonly closer = GZIP.closer;
	readonly #sums: StreamSums = { crc: 0, length: 0 };
	/** The beginning of incomplete blocks. */
	#partial: Buffer = NOTHING;

	take(chunk: Buffer): Uint8Array {
		let rest = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
		const complete: Uint8Array[] = [];
		for (let blocks = readBlocks(rest); blocks !== undefined; blocks = readBlocks(rest)) {
			addBlocks(blocks, this.#sums);
			complete.push(blocks.bytes);
			rest = rest.subarray(blocks.framed.length);
		}
		this.#partial = rest;
		return complete.length === 1 ? (complete[0] as Uint8Array) : Buffer.concat(complete);
	}

	comment(): Uint8Array {
		return GZIP.encode(CHUNK_CLOSER, this.#sums);
	}

	end(): Uint8Array | undefined {
		return GZIP.end(this.#sums);
	}

	endWith(closeFrame: Uint8Array): Uint8Array {
		return Buffer.concat([GZIP.encode(closeFrame, this.#sums), GZIP.end(this.#sums) ?? NOTHING]);
	}
}
