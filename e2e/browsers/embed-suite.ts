import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { embedExample } from '../support/embed-example.ts';
import { TestGateway } from '../support/gateway.ts';
import type { DrivenTab } from './browser.ts';
import type { DrivenTest } from './driven-test.ts';

interface Message {
	readonly event: string;
	readonly detail: Readonly<Record<string, unknown>>;
}

interface ExampleWindow {
	messages: Message[];
}

/** Collects what the embed sends to the example. */
const COLLECT = `<script>
	window.messages = [];
	addEventListener('message', ({ data }) => data.likewire === 1 && messages.push(data));
</script>`;

/** Starts a website with one page, which may be set later. */
async function startSite() {
	const site = { page: '', url: '', close: () => {} };
	const server = createServer((_, response) => {
		response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(site.page);
	});
	await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
	site.url = `http://localhost:${(server.address() as AddressInfo).port}`;
	site.close = () => {
		server.closeAllConnections();
		server.close();
	};
	return site;
}

/** Resolves with the names of the messages so far. */
const namesOf = (tab: DrivenTab) =>
	tab.evaluate(() => (window as unknown as ExampleWindow).messages.map(({ event }) => event));

/** Resolves with what the page shows as the number of claps. */
const clapsOf = (tab: DrivenTab) => tab.evaluate(() => document.querySelector<HTMLOutputElement>('#claps')?.value);

/** Sends a command to the embed. */
const command = (tab: DrivenTab, what: object) =>
	tab.evaluate((what) => {
		const frame = document.querySelector('iframe') as HTMLIFrameElement;
		frame.contentWindow?.postMessage({ likewire: 1, ...what }, new URL(frame.src).origin);
	}, what);

/** Declares the tests of an embed in a page of another origin. */
export function describeEmbed(test: DrivenTest): void {
	test('exchanges messages with the page of the docs that frames it', async ({ driven }) => {
		const site = await startSite();
		const gateway = await TestGateway.create({ LIKEWIRE_FRAME_ANCESTORS: site.url });
		try {
			await gateway.start();
			const demo = await (await fetch(gateway.url)).text();
			const [clip = ''] = /\/assets\/stage-[\w-]+\.webm/.exec(demo) ?? [];
			site.page = `<!doctype html><title>a site</title>${COLLECT}${embedExample(gateway.url, clip)}`;
			const tab = await driven.openWindow();
			await tab.goto(site.url);
			await expect.poll(() => gateway.viewers('my-video')).toBe(1);
			await gateway.like('my-video', 'clap', 'bob');
			await expect.poll(() => clapsOf(tab)).toBe('1');
			await tab.click('#clap');
			await expect.poll(() => clapsOf(tab)).toBe('2');
			await expect.poll(() => gateway.storedLikes('my-video').length).toBe(2);

			const greetings = async () => (await namesOf(tab)).filter((name) => name === 'ready').length;
			const before = await greetings();
			await command(tab, { do: 'hello' });
			await expect.poll(greetings).toBeGreaterThan(before);
			await command(tab, { do: 'mute' });
			await command(tab, { do: 'play' });
			await expect.poll(() => namesOf(tab)).toContain('time');
			expect(await namesOf(tab)).not.toContain('error');
		} finally {
			site.close();
			await gateway.dispose();
		}
	});
}
