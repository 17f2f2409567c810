import { randomUUID } from 'node:crypto';
import { MAX_TOPICS_PER_CONNECTION, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareCluster } from '../../../test/cluster.ts';
import { EventStream } from '../../../test/event-stream.ts';
import {
	deleteLike,
	expectProblem,
	following,
	like,
	newVideo,
	postJson,
	postLike,
	readVideo,
} from '../../../test/http-client.ts';

const ROLES = {
	'likes-1': 'likes',
	'dispatcher-1': 'dispatcher',
	'dispatcher-2': 'dispatcher',
	'frontend-1': 'frontend',
	'frontend-2': 'frontend',
};
const NODES = Object.keys(ROLES);

const cluster = shareCluster(ROLES, { windowMs: '5', commitWindowMs: '1' });

/** Waits until a node returns this number of viewers. */
async function expectViewers(node: string, video: string, count: number): Promise<void> {
	await expect.poll(async () => (await readVideo(cluster().node(node), video)).viewers).toBe(count);
}

describe('any node of a cluster', () => {
	it('takes a like, which reaches the viewers of every node', async () => {
		const video = newVideo();
		const streams = await Promise.all(NODES.map((node) => EventStream.open(cluster().node(node), video)));
		for (const [index, node] of NODES.entries()) {
			const answer = await like(cluster().node(node), video, { user: node });
			expect(answer).toMatchObject({ video, totals: { heart: index + 1 }, duplicate: false });
			await Promise.all(streams.map((stream) => stream.holds(video, index + 1)));
		}
	});

	it('counts a like once that a client sends again to another node', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const answers = await Promise.all(NODES.map((node) => postLike(cluster().node(node), video, { id })));
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
		for (const answer of answers) expect(await answer.json()).toMatchObject({ id, totals: { heart: 1 } });
	});

	it.each(NODES)('lets only its user delete a like at %s', async (name) => {
		const [node, video] = [cluster().node(name), newVideo()];
		const { id } = await like(node, video, { user: 'ann' });
		await expectProblem(await deleteLike(node, video, id, 'bob'), 403, 'forbidden');
		const taken = await deleteLike(node, video, id, 'ann');
		expect([taken.status, await taken.json()]).toEqual([
			200,
			{ id, totals: { heart: 0 }, revision: 2, duplicate: false },
		]);
		await expectProblem(await deleteLike(node, video, randomUUID()), 404, 'like_not_found');
	});

	it('returns the viewers of all frontends', async () => {
		const video = newVideo();
		const at = (node: string) => EventStream.open(cluster().node(node), video);
		const streams = await Promise.all(['frontend-1', 'frontend-1', 'frontend-2', 'likes-1'].map(at));
		for (const node of NODES) await expectViewers(node, video, 4);
		streams[3]?.close();
		streams[0]?.close();
		for (const node of NODES) await expectViewers(node, video, 2);
	});

	it.each(NODES)('answers GET and HEAD of a video at %s', async (name) => {
		const video = newVideo();
		await like(cluster().node('likes-1'), video);
		const url = cluster().node(name).url + paths.video(video);
		const [got, head] = await Promise.all([fetch(url), fetch(url, { method: 'HEAD' })]);
		expect(await got.json()).toMatchObject({ video, totals: { heart: 1 }, viewers: 0 });
		expect([head.status, await head.text()]).toEqual([200, '']);
		for (const name of ['content-type', 'cache-control', 'access-control-allow-origin', 'content-length']) {
			expect([name, head.headers.get(name)]).toEqual([name, got.headers.get(name)]);
		}
	});

	it.each(NODES)('changes what a stream follows by a request to %s', async (name) => {
		const [first, second, third] = [newVideo(), newVideo(), newVideo()];
		const stream = await EventStream.open(cluster().node('frontend-2'), first);
		const { connection, node } = await stream.hello();
		expect(node).toBe('frontend-2');
		const url = cluster().node(name).url + paths.subscriptions(connection);
		const change = { add: { videos: [second, third] }, remove: { videos: [first] } };
		const answer = await postJson(url, change);
		expect([answer.status, await answer.json()]).toEqual([200, following([second, third])]);
		await like(cluster().node('likes-1'), third);
		await stream.holds(third, 1);
		await stream.holds(second, 0);
		const many = Array.from({ length: MAX_TOPICS_PER_CONNECTION + 1 }, () => newVideo());
		await expectProblem(await postJson(url, { add: { videos: many } }), 400, 'too_many_topics');
		await expectProblem(await postJson(url, { add: { videos: ['a b'] } }), 400, 'invalid_video_id');
		await expectProblem(await postJson(url, '{'), 400, 'invalid_json');
	});

	it.each(NODES)('answers connection_not_found for an unknown connection at %s', async (name) => {
		const some = ['frontend-1', 'frontend-2', 'likes-1', 'dispatcher-1', 'frontend-3', '', '__proto__'];
		for (const node of some) {
			const url = cluster().node(name).url + paths.subscriptions(`${node}.AAAAAAAAAAAAAAAAAAAAAA`);
			await expectProblem(await postJson(url, {}), 404, 'connection_not_found');
		}
	});

	it.each(NODES)('refuses invalid requests at %s as the node with the role does', async (name) => {
		const { url } = cluster().node(name);
		const likes = url + paths.likes(newVideo());
		await expectProblem(await postJson(likes, { type: 'toString' }), 400, 'unknown_reaction');
		await expectProblem(await postJson(likes, { id: 'x' }), 400, 'invalid_like_id');
		await expectProblem(await postJson(likes, '{"id":'), 400, 'invalid_json');
		await expectProblem(await postJson(likes, ' '.repeat(100_000)), 413, 'body_too_large');
		await expectProblem(await fetch(`${url}/v1/videos/%ff`), 400, 'invalid_video_id');
		await expectProblem(await fetch(`${url}${paths.stream}?video=a%20b`), 400, 'invalid_video_id');
		await expectProblem(await fetch(url + paths.likes('v1')), 405, 'method_not_allowed');
	});

	it('counted no refused node during these tests', async () => {
		for (const node of cluster().nodes) {
			const { refused } = await node.report();
			expect([node.name, Object.keys(refused).filter((reason) => reason.startsWith('peer_'))]).toEqual([node.name, []]);
		}
	});
});
