import { acceptsGzip } from '../accept-encoding.ts';
import type { Headers } from '../answer.ts';
import { joined, joinedByTable } from './crc32.ts';
import { CHUNK_CLOSER } from './event-chunks.ts';
import type { GzipBlocks } from './gzip-blocks.ts';
import { blocksOf } from './shared-frames.ts';

/** What the end of a gzip stream names of all that it carried. */
export interface StreamSums {
	/** The checksum. */
	crc: number;
	/** The length, modulo 2^32. */
	length: number;
}

/** The form in which a response carries frames. It keeps nothing: the sums are those of the stream. */
export interface StreamEncoding {
	readonly headers: Headers;
	/** What precedes the first frame; may be empty. */
	readonly head: Uint8Array;
	/** What follows each write as a chunk of its own; a write may leave it out. */
	readonly closer: Uint8Array;
	/** Returns the bytes of the next frame. */
	encode(frame: Uint8Array, sums: StreamSums): Uint8Array;
	/** Returns the bytes behind the last frame; undefined for none. */
	end(sums: StreamSums): Uint8Array | undefined;
}

const NOTHING = new Uint8Array();

/** Frames as they are. */
export const IDENTITY: StreamEncoding = {
	headers: {},
	head: NOTHING,
	closer: CHUNK_CLOSER,
	encode: (frame) => frame,
	end: () => undefined,
};

/**
 * A gzip stream. It consists of blocks that streams share, so a stream keeps no compressor, only its
 * sums.
 */
export const GZIP: StreamEncoding = {
	headers: { 'Content-Encoding': 'gzip' },
	// RFC 1952, 2.3: deflate, no name, no time, an unknown system.
	head: new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]),
	// A stored block of nothing.
	closer: new Uint8Array([0, 0, 0, 255, 255]),
	encode(frame, sums) {
		const blocks = blocksOf(frame);
		addBlocks(blocks, sums);
		return blocks.bytes;
	},
	end({ crc, length }) {
		const last = new Uint8Array(LAST_BLOCK.length + 8);
		last.set(LAST_BLOCK);
		const view = new DataView(last.buffer, LAST_BLOCK.length);
		view.setInt32(0, crc, true);
		view.setInt32(4, length, true);
		return last;
	},
};

/** The last block, of nothing; the sums follow it. */
const LAST_BLOCK = [3, 0];

/** Counts blocks that a gzip stream carries. */
export function addBlocks({ length, crc, shift, table }: GzipBlocks, sums: StreamSums): void {
	sums.crc = table === undefined ? joined(sums.crc, crc, shift) : joinedByTable(sums.crc, crc, table);
	sums.length = (sums.length + length) | 0;
}

/**
 * The content coding between nodes: blocks of a gzip stream, each with a head that says where it ends
 * and what the sums need. So a node that relays the stream can end it.
 */
export const FRAMED_GZIP = 'likewire-framed-gzip';

const FRAMED: StreamEncoding = {
	headers: { 'Content-Encoding': FRAMED_GZIP },
	head: NOTHING,
	// A node reads the bytes of a chunk before its end.
	closer: NOTHING,
	encode: (frame) => blocksOf(frame).framed,
	end: () => undefined,
};

/** Returns the encoding of a viewer's stream, by its `Accept-Encoding`. */
export function encodingFor(acceptEncoding: string): StreamEncoding {
	return acceptsGzip(acceptEncoding) ? GZIP : IDENTITY;
}

/** As {@link encodingFor}, for a stream that another node relays. */
export function relayedEncodingFor(acceptEncoding: string): StreamEncoding {
	return acceptEncoding === FRAMED_GZIP ? FRAMED : IDENTITY;
}
