import { until } from '../../../local-cluster/until.ts';
import type { TestGateway } from '../../support/gateway.ts';
import type { Site, SiteWindow } from '../../support/site-server.ts';
import { SlowLink } from '../../support/slow-link.ts';
import type { DrivenBrowser, DrivenTab } from '../browser.ts';
import { becomesLive, heartsOf, leaderOf, openLive, stateOf } from '../page.ts';
import { startCountingLink, type Traffic } from './counting-link.ts';

/** What a measurement works with. */
export interface MeasureContext {
	readonly browser: DrivenBrowser;
	readonly gateway: TestGateway;
	readonly site: Site;
}

/** A row of the report: the action, and its cost. */
export type Row = readonly [what: string, result: string];

const TABS = 10;

/** The time for tabs without locks, which compete for the six connections of a browser, in milliseconds. */
const ALONE_MS = 30_000;
const LIKES_MS = 10_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function show({ connections, requests, up, down }: Traffic): string {
	const count = [...requests.values()].reduce((sum, one) => sum + one, 0);
	const names = [...requests].map(([name, n]) => `${n} ${name}`).join(', ');
	return `${count} requests (${names}), ${connections} new connections, ${up} bytes up, ${down} bytes down`;
}

/** Measures what it costs to open ten tabs of ten videos, and to deliver a like to each. */
export async function measureTabs({ browser, gateway, site }: MeasureContext, isAlone: boolean): Promise<Row[]> {
	const link = await startCountingLink(gateway.url);
	const how = isAlone ? `${TABS} tabs, a stream each` : `${TABS} tabs, one stream`;
	const videos = Array.from({ length: TABS }, (_, n) => `tab-${isAlone ? 'alone' : 'shared'}-${n}`);
	const tabs: DrivenTab[] = [];
	for (const video of videos) {
		const tab = await browser.openTab();
		tabs.push(tab);
		await tab.goto(site.page(link.url, video, 'ann') + (isAlone ? '&alone' : ''));
	}
	const live = async () => (await Promise.all(tabs.map(stateOf))).filter((state) => state === 'live').length;
	const wait = async () => (await live()) === TABS;
	if (isAlone) await pause(ALONE_MS);
	else await until(wait, { what: 'all tabs to be live' });
	const opened = link.read();
	const rows: Row[] = [[`${how}: open`, `${await live()} live; ${show(opened)}`]];
	if (isAlone) {
		for (const tab of tabs) {
			await tab.evaluate(() => {
				(window as unknown as SiteWindow).video.like().catch(() => {});
			});
		}
		await pause(LIKES_MS);
		const counted = videos.filter((video) => gateway.storedLikes(video).length > 0).length;
		rows.push([`${how}: a like in each`, `${counted} of ${TABS} counted after ${LIKES_MS / 1000} s`]);
	} else {
		for (const video of videos) await gateway.like(video, 'heart', 'bob');
		for (const tab of tabs) await until(async () => (await heartsOf(tab)) === 1, { what: 'a like' });
		rows.push([`${how}: a like of another user to each`, show(link.read(opened))]);
	}
	for (const tab of tabs) await tab.close();
	link.close();
	return rows;
}

/** Measures thirty taps in one page: at once, over three seconds, and right before the user leaves the page. */
export async function measureTaps({ browser, gateway, site }: MeasureContext): Promise<Row[]> {
	const link = await startCountingLink(gateway.url);
	const rows: Row[] = [];
	const tab = await browser.openWindow();
	async function tap(everyMs: number): Promise<void> {
		await tab.evaluate(async (everyMs) => {
			const { video } = window as unknown as SiteWindow;
			const answers: Promise<unknown>[] = [];
			for (let n = 0; n < 30; n++) {
				answers.push(video.like());
				if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
			}
			await Promise.all(answers);
		}, everyMs);
	}
	for (const [what, everyMs] of [
		['at once', 0],
		['one each 100 ms', 100],
	] as const) {
		await openLive(tab, site.page(link.url, `taps-${everyMs}`, 'ann'));
		const before = link.read();
		await tap(everyMs);
		rows.push([`30 taps, ${what}`, show(link.read(before))]);
	}
	const before = link.read();
	await tab.evaluate((next) => {
		for (let n = 0; n < 30; n++) (window as unknown as SiteWindow).video.like();
		location.href = next;
	}, `${site.url}/sdk.js`);
	await until(() => gateway.storedLikes('taps-100').length === 60, { what: 'the taps of the left page' });
	await until(async () => (await gateway.viewers('taps-100')) === 0, { what: 'its viewer to leave' });
	rows.push(['30 taps right before the user leaves the page', show(link.read(before))]);
	await tab.close();
	link.close();
	return rows;
}

