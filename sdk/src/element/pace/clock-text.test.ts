import { describe, expect, it } from 'vitest';
import { clockText } from './clock-text.ts';

describe('clockText', () => {
	it('returns minutes and seconds, and hours where a recording has some', () => {
		expect([0, 8.9, 65, 3_605].map((seconds) => clockText(seconds, 'en'))).toEqual(['0:00', '0:08', '1:05', '1:00:05']);
	});

	it('uses the digits of the language', () => {
		expect(clockText(65, 'ar-EG')).toBe('١:٠٥');
	});
});
