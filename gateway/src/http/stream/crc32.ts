import { crc32 } from 'node:zlib';

/** The polynomial of the checksum of gzip (RFC 1952, 8), with its bits in reverse. */
const POLYNOMIAL = 0xedb88320 | 0;

/** The polynomial x, and the polynomial 1. */
const X = 1 << 30;
const ONE = 1 << 31;

/** Returns the product of two polynomials modulo {@link POLYNOMIAL}. */
function multiply(one: number, other: number): number {
	let product = 0;
	let power = other;
	for (let rest = one; rest !== 0; rest <<= 1) {
		if (rest < 0) product ^= power;
		power = (power >>> 1) ^ (POLYNOMIAL & -(power & 1));
	}
	return product;
}

/** x to the power of 1, 2, 4, 8 and so on. */
const POWERS = [X];
for (let last = X; POWERS.length < 32; POWERS.push(last)) last = multiply(last, last);

/** Returns x to the power of the number of bits: what {@link joined} takes of the second part. */
export function shiftOf(bytes: number): number {
	let power = ONE;
	for (let rest = bytes, bit = 3; rest > 0; rest >>>= 1, bit++) {
		if ((rest & 1) === 1) power = multiply(POWERS[bit % POWERS.length] as number, power);
	}
	return power;
}

/** Returns the checksum of bytes. */
export function checksum(bytes: Uint8Array): number {
	return crc32(bytes) | 0;
}

/** Returns the products of {@link shiftOf} with each byte at each of four places. */
export function shiftTable(shift: number): Int32Array {
	const table = new Int32Array(4 * 256);
	let power = shift;
	for (let bit = 31; bit >= 0; bit--) {
		const place = (bit >>> 3) << 8;
		const first = 1 << (bit & 7);
		table[place + first] = power;
		power = (power >>> 1) ^ (POLYNOMIAL & -(power & 1));
	}
	for (let place = 0; place < table.length; place += 256) {
		for (let byte = 3; byte < 256; byte++) {
			const rest = byte & (byte - 1);
			if (rest !== 0) table[place + byte] = (table[place + rest] as number) ^ (table[place + (byte ^ rest)] as number);
		}
	}
	return table;
}

/** As {@link joined}, in a tenth of its time, by the {@link shiftTable} of the length of the second part. */
export function joinedByTable(first: number, second: number, table: Int32Array): number {
	return (
		(table[first & 255] as number) ^
		(table[256 + ((first >>> 8) & 255)] as number) ^
		(table[512 + ((first >>> 16) & 255)] as number) ^
		(table[768 + (first >>> 24)] as number) ^
		second
	);
}

/**
 * Returns the checksum of two parts, in the time of 32 shifts, whatever their lengths, as zlib's
 * `crc32_combine_op`. `shift` is {@link shiftOf} the length of the second part.
 */
export function joined(first: number, second: number, shift: number): number {
	return multiply(first, shift) ^ second;
}
