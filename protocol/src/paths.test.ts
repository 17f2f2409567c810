import { describe, expect, it } from 'vitest';
import { paths } from './paths.ts';

describe('paths', () => {
	it('have the public routes', () => {
		expect(paths.stream).toBe('/v1/stream');
		expect(paths.video('v1')).toBe('/v1/videos/v1');
		expect(paths.likes('v1')).toBe('/v1/videos/v1/likes');
		expect(paths.like('v1', 'x')).toBe('/v1/videos/v1/likes/x');
		expect(paths.timeline('v1')).toBe('/v1/videos/v1/timeline');
		expect(paths.highlights('v1')).toBe('/v1/videos/v1/highlights');
		expect(paths.connection('node-1.abc')).toBe('/v1/connections/node-1.abc');
		expect(paths.subscriptions('node-1.abc')).toBe('/v1/connections/node-1.abc/subscriptions');
	});

	it('encode an id into one segment', () => {
		expect(paths.likes('a/../b?c#d')).toBe('/v1/videos/a%2F..%2Fb%3Fc%23d/likes');
	});
});
