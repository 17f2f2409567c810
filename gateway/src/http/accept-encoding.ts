/**
 * Returns whether a client prefers gzip, or has no preference, by its `Accept-Encoding` (RFC 9110,
 * 12.5.3). Without the header it gets plain bytes, since simple clients accept nothing else.
 */
export function acceptsGzip(header: string): boolean {
	const weights = new Map<string, number>();
	for (const part of header.toLowerCase().split(',')) {
		const [coding = '', ...parameters] = part.split(';').map((text) => text.trim());
		const q = parameters.find((parameter) => parameter.startsWith('q='));
		// A weight that is no number refuses the coding: plain bytes are always right.
		weights.set(coding, q === undefined ? 1 : Number(q.slice(2)) || 0);
	}
	const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
	return gzip > 0 && gzip >= (weights.get('identity') ?? 0);
}