/** Measures what a page keeps in `localStorage` before and after the gateway answers. */
export async function measureStorage({ browser, gateway, site }: MeasureContext): Promise<Row[]> {
	const tab = await browser.openWindow();
	await openLive(tab, site.page(gateway.url, 'kept', 'ann'));
	const kept = async () => {
		const entries = await tab.evaluate(() => Object.entries(localStorage));
		const characters = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
		return { count: entries.length, text: `${entries.length} entries, ${characters} characters`, entries };
	};
	const rows: Row[] = [['localStorage of a page that is live', (await kept()).text]];
	await gateway.stop();
	await tab.evaluate(() => {
		for (let n = 0; n < 30; n++) (window as unknown as SiteWindow).video.like().catch(() => {});
	});
	await until(async () => (await kept()).count === 30, { what: '30 entries' });
	const away = await kept();
	rows.push(['after 30 taps without an answer', `${away.text}; one is ${JSON.stringify(away.entries[0])}`]);
	await gateway.start();
	await until(() => gateway.storedLikes('kept').length === 30, { what: 'the taps' });
	await until(async () => (await kept()).count === 0, { what: 'no entries' });
	rows.push(['once the gateway is back', (await kept()).text]);
	await tab.close();
	return rows;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const times = (values: readonly number[]) =>
	`${Math.round(median(values))} ms (${values.map(Math.round).join(', ')}), over 80 ms each way`;

async function timed(action: () => Promise<unknown>): Promise<number> {
	const start = performance.now();
	await action();
	return performance.now() - start;
}

/** Measures how soon a left page has no viewer, and how soon it is live again when the user goes back. */
export async function measureLeaving({ browser, gateway, site }: MeasureContext): Promise<Row[]> {
	const link = await SlowLink.before(gateway.url, 80);
	const left: number[] = [];
	const back: number[] = [];
	const restored: boolean[] = [];
	const tab = await browser.openWindow();
	const viewers = (video: string, count: number) =>
		until(async () => (await gateway.viewers(video)) === count, {
			what: `${count} viewers of ${video}`,
			intervalMs: 5,
		});
	for (let n = 0; n < 5; n++) {
		await openLive(tab, site.page(link.url, `left-${n}`, 'ann'));
		await viewers(`left-${n}`, 1);
		left.push(
			await timed(async () => {
				await tab.goto(`${site.url}/sdk.js`);
				await viewers(`left-${n}`, 0);
			}),
		);
		back.push(
			await timed(async () => {
				await tab.back();
				await becomesLive(tab);
			}),
		);
		restored.push(await tab.evaluate(() => (window as unknown as SiteWindow).restored));
	}
	await tab.close();
	link.close();
	return [
		['the user leaves a page: until it has no viewer', times(left)],
		['back: until the page is live', times(back)],
		['back: from the back/forward cache', restored.join(', ')],
	];
}

/** Measures how soon a like arrives in the other tab after the tab with the stream is closed. */
export async function measureHandover({ browser, gateway, site }: MeasureContext): Promise<Row[]> {
	const link = await SlowLink.before(gateway.url, 80);
	const handovers: number[] = [];
	const states: string[] = [];
	for (let n = 0; n < 5; n++) {
		const tabs: DrivenTab[] = [];
		for (let one = 0; one < 2; one++) {
			const tab = await browser.openTab();
			tabs.push(tab);
			await openLive(tab, site.page(link.url, `over-${n}`, 'ann'));
		}
		states.push((await Promise.all(tabs.map((tab) => tab.evaluate(() => document.visibilityState)))).join(' and '));
		const leader = await leaderOf(tabs);
		const other = tabs.find((tab) => tab !== leader) as DrivenTab;
		handovers.push(
			await timed(async () => {
				await leader.close();
				await gateway.like(`over-${n}`, 'heart', 'bob');
				await until(async () => (await heartsOf(other)) === 1, { what: 'the like', intervalMs: 5 });
			}),
		);
		await other.close();
	}
	link.close();
	return [
		['the tab with the stream is closed: until the other shows a like', times(handovers)],
		['two tabs are', [...new Set(states)].join('; ')],
	];
}
