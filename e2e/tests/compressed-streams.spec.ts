import { paths } from '@likewire/protocol';
import type { Page } from '@playwright/test';
import { COMPRESS_FROM } from '../../gateway/src/http/stream/shared-frames.ts';
import type { LocalCluster } from '../../local-cluster/nodes/local-cluster.ts';
import { BALANCERS, type BalancerName, QUICK, type Starter, test } from '../support/cluster-test.ts';
import { EventSourceViewer } from '../support/event-source.ts';
import { newVideo } from '../support/new-video.ts';
import { postLike } from '../support/post-like.ts';
import { expect } from '../support/test.ts';

/** The heartbeat is ten minutes away: nothing pushes out an event that is held back. */
const FLAGS = [...QUICK, '--heartbeat-ms', '600000'];

/** The ways of a stream from a frontend to a browser. */
const WAYS: Readonly<Record<string, (start: Starter, cluster: LocalCluster) => Promise<string>>> = {
	'of a frontend': async (_, { frontends }) => frontends[0]?.url ?? '',
	'that a node without viewers relays': async (_, cluster) => cluster.node('likes-1').url,
	...Object.fromEntries(
		(Object.keys(BALANCERS) as BalancerName[]).map((name) => [
			`through ${name}`,
			async (start: Starter, cluster: LocalCluster) => (await start.balancer(name, cluster)).url,
		]),
	),
};

/** What a page notes of its stream. */
interface Noted {
	hearts: number;
	connection: string;
	byes: string[];
}

/** Opens an EventSource in a page; resolves with the content coding of its answer. */
async function watch(page: Page, url: string, video: string): Promise<string | undefined> {
	await page.goto(`${url}${paths.video(video)}`);
	const answered = page.waitForResponse((response) => response.url().includes(paths.stream));
	await page.evaluate((path) => {
		const noted: Noted = { hearts: -1, connection: '', byes: [] };
		Object.assign(window, { noted });
		const source = new EventSource(path);
		const on = (name: string, take: (data: never) => void) =>
			source.addEventListener(name, (event) => take(JSON.parse(event.data) as never));
		on('hello', ({ connection }: { connection: string }) => {
			noted.connection = connection;
		});
		on('likes', ({ totals }: { totals: { heart?: number } }) => {
			noted.hearts = totals.heart ?? 0;
		});
		on('bye', ({ reason }: { reason: string }) => {
			noted.byes.push(reason);
		});
	}, `${paths.stream}?video=${video}`);
	return (await answered).headers()['content-encoding'];
}

const notedBy = (page: Page) => page.evaluate(() => (window as unknown as { noted: Noted }).noted);

for (const [way, addressOf] of Object.entries(WAYS)) {
	test(`a compressed stream ${way} has each like before the next is sent, and a bye`, async ({ page, start }) => {
		const cluster = await start.cluster({ flags: FLAGS });
		const url = await addressOf(start, cluster);
		const video = newVideo();
		// Enough viewers of each frontend that it compresses the frames of the page, too: `fetch` accepts gzip.
		const crowd = cluster.frontends.flatMap(({ url: home }) =>
			Array.from({ length: COMPRESS_FROM }, () => new EventSourceViewer(home, video)),
		);
		const hearts = () => crowd.map(({ totals }) => totals && (totals.heart ?? 0));
		await expect.poll(() => new Set(hearts())).toEqual(new Set([0]));
		// The page comes last: the first viewers of a frame get it as it is.
		expect(await watch(page, url, video)).toBe('gzip');
		await expect.poll(async () => (await notedBy(page)).hearts).toBe(0);
		for (let likes = 1; likes <= 20; likes++) {
			await postLike(url, { video, type: 'heart', user: 'ann' });
			await expect.poll(async () => (await notedBy(page)).hearts, { intervals: [10] }).toBe(likes);
			await expect.poll(() => new Set(hearts()), { intervals: [10] }).toEqual(new Set([likes]));
		}
		const { connection } = await notedBy(page);
		expect((await fetch(url + paths.connection(connection), { method: 'DELETE' })).status).toBe(204);
		await expect.poll(async () => (await notedBy(page)).byes).toEqual(['closed']);
		// The browser takes the end as one, and comes back.
		await expect.poll(async () => (await notedBy(page)).connection).not.toBe(connection);
		await Promise.all(crowd.map((viewer) => viewer.close()));
		expect(crowd.flatMap(({ faults }) => faults)).toEqual([]);
	});
}
