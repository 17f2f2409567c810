import { expect, it } from 'vitest';
import { OnceAMinute } from './once-a-minute.ts';

it('admits a line of each key once a minute, and at once after `forget`', () => {
	const lines = new OnceAMinute<string>();
	expect(lines.admits('a', 5)).toBe(true);
	expect(lines.admits('b', 5)).toBe(true);
	expect(lines.admits('a', 60_004)).toBe(false);
	expect(lines.admits('a', 60_005)).toBe(true);
	expect(lines.admits('a', 60_006)).toBe(false);
	expect([lines.forget('a'), lines.forget('a')]).toEqual([true, false]);
	expect(lines.admits('a', 60_007)).toBe(true);
});
