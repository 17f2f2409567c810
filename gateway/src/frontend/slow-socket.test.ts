import { randomUUID } from 'node:crypto';
import { MAX_LIKES_PER_BATCH, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { startCluster } from '../../test/cluster.ts';
import { like, newVideo, postJson, readVideo, totalsOf } from '../../test/http-client.ts';
import { SocketViewer } from '../../test/socket-viewer.ts';

/** As in `slow-viewer.test.ts`: frames are large, so that the kernel hides few of them. */
const REACTIONS = Array.from({ length: 4_000 }, (_, index) => `r${index}-`.padEnd(32, 'x'));
const FIRST = REACTIONS[0] ?? '';

/** More frames than two connections can hide, the one to the viewer and the one between two nodes: 13 MB. */
const MORE_THAN_HIDDEN = 90;

describe('a socket whose client stops reading', () => {
	it.each(['frontend-1', 'writer-1'])(
		'at %s gets the newest state and no backlog once it reads again',
		async (name) => {
			const video = newVideo();
			const roles = { 'writer-1': 'likes,dispatcher', 'frontend-1': 'frontend' };
			const flags = { reactions: REACTIONS.join(','), windowMs: '1', commitWindowMs: '0', blockedTimeoutMs: '600000' };
			const cluster = await startCluster(roles, flags);
			const [node, writer] = [cluster.node(name), cluster.node('writer-1')];
			for (let index = 0; index < REACTIONS.length; index += MAX_LIKES_PER_BATCH) {
				const likes = REACTIONS.slice(index, index + MAX_LIKES_PER_BATCH).map((type) => ({ id: randomUUID(), type }));
				expect((await postJson(writer.url + paths.likes(video), { likes })).status).toBe(200);
			}
			const [fast, slow] = (await Promise.all([1, 2].map(() => SocketViewer.open(node, `video=${video}`)))) as [
				SocketViewer,
				SocketViewer,
			];
			const holds = (viewer: SocketViewer, count: number) =>
				viewer.until(() => viewer.tally.of(video)?.[FIRST] === count, 30_000);
			await Promise.all([fast, slow].map((viewer) => holds(viewer, 1)));
			slow.pause();
			const liker = async () => {
				while (fast.likes(video).length < MORE_THAN_HIDDEN) await like(writer, video, { type: FIRST });
			};
			await Promise.all([liker(), liker(), liker()]);
			const count = (await totalsOf(writer, video))[FIRST] ?? 0;
			await holds(fast, count);
			slow.resume();
			await holds(slow, count);
			// Each delta was added up on the way.
			expect(slow.likes(video).length).toBeLessThan(fast.likes(video).length);
			expect(Math.max(...slow.likes(video).map(({ delta }) => delta[FIRST] ?? 0))).toBeGreaterThan(10);
			await like(writer, video, { type: FIRST });
			await Promise.all([fast, slow].map((viewer) => holds(viewer, count + 1)));
			expect((await readVideo(writer, video)).viewers).toBe(2);
		},
		150_000,
	);
});
