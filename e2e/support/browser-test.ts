import { test as base, expect } from '@playwright/test';
import { connectionsOf } from '../../local-cluster/nodes/cluster-report.ts';
import { TestGateway } from './gateway.ts';
import { newVideo } from './new-video.ts';

interface TestFixtures {
	readonly closesPages: undefined;
	/** A gateway of this worker, without streams. A test neither stops nor configures it, and uses videos of its own. */
	readonly sharedGateway: TestGateway;
	/** The id of a video that no other test uses. */
	readonly ownVideo: string;
}

interface WorkerFixtures {
	/** Use {@link TestFixtures.sharedGateway} instead. */
	readonly workerGateway: TestGateway;
}

/** A test function that closes all pages after each test: an open page would use CPU during the next test. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
	closesPages: [
		async ({ browser }, use) => {
			await use(undefined);
			await Promise.all(browser.contexts().map((context) => context.close()));
		},
		{ auto: true },
	],
	workerGateway: [
		// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
		async ({}, use) => {
			const gateway = await TestGateway.create();
			await gateway.start();
			await use(gateway);
			await gateway.dispose();
		},
		{ scope: 'worker', timeout: 60_000 },
	],
	sharedGateway: async ({ workerGateway }, use) => {
		// It may still read the end of a stream of the previous test.
		await expect.poll(() => connectionsOf(workerGateway)).toBe(0);
		await use(workerGateway);
	},
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
	ownVideo: async ({}, use) => use(newVideo()),
});
