import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseUuid } from './ids.ts';
import { uuid } from './uuid.ts';

/** The last millisecond of 48 bits. */
const LAST = 2 ** 48 - 1;

describe('uuid', () => {
	afterEach(() => vi.unstubAllGlobals());

	it('makes ids of version 7 and the RFC 9562 variant that carry the time', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: LAST }), (now) => {
				const id = uuid(now);
				expect(parseUuid(id)).toBe(id);
				expect(id).toMatch(/^.{14}7.{4}[89ab]/);
				expect(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toBe(now);
			}),
		);
	});

	it('makes ids that sort by time', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: LAST - 1 }), (now) => {
				expect(uuid(now) < uuid(now + 1)).toBe(true);
			}),
		);
	});

	it('makes a new id each time, also without crypto', () => {
		const makeMany = () => new Set(Array.from({ length: 10_000 }, () => uuid(1))).size;
		expect(makeMany()).toBe(10_000);
		vi.stubGlobal('crypto', undefined);
		expect(makeMany()).toBe(10_000);
	});
});
