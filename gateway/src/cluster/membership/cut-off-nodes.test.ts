import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settled } from '../../../test/members.ts';

describe('Membership of a node that is cut off', () => {
	it.each([1, 2, 6, 9])('drops at most a third of %i dispatchers at once', (others) => {
		const names = Array.from({ length: others }, (_, index) => `dispatcher-${index + 1}`);
		const members = settled('frontend-1', ...names);
		for (const name of names) members.cut.add(`frontend-1>${name}`);
		const sizes = [members.ring('frontend-1').length];
		for (let second = 0; second < 40; second++) {
			members.now += 1_000;
			members.settle();
			sizes.push(members.ring('frontend-1').length);
		}
		for (const [index, size] of sizes.entries()) {
			const before = sizes[index - 1] ?? size;
			expect(before - size).toBeLessThanOrEqual(Math.max(1, Math.floor(before / 3)));
			// It drops no further one in the next two seconds.
			if (size < before) expect(new Set(sizes.slice(index, index + 3)).size).toBe(1);
		}
		expect(sizes.slice(0, 3)).toEqual([others, others, others]);
		expect(sizes.at(-1)).toBe(0);
	});

	it('never drops more at once while random links fail, and has all dispatchers after they work again', () => {
		const names = ['dispatcher-1', 'dispatcher-2', 'dispatcher-3', 'dispatcher-4', 'frontend-1'];
		const link = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names));
		fc.assert(
			fc.property(fc.array(fc.array(link, { maxLength: 12 }), { maxLength: 20 }), (seconds) => {
				const members = settled(...names);
				for (const cut of seconds) {
					members.cut.clear();
					for (const [from, to] of cut) members.cut.add(`${from}>${to}`);
					const before = names.map((name) => members.ring(name));
					members.now += 1_000;
					members.settle();
					for (const [index, name] of names.entries()) {
						const left = members.ring(name);
						const lost = before[index]?.filter((node) => !left.includes(node)) ?? [];
						expect(lost.length).toBeLessThanOrEqual(1);
					}
				}
				members.cut.clear();
				members.pass(3_000);
				const views = new Set(names.map((name) => members.of(name).view.ring.view));
				expect([views.size, members.ring('frontend-1').length]).toEqual([1, 4]);
			}),
			{ numRuns: 50 },
		);
	});
});
