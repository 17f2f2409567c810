import { until } from '../../local-cluster/until.ts';
import type { SiteWindow } from '../support/site-server.ts';
import type { DrivenTab } from './browser.ts';

/** Resolves with the state of the client of a page; null before the page has a client. */
export function stateOf(tab: DrivenTab): Promise<string | null> {
	return tab.evaluate(() => (window as unknown as SiteWindow).live?.state ?? null);
}

/** Resolves with the number of hearts of a page. */
export function heartsOf(tab: DrivenTab): Promise<number> {
	return tab.evaluate(() => (window as unknown as SiteWindow).video.totals.heart ?? 0);
}

/** Resolves when the client of a page is live. */
export async function becomesLive(tab: DrivenTab): Promise<void> {
	await until(async () => (await stateOf(tab)) === 'live', { what: 'the page to be live', intervalMs: 5 });
}

/** Opens a page, and resolves when its client is live. */
export async function openLive(tab: DrivenTab, url: string): Promise<void> {
	await tab.goto(url);
	await becomesLive(tab);
}

/** Resolves when a tab shows a page that its script navigated to. */
export async function arrives(tab: DrivenTab, url: string): Promise<void> {
	await until(async () => (await tab.url()) === url, { what: `the page ${url}` });
}

/** Resolves with the tab that has the shared stream. */
export async function leaderOf(tabs: readonly DrivenTab[]): Promise<DrivenTab> {
	for (const tab of tabs) {
		const leads = await tab.evaluate(async () => {
			const { held = [] } = await navigator.locks.query();
			const leader = held.find(({ name }) => /^likewire \S+ \S+ \S+$/.test(name ?? ''));
			// Only a lock of this page shows the id that the browser gave to the page.
			return navigator.locks.request('mine', async () => {
				const { held: now = [] } = await navigator.locks.query();
				return now.find(({ name }) => name === 'mine')?.clientId === leader?.clientId;
			});
		});
		if (leads) return tab;
	}
	throw new Error('no tab has the stream');
}
