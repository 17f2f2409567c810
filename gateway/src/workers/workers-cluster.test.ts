import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { describe, expect, it, vi } from 'vitest';
import { shareCluster } from '../../test/cluster.ts';
import { EventStream } from '../../test/event-stream.ts';
import { newVideo, postLike, readVideo } from '../../test/http-client.ts';
import { SocketViewer } from '../../test/socket-viewer.ts';
import { ask, openOnBoth, poll } from '../../test/worker-viewers.ts';

/** Each node with the role frontend has two workers. */
const cluster = shareCluster(
	{ 'likes-1': 'likes,dispatcher', 'viewers-1': 'frontend', 'viewers-2': 'dispatcher,frontend' },
	{ windowMs: '5', commitWindowMs: '1', workers: '2' },
	{},
	120_000,
);

const NODES = ['likes-1', 'viewers-1', 'viewers-2'];
const at = (name: string) => cluster().node(name);

/** Asks as clients do: again after 503, with which a node answers when a busy one did not in time. */
const served = <Answer>(request: () => Promise<Answer>) => vi.waitFor(request, { timeout: 60_000, interval: 10 });

describe('a cluster of nodes with workers', () => {
	it('sends likes that any node takes to the workers of all nodes, each node as one frontend', async () => {
		const video = newVideo();
		const streams: EventStream[] = [];
		for (const node of ['viewers-1', 'viewers-2']) {
			streams.push(...(await openOnBoth(() => served(() => EventStream.open(at(node), video)))).all);
		}
		const relayed = await served(() => EventStream.open(at('likes-1'), video));
		const socket = await served(() => SocketViewer.open(at('likes-1'), `video=${video}`));
		for (const node of NODES) {
			const id = randomUUID();
			await served(async () => expect([200, 201]).toContain((await postLike(at(node), video, { id })).status));
		}
		for (const viewer of [...streams, relayed, socket]) await viewer.holds(video, 3);
		const count = streams.length + 2;
		for (const node of NODES) {
			await expect.poll(async () => (await readVideo(at(node), video)).viewers).toBe(count);
		}
		// A busy node may not answer in time.
		const connections = async () => {
			const { members } = await at('likes-1').cluster();
			expect(members.map(({ node }) => node)).toEqual(NODES);
			return members.reduce((sum, member) => sum + member.connections, 0);
		};
		await expect.poll(connections).toBe(count);
	});

	it('changes a connection of a worker at any node', async () => {
		const [video, other] = [newVideo(), newVideo()];
		for (const home of NODES) {
			const stream = await served(() => EventStream.open(at(home), video, { user: 'ann' }));
			const { connection } = await stream.hello();
			for (const node of NODES) {
				const url = at(node).url + paths.subscriptions(connection);
				for (let index = 0; index < 3; index++) {
					await served(async () => {
						const { status, text } = await ask(url, { method: 'POST', body: { add: { videos: [other] } } });
						expect([status, JSON.parse(text).videos]).toEqual([200, [video, other]]);
					});
				}
			}
		}
	});

	it('counts a viewer that polls at all nodes and workers once', async () => {
		const video = newVideo();
		const id = randomUUID();
		for (let index = 0; index < 3; index++) for (const node of NODES) await served(() => poll(at(node), video, id));
		const stream = await EventStream.open(at('viewers-1'), video);
		await stream.event('viewers', ({ count }) => count === 2);
	});

	it('shows a user as online that is connected at a worker of another node', async () => {
		await EventStream.open(at('viewers-1'), newVideo(), { user: 'ann' });
		const stream = await EventStream.openQuery(at('viewers-2'), 'presence=ann');
		await stream.event('presence', ({ online }) => online);
		const { text } = await ask(`${at('viewers-2').url}/v1/presence?user=ann`);
		expect(JSON.parse(text).users.ann.online).toBe(true);
	});
});
