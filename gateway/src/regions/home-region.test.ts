import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { homeRegionOfUser } from './home-region.ts';

const region = fc.stringMatching(/^[a-z]{2}-[0-9]$/);
const regions = fc.uniqueArray(region, { minLength: 1, maxLength: 6 });
const user = fc.string({ minLength: 1, maxLength: 20 });

const USERS = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);

describe('homeRegionOfUser', () => {
	// Nodes of all versions have to agree on these: otherwise a reaction that a user gives once counts in two regions.
	it.each([
		[['eu', 'us'], 'ann', 'eu'],
		[['eu', 'us'], 'cem', 'us'],
		[['eu', 'us'], '0', 'eu'],
		[['eu', 'us'], '~', 'us'],
		[['ap', 'eu', 'us'], 'ann', 'eu'],
		[['ap', 'eu', 'us'], 'bob', 'ap'],
		[['ap', 'eu', 'us'], 'eva', 'us'],
	])('of %j returns for %s always %s', (names, name, home) => expect(homeRegionOfUser(names, name)).toBe(home));

	it('returns one of the regions, whatever their order', () => {
		fc.assert(
			fc.property(regions, user, (names, name) => {
				const home = homeRegionOfUser(names, name);
				expect(names).toContain(home);
				expect(homeRegionOfUser([...names].reverse(), name)).toBe(home);
			}),
		);
	});

	it('returns the same region after another is added, but for users that move to that one', () => {
		fc.assert(
			fc.property(regions, region, user, (names, more, name) => {
				fc.pre(!names.includes(more));
				const before = homeRegionOfUser(names, name);
				expect([before, more]).toContain(homeRegionOfUser([...names, more], name));
			}),
		);
	});

	it('returns each region for about the same number of users', () => {
		for (const names of [
			['eu', 'us'],
			['ap', 'eu', 'us'],
			['region-1', 'region-2', 'region-3', 'region-4', 'region-5'],
		]) {
			const counts = new Map(names.map((name) => [name, 0]));
			for (const name of USERS) {
				const home = homeRegionOfUser(names, name);
				counts.set(home, (counts.get(home) ?? 0) + 1);
			}
			const fair = USERS.length / names.length;
			for (const count of counts.values()) expect(Math.abs(count / fair - 1)).toBeLessThan(0.1);
		}
	});
});
