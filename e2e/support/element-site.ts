import type { Page } from '@playwright/test';
import { ElementSite } from './element-server.ts';
import { test as base } from './test.ts';

/** A test function with a website for each test. */
export const test = base.extend<{ site: ElementSite }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
	site: async ({}, use) => {
		const site = await ElementSite.start();
		await use(site);
		site.close();
	},
});

export { expect } from './test.ts';

/** Loads the elements into a page that has no script of its own. */
export function defineElements(page: Page, gateway: string): Promise<void> {
	return page.evaluate(async (url) => {
		await import(/* @vite-ignore */ url);
	}, `${gateway}/element.js`);
}

const EVENTS = ['like', 'totals', 'comment', 'state', 'ended', 'error'];

/** Collects the events of elements that reach the document, from now on. */
export async function collectEvents(page: Page): Promise<() => Promise<string[]>> {
	const seen = await page.evaluateHandle((names) => {
		const seen: string[] = [];
		for (const name of names) document.addEventListener(`likewire-${name}`, () => seen.push(name));
		return seen;
	}, EVENTS);
	return () => seen.jsonValue();
}

/** Collects the events of elements that reach the document that the page opens next, from its beginning. */
export async function collectEventsOfNext(page: Page): Promise<() => Promise<string[]>> {
	await page.addInitScript((names) => {
		const seen: string[] = [];
		for (const name of names) document.addEventListener(`likewire-${name}`, () => seen.push(name));
		Object.assign(window, { seen });
	}, EVENTS);
	return () => page.evaluate(() => (window as unknown as { seen: string[] }).seen);
}
