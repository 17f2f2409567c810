import { describe, expect, it } from 'vitest';
import { shareCluster } from '../../test/cluster.ts';
import { like, newVideo, readVideo } from '../../test/http-client.ts';
import { SocketViewer } from '../../test/socket-viewer.ts';
import { TcpGate } from '../../test/tcp-gate.ts';

const GONE_WITHIN_MS = 40_000;

describe('A socket whose client vanished without a close', () => {
	const cluster = shareCluster({ 'likes-1': 'likes', 'dispatcher-1': 'dispatcher', 'frontend-1': 'frontend' });

	it('counts as no viewer within 40 s, idle or not, at a frontend and at another node', async () => {
		const [busy, quiet] = [newVideo(), newVideo()];
		const gates = await Promise.all(['frontend-1', 'likes-1'].map((name) => TcpGate.before(cluster().node(name).url)));
		const vanishing = await Promise.all(
			gates.flatMap((gate) => [busy, quiet].map((video) => SocketViewer.open(gate, `video=${video}`))),
		);
		const staying = await SocketViewer.open(cluster().node('likes-1'), `video=${busy}&video=${quiet}`);
		const viewersOf = async (video: string) => (await readVideo(cluster().node('likes-1'), video)).viewers;
		const viewers = () => Promise.all([busy, quiet].map(viewersOf));
		await expect.poll(viewers).toEqual([3, 3]);
		await Promise.all(vanishing.map((socket) => socket.hello()));
		for (const gate of gates) gate.silence();
		const alone = expect.poll(viewers, { timeout: GONE_WITHIN_MS }).toEqual([1, 1]);
		let isOver = false;
		const likes = (async () => {
			for (let count = 1; !isOver; count++) {
				await like(cluster().node('likes-1'), busy);
				await staying.holds(busy, count);
			}
		})();
		await alone;
		isOver = true;
		await likes;
		// Viewers that answer pings stay.
		expect(staying.closed).toBe(false);
	});
});
