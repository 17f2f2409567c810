import { describe, expect, it } from 'vitest';
import { shownDuration, spokenDuration } from './durations.ts';

describe('a duration', () => {
	it('is read aloud in its language, without parts that are zero', () => {
		expect([0, 65, 3_600, 3_725.9].map((seconds) => spokenDuration(seconds, 'en'))).toEqual([
			'0 seconds',
			'1 minute, 5 seconds',
			'1 hour',
			'1 hour, 2 minutes, 5 seconds',
		]);
		expect(spokenDuration(65, 'de')).toBe('1 Minute, 5 Sekunden');
	});

	it('is shown with the digits of its language', () => {
		expect([0, 65, 3_605].map((seconds) => shownDuration(seconds, 'en'))).toEqual(['0:00', '1:05', '1:00:05']);
		expect(shownDuration(65, 'ar-EG')).toBe('١:٠٥');
	});
});
