import { constants, deflateRawSync } from 'node:zlib';
import { checksum, shiftOf, shiftTable } from './crc32.ts';

/** A frame as whole blocks of a gzip stream. The blocks depend on no earlier ones, so any stream can carry them. */
export interface GzipBlocks {
	/** The blocks behind a head that only other nodes receive. */
	readonly framed: Uint8Array;
	/** The blocks. They end at a byte, with all of the frame. */
	readonly bytes: Uint8Array;
	/** The length of the frame, in bytes. */
	readonly length: number;
	/** The checksum of the frame. */
	readonly crc: number;
	/** What `joined` needs of the length of the frame. */
	readonly shift: number;
	/** What `joinedByTable` needs of the length of a frame that many viewers get. */
	readonly table: Int32Array | undefined;
}

/** The head of framed blocks: the length of the frame, its checksum, and the length of the blocks. */
const HEAD_BYTES = 12;

/** The longest content of a stored block (RFC 1951, 3.2.4). */
const MAX_STORED_BYTES = 65_535;

/** The head of a stored block: its type, its length, and the complement of that. */
const STORED_HEAD_BYTES = 5;

/**
 * Frames have about 1 kB: a window of 4 KiB and small tables save the time in which zlib clears larger
 * ones, and a chunk of 4 KiB that of a larger buffer. The level matters little at this size.
 */
const DEFLATE = { level: 6, windowBits: 12, memLevel: 5, finishFlush: constants.Z_FULL_FLUSH, chunkSize: 4096 };

/** Returns a frame as stored blocks, which take 5 bytes more than the frame, and hardly any time. */
export function storedBlocks(frame: Uint8Array): GzipBlocks {
	const count = Math.ceil(frame.length / MAX_STORED_BYTES);
	const framed = new Uint8Array(HEAD_BYTES + frame.length + count * STORED_HEAD_BYTES);
	const view = new DataView(framed.buffer);
	let at = HEAD_BYTES;
	for (let from = 0; from < frame.length; from += MAX_STORED_BYTES) {
		const part = frame.subarray(from, from + MAX_STORED_BYTES);
		view.setUint16(at + 1, part.length, true);
		view.setUint16(at + 3, ~part.length, true);
		framed.set(part, at + STORED_HEAD_BYTES);
		at += STORED_HEAD_BYTES + part.length;
	}
	return withHead(framed, frame.length, checksum(frame));
}

/** Returns a frame as compressed blocks. */
export function deflatedBlocks(frame: Uint8Array): GzipBlocks {
	const blocks = deflateRawSync(frame, DEFLATE);
	const framed = new Uint8Array(HEAD_BYTES + blocks.length);
	framed.set(blocks, HEAD_BYTES);
	return withHead(framed, frame.length, checksum(frame), true);
}

/** Returns the first blocks of bytes from another node; undefined while they are incomplete. */
export function readBlocks(bytes: Uint8Array): GzipBlocks | undefined {
	if (bytes.length < HEAD_BYTES) return undefined;
	const head = new DataView(bytes.buffer, bytes.byteOffset, HEAD_BYTES);
	const end = HEAD_BYTES + head.getUint32(8, true);
	if (bytes.length < end) return undefined;
	return blocksOf(bytes.subarray(0, end), head.getUint32(0, true), head.getInt32(4, true));
}

function withHead(framed: Uint8Array, length: number, crc: number, isShared = false): GzipBlocks {
	const head = new DataView(framed.buffer);
	head.setUint32(0, length, true);
	head.setInt32(4, crc, true);
	head.setUint32(8, framed.length - HEAD_BYTES, true);
	return blocksOf(framed, length, crc, isShared);
}

function blocksOf(framed: Uint8Array, length: number, crc: number, isShared = false): GzipBlocks {
	const shift = shiftOf(length);
	const table = isShared ? shiftTable(shift) : undefined;
	return { framed, bytes: framed.subarray(HEAD_BYTES), length, crc, shift, table };
}
