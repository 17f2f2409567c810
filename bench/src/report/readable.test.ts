import { describe, expect, it } from 'vitest';
import { readable } from './readable.ts';

describe('readable', () => {
	it('keeps three significant digits, and separates thousands', () => {
		const values = [1_234_567.8, 123.4, 12.34, 1.234, 0.12345, 0, -0.5];
		expect(values.map(readable)).toEqual(['1,234,568', '123', '12.3', '1.23', '0.123', '0.00', '-0.500']);
	});

	it('shows a value that could not be measured as a dash', () => {
		expect(readable(Number.NaN)).toBe('-');
	});
});
