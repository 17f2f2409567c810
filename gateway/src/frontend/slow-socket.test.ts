import { expect, it } from 'vitest';
import { startGateway } from '../../test/gateway.ts';
import { like, newVideo, readVideo, totalsOf } from '../../test/http-client.ts';
import { FIRST, largeFrames } from '../../test/large-frames.ts';
import { SocketViewer } from '../../test/socket-viewer.ts';

/** More frames than a connection can hold: 12 MB. */
const MORE_THAN_HIDDEN = 80;

it('a socket whose client stops reading gets the newest state and no backlog once it reads again', async () => {
	const video = newVideo();
	const gateway = await startGateway({ ...(await largeFrames(video)), blockedTimeoutMs: '600000' });
	const fast = await SocketViewer.open(gateway, `video=${video}`);
	const slow = await SocketViewer.open(gateway, `video=${video}`);
	const holds = (viewer: SocketViewer, count: number) => viewer.until(() => viewer.tally.of(video)?.[FIRST] === count);
	await Promise.all([fast, slow].map((viewer) => holds(viewer, 1)));
	slow.pause();
	while (fast.likes(video).length < MORE_THAN_HIDDEN) await like(gateway, video, { type: FIRST });
	const count = (await totalsOf(gateway, video))[FIRST] ?? 0;
	await holds(fast, count);
	slow.resume();
	await holds(slow, count);
	// The viewer added up each delta on the way.
	expect(slow.likes(video).length).toBeLessThan(fast.likes(video).length);
	expect(Math.max(...slow.likes(video).map(({ delta }) => delta[FIRST] ?? 0))).toBeGreaterThan(10);
	await like(gateway, video, { type: FIRST });
	await Promise.all([fast, slow].map((viewer) => holds(viewer, count + 1)));
	expect((await readVideo(gateway, video)).viewers).toBe(2);
});
