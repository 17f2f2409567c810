import { describe, expect, it } from 'vitest';
import { acceptsGzip } from './accept-encoding.ts';

describe('acceptsGzip', () => {
	it.each([
		'gzip',
		'br, gzip',
		'GZIP',
		'gzip;q=0.5',
		'x-gzip',
		'*',
		'br;q=1, *;q=0.1',
		'deflate,gzip ; q=1.0',
		'identity;q=0.5, gzip',
	])('returns true for %s', (header) => expect(acceptsGzip(header)).toBe(true));

	it.each([
		'',
		'br',
		'gzip;q=0',
		'gzip;q=0.000',
		'gzip; q=0',
		'*;q=0',
		'gzip;q=0, *',
		'gzipped',
		'gzip;q=x',
		'identity, gzip;q=0.5',
	])('returns false for "%s"', (header) => expect(acceptsGzip(header)).toBe(false));
});
