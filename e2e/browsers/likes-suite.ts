import { expect } from 'vitest';
import type { DrivenTest } from './driven-test.ts';
import { heartsOf, openLive } from './page.ts';

/** Declares the tests of likes between two pages. */
export function describeLikes(test: DrivenTest): void {
	test('delivers a tap in one page to the other, and both show the total of the database', async ({
		driven,
		gateway,
		gatewayUrl,
		site,
	}) => {
		const ann = await driven.openWindow();
		const bob = await driven.openWindow();
		await openLive(ann, site.page(gatewayUrl, 'both', 'ann'));
		await openLive(bob, site.page(gatewayUrl, 'both', 'bob'));
		await ann.click('button');
		await expect.poll(() => heartsOf(bob)).toBe(1);
		await bob.click('button');
		await bob.click('button');
		await Promise.all(Array.from({ length: 20 }, (_, n) => gateway.like('both', 'heart', `user-${n}`)));
		for (const page of [ann, bob]) await expect.poll(() => heartsOf(page)).toBe(23);
		await expect.poll(() => gateway.storedLikes('both').length).toBe(23);
		const users = gateway.storedLikes('both').map(({ user }) => user);
		expect(users.filter((user) => user === 'ann')).toHaveLength(1);
		expect(users.filter((user) => user === 'bob')).toHaveLength(2);
	});
}
