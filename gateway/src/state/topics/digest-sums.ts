import { hashText } from '../hash.ts';
import type { Registration } from './registration.ts';

/** The number of buckets: at 10,000 topics a topic that changes has some 40 others list with it. */
export const DIGEST_BUCKETS = 256;

/** The basis of the second hash of a name: a number that FNV-1a does not use. */
const SECOND_BASIS = 0x2c1b3c6d;

/** What a digest compares of a topic. */
export type DigestedTopic = Pick<Registration, 'count' | 'hash'>;

/** A topic, what it adds to the sums as four signed words, and its place in the list of its bucket. */
interface Part {
	readonly topic: string;
	/** Two hashes of the name. */
	readonly nameLow: number;
	readonly nameHigh: number;
	readonly bucket: number;
	rowLow: number;
	rowHigh: number;
	stateLow: number;
	stateHigh: number;
	previous: Part | undefined;
	next: Part | undefined;
}

/**
 * The sums of hashes by which a frontend and an owner compare all topics that the frontend follows
 * there: one sum of the rows (topic and count), one of the states (topic and hash), and one
 * of both for each of {@link DIGEST_BUCKETS} buckets, to which a hash of its name assigns a topic. Each
 * is a sum of 64-bit hashes, as two sums of 32 bits, so the order of the topics does not matter, and a
 * change costs one subtraction and one addition. Deterministic.
 *
 * The owner of the sums names each topic that may have changed with `touch`; the sums read what it is
 * now when they are asked next. So they equal the sums of all topics at that time.
 */
export class DigestSums {
	readonly #read: (topic: string) => DigestedTopic | undefined;
	readonly #parts = new Map<string, Part>();
	readonly #touched = new Set<string>();
	readonly #rows = new Uint32Array(2);
	readonly #states = new Uint32Array(2);
	readonly #buckets = new Uint32Array(2 * DIGEST_BUCKETS);
	readonly #lists = new Array<Part | undefined>(DIGEST_BUCKETS).fill(undefined);

	/** `read` returns a topic as it is now; undefined when it is gone. */
	constructor(read: (topic: string) => DigestedTopic | undefined) {
		this.#read = read;
	}

	/** Takes a topic that came, went, or may have changed. */
	touch(topic: string): void {
		this.#touched.add(topic);
	}

	/** The sum of the rows, as 16 hexadecimal digits. */
	get rows(): string {
		this.update();
		return hexOf(this.#rows);
	}

	/** The sum of the states, as 16 hexadecimal digits. */
	get states(): string {
		this.update();
		return hexOf(this.#states);
	}

	/** The sums of all buckets: 8 bytes each, low word first, in base64. */
	get buckets(): string {
		this.update();
		const bytes = Buffer.allocUnsafe(4 * this.#buckets.length);
		for (const [index, word] of this.#buckets.entries()) bytes.writeUInt32LE(word, 4 * index);
		return bytes.toString('base64');
	}

	/** Returns the buckets whose sums differ from those of the other side; all when it sent none. */
	differing(buckets: string): number[] {
		this.update();
		const bytes = Buffer.from(buckets, 'base64');
		const isWhole = bytes.length === 4 * this.#buckets.length;
		const differs = (index: number) => !isWhole || bytes.readUInt32LE(4 * index) !== this.#buckets[index];
		return Array.from({ length: DIGEST_BUCKETS }, (_, bucket) => bucket).filter(
			(bucket) => differs(2 * bucket) || differs(2 * bucket + 1),
		);
	}

	/** Returns the topics of some buckets. */
	topicsIn(buckets: Iterable<number>): string[] {
		this.update();
		const topics: string[] = [];
		for (const bucket of buckets) {
			for (let part = this.#lists[bucket]; part !== undefined; part = part.next) topics.push(part.topic);
		}
		return topics;
	}

	/** Returns all topics. */
	topics(): string[] {
		this.update();
		return [...this.#parts.keys()];
	}

	/** Reads the topics that were touched. */
	update(): void {
		for (const topic of this.#touched) {
			const now = this.#read(topic);
			let part = this.#parts.get(topic);
			if (part !== undefined) this.#subtract(part);
			if (now === undefined) {
				if (part !== undefined) this.#remove(part);
				continue;
			}
			part ??= this.#add(topic);
			hashInto(part, now);
			this.#count(part, 1);
		}
		this.#touched.clear();
	}

	#add(topic: string): Part {
		const [nameLow, nameHigh] = [hashText(topic) | 0, hashText(topic, SECOND_BASIS) | 0];
		const bucket = (finish(mix(nameLow, BUCKET)) >>> 0) % DIGEST_BUCKETS;
		const next = this.#lists[bucket];
		const words = { rowLow: 0, rowHigh: 0, stateLow: 0, stateHigh: 0 };
		const part: Part = { topic, nameLow, nameHigh, bucket, ...words, previous: undefined, next };
		if (next !== undefined) next.previous = part;
		this.#lists[bucket] = part;
		this.#parts.set(topic, part);
		return part;
	}

	#remove({ topic, bucket, previous, next }: Part): void {
		this.#parts.delete(topic);
		if (next !== undefined) next.previous = previous;
		if (previous === undefined) this.#lists[bucket] = next;
		else previous.next = next;
	}

	#subtract(part: Part): void {
		// mutant: subtracts-from-sums
		this.#count(part, -1);
	}

	#count({ bucket, rowLow, rowHigh, stateLow, stateHigh }: Part, sign: 1 | -1): void {
		add(this.#rows, 0, sign * rowLow, sign * rowHigh);
		add(this.#states, 0, sign * stateLow, sign * stateHigh);
		add(this.#buckets, 2 * bucket, sign * (rowLow + stateLow), sign * (rowHigh + stateHigh));
	}
}

/** Adds to two words; an array of 32-bit words keeps the lowest 32 bits of each sum. */
function add(words: Uint32Array, at: number, low: number, high: number): void {
	words[at] = (words[at] as number) + low;
	words[at + 1] = (words[at + 1] as number) + high;
}

function hexOf(words: Uint32Array): string {
	return [...words].map((word) => word.toString(16).padStart(8, '0')).join('');
}

/** The first word of what a hash is for. */
const [BUCKET, ROW, NO_STATE, STATE] = [1, 2, 3, 4];

/** Sets what a topic adds to the sums. */
function hashInto(part: Part, { count, hash }: DigestedTopic): void {
	part.rowLow = finish(mix(mix(part.nameLow, ROW), count));
	part.rowHigh = finish(mix(mix(part.nameHigh, ROW), count));
	const kind = hash === undefined ? NO_STATE : STATE;
	part.stateLow = finish(mix(mix(part.nameLow, kind), hash ?? 0));
	part.stateHigh = finish(mix(mix(part.nameHigh, kind), hash ?? 0));
}

/** Mixes a 32-bit word into a hash, as MurmurHash3 does: https://github.com/aappleby/smhasher */
function mix(hash: number, word: number): number {
	let mixed = Math.imul(word, 0xcc9e2d51);
	mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
	const both = hash ^ mixed;
	return (Math.imul((both << 13) | (both >>> 19), 5) + 0xe6546b64) | 0;
}

/** Returns the hash after the last word: a signed word, which V8 keeps without an object of its own. */
function finish(hash: number): number {
	let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
	return mixed ^ (mixed >>> 16);
}
