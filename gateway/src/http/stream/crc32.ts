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

/**
 * Returns the checksum of two parts, in the time of 32 shifts, whatever their lengths, as zlib's
 * `crc32_combine_op`. `shift` is {@link shiftOf} the length of the second part.
 */
export function joined(first: number, second: number, shift: number): number {
	return multiply(first, shift) ^ second;
}
