import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEvent } from './events.ts';

describe('encodeEvent', () => {
	it('writes a name, one line of data and an empty line for any values', () => {
		const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\r\n', '\n\ndata: x', '\u2028', '\0'));
		fc.assert(
			fc.property(text, text, (user, video) => {
				const like = { id: 'i', user, type: 'heart', at: 1 };
				const data = { video, totals: {}, delta: {}, recent: [like], shown: 1, of: 1, revision: 1, at: 1 };
				const lines = encodeEvent('likes', data).split(/\r\n|\r|\n/);
				expect(lines).toEqual(['event: likes', expect.stringMatching(/^data: /), '', '']);
				expect(JSON.parse(lines[1]?.slice('data: '.length) ?? '')).toEqual(data);
			}),
		);
	});
});
