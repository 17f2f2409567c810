import { paths } from '@likewire/protocol';
import type { Client, Video } from '@likewire/sdk';
import { connectionsOf } from '../../local-cluster/nodes/cluster-report.ts';
import { BALANCERS, type BalancerName, bringBack, test } from '../support/cluster-test.ts';
import { newVideo } from '../support/new-video.ts';
import { postLike } from '../support/post-like.ts';
import { storedLikes } from '../support/stored-likes.ts';
import { expect } from '../support/test.ts';

interface SocketWindow {
	live: Client;
	video: Video;
}

for (const name of Object.keys(BALANCERS) as BalancerName[]) {
	test(`delivers each like over a WebSocket through ${name}, also when the frontend is stopped`, async ({
		browser,
		cluster,
		start,
	}) => {
		const { url } = await start.balancer(name, cluster);
		const video = newVideo();
		const page = await (await browser.newContext()).newPage();
		const sockets: string[] = [];
		const streams: string[] = [];
		page.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname));
		page.on('request', (request) => request.url().includes(paths.stream) && streams.push(request.url()));
		await page.goto(`${url}/sdk.js`);
		await page.evaluate(async (video) => {
			const { createClient } = await import(/* @vite-ignore */ `${location.origin}/sdk.js`);
			const live: Client = createClient({ url: location.origin, transport: 'websocket' });
			Object.assign(window, { live, video: live.video(video) });
		}, video);
		const state = () => page.evaluate(() => (window as unknown as SocketWindow).live.state);
		const hearts = () => page.evaluate(() => (window as unknown as SocketWindow).video.totals.heart ?? 0);
		await expect.poll(state).toBe('live');
		for (let likes = 1; likes <= 10; likes++) {
			await postLike(url, { video, type: 'heart', user: 'ann' });
			await expect.poll(hearts).toBe(likes);
		}

		const counts = await Promise.all(cluster.frontends.map(connectionsOf));
		const going = cluster.frontends[counts.findIndex((count) => count > 0)];
		await going?.stop();
		await page.evaluate(() => (window as unknown as SocketWindow).video.like());
		await postLike(url, { video, type: 'heart', user: 'ann' });
		await expect.poll(hearts).toBe(12);
		expect(storedLikes(cluster.node('likes-1').dataDir, video)).toHaveLength(12);
		await expect.poll(state).toBe('live');
		expect(sockets.length).toBeGreaterThan(1);
		expect(new Set(sockets)).toEqual(new Set([paths.socket]));
		expect(streams).toEqual([]);
		await bringBack(cluster);
	});
}
