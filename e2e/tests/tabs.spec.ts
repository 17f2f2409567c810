import { paths, type VideoAnswer } from '@likewire/protocol';
import { test } from '../support/cluster-test.ts';
import { newVideo } from '../support/new-video.ts';
import { crash, openTab, type Tab } from '../support/tab.ts';
import { expect } from '../support/test.ts';

/** Follows a video, and resolves with a function that reads its number of viewers. */
async function watch({ live }: Tab, video: string): Promise<() => Promise<number | undefined>> {
	const followed = await live.evaluateHandle((live, video) => live.video(video), video);
	return () => followed.evaluate(({ viewers }) => viewers);
}

test('counts viewers exactly at every frontend after tabs open, close, reload and crash', async ({
	browser,
	cluster,
}) => {
	const video = newVideo();
	const urls = cluster.frontendUrls;
	const countAt = async (url: string) =>
		((await (await fetch(url + paths.video(video))).json()) as VideoAnswer).viewers;
	const tabs = await Promise.all(urls.concat(urls).map((url) => openTab(browser, url)));
	const counts = await Promise.all(tabs.map((tab) => watch(tab, video)));

	/** Waits until the remaining tabs and every frontend show this number. */
	async function shows(count: number, remaining: readonly (() => Promise<number | undefined>)[]): Promise<void> {
		for (const look of remaining) await expect.poll(look).toBe(count);
		for (const url of urls) await expect.poll(() => countAt(url)).toBe(count);
	}

	await shows(6, counts);
	await tabs[0]?.close();
	await shows(5, counts.slice(1));
	await crash((tabs[1] as Tab).page);
	await shows(4, counts.slice(2));
	await tabs[2]?.page.reload();
	await shows(3, counts.slice(3));
	const another = await openTab(browser, urls[0] as string);
	await shows(4, [...counts.slice(3), await watch(another, video)]);
	for (const tab of [...tabs, another]) await tab.close();
	await expect.poll(() => countAt(urls[0] as string)).toBe(0);
});

test('shows a typing user until the user stops, or the tab crashes', async ({ browser, cluster }) => {
	const [one, other] = cluster.frontendUrls as [string, string];
	const conversation = `conversation-${crypto.randomUUID()}`;
	const [typing, reading] = await Promise.all([openTab(browser, one), openTab(browser, other)]);
	const [keyboard, screen] = await Promise.all(
		[typing, reading].map(({ live }) => live.evaluateHandle((live, id) => live.conversation(id), conversation)),
	);
	const shown = async () => (await screen?.evaluate(({ typingUsers }) => typingUsers))?.length;
	const type = () => keyboard?.evaluate((conversation) => void setInterval(() => conversation.typing(), 100));

	await expect.poll(shown).toBe(0);
	await keyboard?.evaluate((conversation) => conversation.typing());
	await expect.poll(shown).toBe(1);
	await keyboard?.evaluate((conversation) => conversation.typing(false));
	await expect.poll(shown).toBe(0);

	await type();
	await expect.poll(shown).toBe(1);
	await crash(typing.page);
	await expect.poll(shown).toBe(0);
	for (const tab of [typing, reading]) await tab.close();
});
