import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isId, isReactionType, isTopicName, parseUuid } from './ids.ts';

const ALLOWED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~:';

describe('isId', () => {
	it('accepts 1 to 128 of the allowed characters', () => {
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom(...ALLOWED), minLength: 1, maxLength: 128 }), (text) => {
				fc.pre(text !== '.' && text !== '..');
				expect(isId(text)).toBe(true);
			}),
		);
		expect(isId('')).toBe(false);
		expect(isId('a'.repeat(129))).toBe(false);
	});

	it('rejects other characters at any position', () => {
		const other = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((char) => !ALLOWED.includes(char));
		fc.assert(
			fc.property(other, fc.constantFrom('', 'a'), fc.constantFrom('', 'z'), (char, before, after) => {
				expect(isId(before + char + after)).toBe(false);
			}),
		);
	});

	it.each(['.', '..', 'a\n', '\na', 'a\r\nb', 'a\0', 'a/b', 'a b', 'é', '%41'])('rejects %j', (text) => {
		expect(isId(text)).toBe(false);
	});
});

describe('isTopicName', () => {
	const longest = 'a'.repeat(128);

	it.each(['scores', longest, 'a:b', 'video', 'videos:', 'video:v1', 'conversation:c:1', `video:${longest}`])(
		'accepts %j',
		(text) => {
			expect(isTopicName(text)).toBe(true);
		},
	);

	it.each([
		'',
		'.',
		`${longest}a`,
		'video:',
		'conversation:',
		'video:..',
		'video:a b',
		'video:a\n',
		`video:${longest}a`,
	])('rejects %j', (text) => {
		expect(isTopicName(text)).toBe(false);
	});
});

describe('parseUuid', () => {
	it('returns lower case for any case', () => {
		fc.assert(
			fc.property(fc.uuid(), (uuid) => {
				expect(parseUuid(uuid.toUpperCase())).toBe(uuid);
				expect(parseUuid(uuid)).toBe(uuid);
			}),
		);
	});

	it.each([
		'',
		'00000000-0000-4000-8000-00000000000',
		'00000000-0000-4000-8000-0000000000000',
		'00000000-0000-4000-8000-00000000000g',
		'00000000000040008000000000000000',
		'{00000000-0000-4000-8000-000000000000}',
		'00000000-0000-4000-8000-000000000000\n',
		'urn:uuid:00000000-0000-4000-8000-000000000000',
	])('rejects %j', (text) => {
		expect(parseUuid(text)).toBeUndefined();
	});
});

describe('isReactionType', () => {
	it.each(['heart', 'a', 'thumbs-up', 'x_2', 'a'.repeat(32)])('accepts %j', (text) => {
		expect(isReactionType(text)).toBe(true);
	});

	it.each(['', 'Heart', '2x', '-a', 'a b', 'a\n', 'a'.repeat(33), '__proto__'])('rejects %j', (text) => {
		expect(isReactionType(text)).toBe(false);
	});
});
