import { acceptsGzip } from '../accept-encoding.ts';
import type { Headers } from '../answer.ts';
import { joined } from './crc32.ts';
import { CHUNK_CLOSER } from './event-chunks.ts';
import type { GzipBlocks } from './gzip-blocks.ts';
import { blocksOf } from './shared-frames.ts';

/** The form in which one response carries frames. */
export interface StreamEncoding {
	readonly headers: Headers;
	/** What follows each write as a chunk of its own; a write may leave it out. */
	readonly closer: Uint8Array;
	/** Returns the bytes of the next frame. */
	encode(frame: Uint8Array): Uint8Array;
	/** Returns the bytes behind the last frame; undefined for none. */
	end(): Uint8Array | undefined;
}

/** Frames as they are. */
export const IDENTITY: StreamEncoding = {
	headers: {},
	closer: CHUNK_CLOSER,
	encode: (frame) => frame,
	end: () => undefined,
};

/**
 * The content coding between nodes: blocks of a gzip stream, each with a head that says where it ends
 * and what the end of the gzip stream needs. So a node that relays the stream can end it.
 */
export const FRAMED_GZIP = 'likewire-framed-gzip';

const FRAMED: StreamEncoding = {
	headers: { 'Content-Encoding': FRAMED_GZIP },
	// A node reads the bytes of a chunk before its end.
	closer: new Uint8Array(),
	encode: (frame) => blocksOf(frame).framed,
	end: () => undefined,
};

/** The head of a gzip stream (RFC 1952, 2.3): deflate, no name, no time, no system. */
const HEAD = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

const GZIP_HEADERS: Headers = { 'Content-Encoding': 'gzip' };

/** A stored block of nothing. */
const EMPTY_BLOCK = new Uint8Array([0, 0, 0, 255, 255]);

/** The last block, of nothing; the checksum and the length follow it. */
const LAST_BLOCK = [3, 0];

/**
 * A gzip stream of one viewer. It consists of blocks that viewers share, so it keeps no compressor, only
 * the checksum and the length of what it carried, which its end must name.
 */
export class GzipStream implements StreamEncoding {
	#begun = false;
	#crc = 0;
	/** Modulo 2^32. */
	#length = 0;

	get headers(): Headers {
		return GZIP_HEADERS;
	}

	get closer(): Uint8Array {
		return EMPTY_BLOCK;
	}

	encode(frame: Uint8Array): Uint8Array {
		return this.add(blocksOf(frame));
	}

	/** Returns the bytes of the next blocks. */
	add({ bytes, length, crc, shift }: GzipBlocks): Uint8Array {
		this.#crc = joined(this.#crc, crc, shift);
		this.#length = (this.#length + length) | 0;
		if (this.#begun) return bytes;
		this.#begun = true;
		return concat(HEAD, bytes);
	}

	end(): Uint8Array {
		const last = new Uint8Array(LAST_BLOCK.length + 8);
		last.set(LAST_BLOCK);
		const view = new DataView(last.buffer, LAST_BLOCK.length);
		view.setInt32(0, this.#crc, true);
		view.setInt32(4, this.#length, true);
		return this.#begun ? last : concat(HEAD, last);
	}
}

/** Returns what makes the encoding of a viewer's stream, by its `Accept-Encoding`. */
export function encodingFor(acceptEncoding: string): () => StreamEncoding {
	return acceptsGzip(acceptEncoding) ? () => new GzipStream() : () => IDENTITY;
}

/** As {@link encodingFor}, for a stream that another node relays. */
export function relayedEncodingFor(acceptEncoding: string): () => StreamEncoding {
	return () => (acceptEncoding === FRAMED_GZIP ? FRAMED : IDENTITY);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
	const both = new Uint8Array(first.length + second.length);
	both.set(first);
	both.set(second, first.length);
	return both;
}
