/**
 * Returns a UUID of version 7 (RFC 9562, 5.7): 48 bits of time in milliseconds, then 74 random bits. A database stores ids
 * that rise with time next to each other, while each random id dirties another page.
 *
 * The id is unique, not secret: without `crypto` (React Native) its random bits are from `Math.random`.
 *
 * @param now the time in Unix milliseconds; the current time by default.
 */
export function uuid(now = Date.now()): string {
	const bytes = randomBytes();
	for (let index = 5, rest = now; index >= 0; index--, rest = Math.floor(rest / 256)) bytes[index] = rest % 256;
	bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
	bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
	const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function randomBytes(): Uint8Array {
	const bytes = new Uint8Array(16);
	// Only secure contexts have `randomUUID`; every page has `getRandomValues`.
	if (typeof crypto === 'object') return crypto.getRandomValues(bytes);
	return bytes.map(() => Math.random() * 256);
}
