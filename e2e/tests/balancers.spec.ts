import { paths } from '@likewire/protocol';
import { connectionsOf } from '../../local-cluster/nodes/cluster-report.ts';
import { BALANCERS, type BalancerName, bringBack, openDemo, QUICK, test } from '../support/cluster-test.ts';
import { EventSourceViewer } from '../support/event-source.ts';
import { newVideo } from '../support/new-video.ts';
import { PlainStream } from '../support/plain-stream.ts';
import { postLike } from '../support/post-like.ts';
import { storedLikes } from '../support/stored-likes.ts';
import { expect } from '../support/test.ts';

const heart = (url: string, video: string) => postLike(url, { video, type: 'heart', user: 'ann' });

/** Changes what a stream follows, and resolves with all its videos. */
async function subscribe(url: string, connection: string, change: { add?: string[]; remove?: string[] }) {
	const response = await fetch(url + paths.subscriptions(connection), {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ add: { videos: change.add ?? [] }, remove: { videos: change.remove ?? [] } }),
	});
	expect(response.status).toBe(200);
	return ((await response.json()) as { videos: string[] }).videos;
}

for (const name of Object.keys(BALANCERS) as BalancerName[]) {
	test.describe(`through ${name}`, () => {
		test('delivers a tap in one browser to browsers of all frontends, and all show the totals of the database', async ({
			browser,
			cluster,
			start,
		}) => {
			const { url } = await start.balancer(name, cluster);
			const video = newVideo();
			const demos = [];
			const held = () => Promise.all(cluster.frontends.map(connectionsOf));
			while ((await held()).includes(0)) {
				expect(demos.length, `${name} uses all frontends: ${await held()}`).toBeLessThan(12);
				demos.push(await openDemo(browser, url, video));
			}
			for (const { player } of demos) await player.button('heart').click();
			await demos[0]?.player.button('wow').click();
			for (const { player } of demos) {
				await expect(player.total).toHaveAttribute('data-value', String(demos.length + 1));
				await expect(player.count('heart')).toHaveAttribute('data-value', String(demos.length));
				await expect(player.count('wow')).toHaveAttribute('data-value', '1');
			}
			expect(storedLikes(cluster.node('likes-1').dataDir, video)).toHaveLength(demos.length + 1);
			for (const { page } of demos) await page.context().close();
		});

		test('delivers each like before the next is sent, without buffering', async ({ cluster, start }) => {
			const { url } = await start.balancer(name, cluster);
			const video = newVideo();
			const streams = await Promise.all(cluster.frontends.map(() => PlainStream.open(url, video)));
			expect(new Set(streams.map(({ hello }) => hello?.node)).size, 'one at each frontend').toBe(3);
			for (let likes = 1; likes <= 20; likes++) {
				await heart(url, video);
				await Promise.all(streams.map((stream) => stream.holds(video, likes)));
			}
			for (const stream of streams) stream.close();
		});

		test('adds videos to a stream through any node', async ({ cluster, start }) => {
			const { url } = await start.balancer(name, cluster);
			for (const { node, url: home } of cluster.frontends) {
				const stream = await PlainStream.open(home);
				expect(stream.hello?.node).toBe(node);
				const connection = stream.hello?.connection ?? '';
				const videos: string[] = [];
				// Most requests go through the balancer, and one to each frontend, so each frontend certainly gets one.
				for (const address of [...Array(9).fill(url), ...cluster.frontendUrls]) {
					videos.push(newVideo());
					expect(await subscribe(address, connection, { add: videos.slice(-1) })).toHaveLength(videos.length);
				}
				await Promise.all(videos.map((video) => heart(url, video)));
				for (const video of videos) await stream.holds(video, 1);
				expect(await subscribe(url, connection, { remove: videos.slice(1) })).toEqual(videos.slice(0, 1));
				stream.close();
			}
		});

		test('notices that a viewer left before the next heartbeat', async ({ start }) => {
			// The heartbeat is ten minutes away and the proxies cut a quiet stream after one minute, so only the closed connection
			// of the viewer can end the stream earlier.
			const cluster = await start.cluster({ flags: [...QUICK, '--heartbeat-ms', '600000'] });
			const { url } = await start.balancer(name, cluster);
			const total = async () => (await Promise.all(cluster.frontends.map(connectionsOf))).reduce((a, b) => a + b);
			await expect.poll(total).toBe(0);
			const streams = await Promise.all(Array.from({ length: 6 }, () => PlainStream.open(url, newVideo())));
			expect(await total()).toBe(6);
			for (const stream of streams) stream.close();
			await expect.poll(total, { timeout: 50_000 }).toBe(0);
		});

		test('keeps frontends in service that all pause for 4 s, and every request is answered', async ({
			cluster,
			start,
		}) => {
			const { url } = await start.balancer(name, cluster);
			const video = newVideo();
			const statuses: Promise<number>[] = [];
			const read = async () => (await fetch(url + paths.video(video))).status;
			for (const node of cluster.frontends) node.pause();
			try {
				// The test is about the length of this pause, in which four health checks of one second fail.
				const end = performance.now() + 4_000;
				while (performance.now() < end) {
					statuses.push(read());
					await new Promise((resolve) => setTimeout(resolve, 200));
				}
			} finally {
				for (const node of cluster.frontends) node.continue();
			}
			for (let asked = 0; asked < 20; asked++) statuses.push(read());
			expect(new Set(await Promise.all(statuses))).toEqual(new Set([200]));
			await cluster.converged();
		});

		test('moves the viewers of a stopped frontend to the others with a bye', async ({ cluster, start }) => {
			const { url } = await start.balancer(name, cluster);
			const video = newVideo();
			const viewers = Array.from({ length: 150 }, () => new EventSourceViewer(url, video));
			const faults = () => [...new Set(viewers.flatMap((viewer) => viewer.faults))];
			const all = async (holds: (viewer: EventSourceViewer) => boolean) => {
				const left = () => [...faults(), viewers.filter((viewer) => !holds(viewer)).length];
				await expect.poll(left).toEqual([0]);
			};
			await all(({ totals }) => totals !== undefined);
			const [going] = cluster.frontends;
			const moved = viewers.filter(({ node }) => node === going?.node);
			expect(moved.length).toBeGreaterThan(25);

			let stopped = false;
			const stop = going?.stop().then(() => {
				stopped = true;
			});
			let likes = 0;
			for (; !stopped || likes < 20; likes++) await heart(url, video);
			await stop;
			await all(({ node }) => node !== undefined && node !== going?.node);
			await all(({ totals }) => totals?.heart === likes);
			expect(storedLikes(cluster.node('likes-1').dataDir, video)).toHaveLength(likes);
			expect(moved.filter(({ byes }) => byes === 0)).toEqual([]);
			await Promise.all(viewers.map((viewer) => viewer.close()));
			await bringBack(cluster);
		});
	});
}
