import { expect } from 'vitest';
import { COMPRESS_FROM } from '../../gateway/src/http/stream/shared-frames.ts';
import { EventSourceViewer } from '../support/event-source.ts';
import { TestGateway } from '../support/gateway.ts';
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

	test('shows each like of a compressed stream before the next is sent', async ({ driven, site }) => {
		// The heartbeat is ten minutes away: nothing pushes out an event that is held back.
		const gateway = await TestGateway.create({ LIKEWIRE_HEARTBEAT_MS: '600000' });
		await gateway.start();
		// Enough viewers that the frames of the page, which comes last, are compressed: `fetch` accepts gzip.
		const crowd = Array.from({ length: COMPRESS_FROM }, () => new EventSourceViewer(gateway.url, 'crowd'));
		try {
			await expect.poll(() => crowd.every(({ totals }) => totals !== undefined)).toBe(true);
			const page = await driven.openWindow();
			await openLive(page, site.page(gateway.url, 'crowd', 'ann'));
			for (let likes = 1; likes <= 10; likes++) {
				await gateway.like('crowd', 'heart', 'bob');
				await expect.poll(() => heartsOf(page)).toBe(likes);
			}
		} finally {
			await Promise.all(crowd.map((viewer) => viewer.close()));
			await gateway.dispose();
		}
	});
}
