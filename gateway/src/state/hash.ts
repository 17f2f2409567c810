/** The offset basis of 32-bit FNV-1a. */
const FNV_BASIS = 0x811c9dc5;

/**
 * Returns 32-bit FNV-1a of UTF-16 code units: http://www.isthe.com/chongo/tech/comp/fnv/. Another
 * `basis` makes another hash.
 */
export function hashText(text: string, basis = FNV_BASIS): number {
	let hash = basis;
	for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	return hash >>> 0;
}

/**
 * Returns {@link hashText}, spread: texts that differ in their last character are far apart, as places
 * on a ring must be. The finalizer of MurmurHash3: https://github.com/aappleby/smhasher
 */
export function spreadHash(text: string): number {
	let hash = hashText(text);
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}
