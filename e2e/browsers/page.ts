import { until } from '../../local-cluster/until.ts';
import type { SiteWindow } from '../support/site-server.ts';
import type { DrivenTab } from './browser.ts';

/** The state of the client of a page; null before it has one. */
export function stateOf(tab: DrivenTab): Promise<string | null> {
	return tab.evaluate(() => (window as unknown as SiteWindow).live?.state ?? null);
}

/** The hearts that a page shows. */
export function heartsOf(tab: DrivenTab): Promise<number> {
	return tab.evaluate(() => (window as unknown as SiteWindow).video.totals.heart ?? 0);
}

/** Waits until the client of a page is live. */
export async function becomesLive(tab: DrivenTab): Promise<void> {
	await until(async () => (await stateOf(tab)) === 'live', { what: 'the page to be live', intervalMs: 5 });
}

/** Opens a page, and waits until its client is live. */
export async function openLive(tab: DrivenTab, url: string): Promise<void> {
	await tab.goto(url);
	await becomesLive(tab);
}

/** Waits until a tab shows a page that it went to by itself. */
export async function arrives(tab: DrivenTab, url: string): Promise<void> {
	await until(async () => (await tab.url()) === url, { what: `the page ${url}` });
}

/** The tab of several that has the stream of all. */
export async function leaderOf(tabs: readonly DrivenTab[]): Promise<DrivenTab> {
	for (const tab of tabs) {
		const leads = await tab.evaluate(async () => {
			const { held = [] } = await navigator.locks.query();
			const leader = held.find(({ name }) => /^likewire \S+ \S+ \S+$/.test(name ?? ''));
			// A lock of its own shows the id that the browser gives to this page.
			return navigator.locks.request('mine', async () => {
				const { held: now = [] } = await navigator.locks.query();
				return now.find(({ name }) => name === 'mine')?.clientId === leader?.clientId;
			});
		});
		if (leads) return tab;
	}
	throw new Error('no tab has the stream');
}
