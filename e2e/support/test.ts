import type { Locator, Page } from '@playwright/test';
import { test as base } from './browser-test.ts';
import { TestGateway } from './gateway.ts';

export { expect } from '@playwright/test';

/** A test function with a gateway for each test. */
export const test = base.extend<{ gateway: TestGateway }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
	gateway: async ({}, use) => {
		const gateway = await TestGateway.create();
		await gateway.start();
		await use(gateway);
		await gateway.dispose();
	},
});

/** The elements of a player, on the page or in a frame. */
export class Player {
	/** The total of all reactions, in its `data-value`. */
	readonly total: Locator;
	readonly state: Locator;
	readonly #root: Pick<Page, 'locator'>;

	constructor(root: Pick<Page, 'locator'>) {
		this.#root = root;
		this.total = root.locator('[data-total] [data-value]');
		this.state = root.locator('p[data-state]');
	}

	button(type: string): Locator {
		return this.#root.locator(`button[data-type="${type}"]`);
	}

	count(type: string): Locator {
		return this.button(type).locator('[data-value]');
	}
}
