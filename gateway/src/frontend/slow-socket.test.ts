import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { startGateway } from '../../test/gateway.ts';
import { like, newVideo, readVideo, totalsOf } from '../../test/http-client.ts';
import { SocketViewer } from '../../test/socket-viewer.ts';
import { testDirectory } from '../../test/temporary-directory.ts';
import { videoTopic } from '../state/topics/topic.ts';
import { createSqliteStore } from '../store/sqlite/sqlite-store.ts';

/** As in `slow-viewer.test.ts`: frames are large, so that the kernel holds few of them. */
const REACTIONS = Array.from({ length: 4_000 }, (_, index) => `r${index}-`.padEnd(32, 'x'));
const FIRST = REACTIONS[0] ?? '';

/** More frames than a connection can hold: 12 MB. */
const MORE_THAN_HIDDEN = 80;

const WORKER = new URL('../../dist/sqlite-worker.js', import.meta.url);

it('a socket whose client stops reading gets the newest state and no backlog once it reads again', async () => {
	const [dataDir, video] = [testDirectory(), newVideo()];
	const store = await createSqliteStore(dataDir, 'local', WORKER);
	await store.commit(
		REACTIONS.map((type) => ({
			kind: 'like',
			topic: videoTopic(video),
			id: randomUUID(),
			user: 'ann',
			type,
			once: false,
			at: 1,
		})),
	);
	await store.close();
	const flags = { dataDir, reactions: REACTIONS.join(','), windowMs: '1', commitWindowMs: '0' };
	const gateway = await startGateway({ ...flags, blockedTimeoutMs: '600000' });
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
