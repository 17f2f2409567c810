import { gunzipSync } from 'node:zlib';
import { encodeEvent, uuid } from '@likewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deflatedBlocks, readBlocks } from './gzip-blocks.ts';
import { blocksOf, COMPRESS_FROM, shareFrame } from './shared-frames.ts';
import { addBlocks, GZIP, type StreamSums } from './stream-encoding.ts';

const encoder = new TextEncoder();

/** Texts of all sizes that matter: blocks are stored in parts of 64 KiB. */
const texts = fc
	.tuple(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom(1, 1, 9, 90, 9_000))
	.map(([text, times]) => text.repeat(times));

/** Frames, whether viewers share them, and how often others got them before. */
const sent = fc.array(
	fc.record({
		text: texts,
		kind: fc.constantFrom('private', 'stored', 'compressed'),
		uses: fc.nat({ max: COMPRESS_FROM + 1 }),
	}),
	{ maxLength: 10 },
);

function frameOf({ text, kind, uses }: { text: string; kind: string; uses: number }): Uint8Array {
	const frame = encoder.encode(text);
	if (kind !== 'private') shareFrame(frame, kind === 'compressed');
	for (let use = 0; use < uses; use++) blocksOf(frame);
	return frame;
}

/** Returns whether a gzip stream has these frames. Throws when its end has another checksum or length. */
function decodes(coded: readonly Uint8Array[], sums: StreamSums, all: readonly Uint8Array[]): boolean {
	const end = GZIP.end(sums) ?? new Uint8Array();
	return gunzipSync(Buffer.concat([GZIP.head, ...coded, end])).equals(Buffer.concat(all));
}

describe('GZIP', () => {
	it('decodes to the bytes of its frames, checksum and length included', () => {
		fc.assert(
			fc.property(sent, (list) => {
				const sums = { crc: 0, length: 0 };
				const all = list.map(frameOf);
				const coded = all.map((frame) => GZIP.encode(frame, sums));
				expect(decodes(coded, sums, all)).toBe(true);
			}),
		);
	});

	it('decodes to the same with closers at any place', () => {
		fc.assert(
			fc.property(sent, fc.array(fc.boolean()), (list, closed) => {
				const sums = { crc: 0, length: 0 };
				const all = list.map(frameOf);
				const coded = all.flatMap((frame, index) => {
					const bytes = GZIP.encode(frame, sums);
					return closed[index] ? [bytes, GZIP.closer] : [bytes];
				});
				expect(decodes(coded, sums, all)).toBe(true);
			}),
		);
	});

	it('carries frames that other streams carry, too, whatever came before', () => {
		const shared = Array.from({ length: 20 }, (_, index) => shareFrame(encoder.encode(`event ${index}\n\n`), true));
		for (let stream = 0; stream < 2 * COMPRESS_FROM; stream++) {
			const sums = { crc: 0, length: 0 };
			const own = encoder.encode(`: ${'own'.repeat(stream)}\n\n`);
			const coded = [own, ...shared].map((frame) => GZIP.encode(frame, sums));
			expect(decodes(coded, sums, [own, ...shared])).toBe(true);
		}
	});
});

const LIKES = encoder.encode(`event: likes\ndata: ${'{"user":"ann","type":"heart"}'.repeat(30)}\n\n`);

describe('blocksOf', () => {
	it('compresses a frame once it goes to enough viewers, and not before', () => {
		const frame = shareFrame(LIKES.slice(), true);
		const blocks = Array.from({ length: COMPRESS_FROM + 2 }, () => blocksOf(frame));
		const lengths = blocks.map(({ bytes }) => bytes.length);
		expect(lengths.slice(0, COMPRESS_FROM - 1)).toEqual(Array(COMPRESS_FROM - 1).fill(frame.length + 5));
		for (const length of lengths.slice(COMPRESS_FROM - 1)) expect(length).toBeLessThan(frame.length / 4);
		expect(new Set(blocks).size).toBe(2);
	});

	it.each([
		['that is not shared', LIKES],
		['that is shared and may not be compressed', shareFrame(LIKES.slice(), false)],
	])('never compresses a frame %s', (_, frame) => {
		for (let use = 0; use < 3 * COMPRESS_FROM; use++) expect(blocksOf(frame).bytes).toHaveLength(frame.length + 5);
	});
});

describe('readBlocks', () => {
	it('returns the blocks that another node framed, from bytes that come in any pieces', () => {
		fc.assert(
			fc.property(sent, fc.integer({ min: 100, max: 5_000 }), (list, piece) => {
				const all = list.map(frameOf);
				const framed = Buffer.concat(all.map((frame) => blocksOf(frame).framed));
				const sums = { crc: 0, length: 0 };
				const coded: Uint8Array[] = [];
				let rest: Uint8Array = new Uint8Array();
				for (let at = 0; at < framed.length; at += piece) {
					rest = Buffer.concat([rest, framed.subarray(at, at + piece)]);
					for (let blocks = readBlocks(rest); blocks !== undefined; blocks = readBlocks(rest)) {
						addBlocks(blocks, sums);
						coded.push(blocks.bytes);
						rest = rest.subarray(blocks.framed.length);
					}
				}
				expect(rest).toHaveLength(0);
				expect(decodes(coded, sums, all)).toBe(true);
			}),
		);
	});
});

/** Returns a frame with a sample of likes, as many viewers give them within a second. */
function likesFrame(shown: number): Uint8Array {
	const at = 1_764_500_000_000;
	const recent = Array.from({ length: shown }, (_, index) => ({
		id: uuid(),
		user: `user-${Math.trunc(Math.random() * 1e5)}`,
		type: 'heart',
		at: at + index * 7,
	}));
	const totals = { heart: 123_456, clap: 2_345 };
	const event = { video: 'launch-2026', totals, delta: { heart: 21 }, recent, shown, of: 21, revision: 125_801, at };
	return encoder.encode(encodeEvent('likes', event));
}

describe('deflatedBlocks', () => {
	it('halves a likes frame with eight samples, and takes at most 300 bytes for one with four', () => {
		for (let run = 0; run < 50; run++) {
			const [eight, four] = [likesFrame(8), likesFrame(4)];
			expect(deflatedBlocks(eight).bytes.length / eight.length).toBeLessThanOrEqual(0.5);
			expect(deflatedBlocks(four).bytes.length).toBeLessThanOrEqual(300);
		}
	});
});
