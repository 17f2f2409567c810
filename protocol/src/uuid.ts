/**
 * Returns a UUID of version 7 (RFC 9562, 5.7): 48 bits of time in milliseconds, then 74 random bits. Ids that rise with time
 * land side by side in a database, where random ones dirty a page each.
 *
 * The id is unique, not secret: where there is no `crypto` (React Native) its random bits come from `Math.random`.
 *
 * @param now Unix milliseconds; the clock by default.
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
	// `randomUUID` is there in secure contexts only, `getRandomValues` on every page.
	if (typeof crypto === 'object') return crypto.getRandomValues(bytes);
	return bytes.map(() => Math.random() * 256);
}
