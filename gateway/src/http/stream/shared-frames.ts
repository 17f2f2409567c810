import { deflatedBlocks, type GzipBlocks, storedBlocks } from './gzip-blocks.ts';

/**
 * A frame is compressed when it goes to this many viewers. Compressing takes as long as sending it to
 * two, or to some twenty after a rest; frames of a viewer that was late go to that one alone.
 */
export const COMPRESS_FROM = 4;

/** Whether a shared frame may be compressed. */
interface SharedFrame {
	readonly mayCompress: boolean;
	uses: number;
	blocks: GzipBlocks | undefined;
}

const shared = new WeakMap<Uint8Array, SharedFrame>();

/** The last shared frame: a pass sends the same frame to one viewer after another. */
let lastFrame: Uint8Array | undefined;
let last: SharedFrame | undefined;

/**
 * Marks a frame that goes to many viewers, and returns it: its gzip form is made once. `mayCompress`:
 * whether it may be compressed. Its length then shows an eavesdropper how alike its texts are, so a
 * frame with texts that only some may read must not be.
 */
export function shareFrame(frame: Uint8Array, mayCompress: boolean): Uint8Array {
	shared.set(frame, { mayCompress, uses: 0, blocks: undefined });
	return frame;
}

/** Returns a frame as blocks of a gzip stream. A frame that is not shared is stored, and not kept. */
export function blocksOf(frame: Uint8Array): GzipBlocks {
	if (frame !== lastFrame) {
		const known = shared.get(frame);
		if (known === undefined) return storedBlocks(frame);
		lastFrame = frame;
		last = known;
	}
	const known = last as SharedFrame;
	known.uses++;
	if (known.mayCompress && known.uses === COMPRESS_FROM) known.blocks = deflatedBlocks(frame);
	known.blocks ??= storedBlocks(frame);
	return known.blocks;
}
