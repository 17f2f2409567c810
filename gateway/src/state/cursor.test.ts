import { isId } from '@likewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCursor, MAX_CURSOR_LENGTH, parseCursor } from './cursor.ts';

const id = fc.stringMatching(/^[A-Za-z0-9_\-.~:]{1,128}$/).filter(isId);
const position = fc.record({ epoch: fc.maxSafeNat(), offset: fc.maxSafeNat() });
const positions = fc.array(fc.tuple(id, position), { maxLength: 8 }).map((entries) => new Map(entries));
const topic = fc.tuple(fc.constantFrom('video', 'conversation', 'topic'), id).map((parts) => parts.join(':'));
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('parseCursor', () => {
	it('returns the encoded positions; the text needs no encoding in a URL', () => {
		fc.assert(
			fc.property(topic, positions, (name, map) => {
				const text = encodeCursor(name, map);
				expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
				expect(parseCursor(text)).toEqual({ topic: name, positions: map });
				expect(encodeCursor(name, new Map([...map].reverse()))).toBe(text);
			}),
		);
	});

	it('reads cursors of one region, which are short', () => {
		expect(encodeCursor('video:v1', new Map([['eu', { epoch: 1_700_000_000_000, offset: 12 }]])).length).toBeLessThan(
			50,
		);
	});

	it('returns a cursor or undefined for any text', () => {
		fc.assert(fc.property(fc.oneof(fc.string(), fc.jsonValue().map(encode)), (text) => void parseCursor(text)));
	});

	it.each([
		'',
		'x',
		'null',
		'a b',
		'%00',
		encode(null),
		encode([]),
		encode(['video:v1', 'eu']),
		encode(['video:v1', 'eu', 1]),
		encode(['video:', 'eu', 1, 1]),
		encode(['user:ann', 'eu', 1, 1]),
		encode(['comment:c.v', 'eu', 1, 1]),
		encode(['v1', 'eu', 1, 1]),
		encode([1, 'eu', 1, 1]),
		encode(['video:v1', 'e u', 1, 1]),
		encode(['video:v1', 'eu', -1, 1]),
		encode(['video:v1', 'eu', 1, 1.5]),
		encode(['video:v1', 'eu', 1, 2 ** 53]),
		encode(['video:v1', 'eu', '1', 1]),
		encode(['video:v1', 'eu', 1, 1, 'eu', 1, 1]),
		`${encode(['video:v1', 'eu', 1, 1])}=`,
		'A'.repeat(MAX_CURSOR_LENGTH + 1),
	])('returns undefined for %.40j', (text) => {
		expect(parseCursor(text)).toBeUndefined();
	});
});
