import { describe, expect, it } from 'vitest';
import { shareCluster, shareRegions } from '../../test/cluster.ts';
import { EventStream } from '../../test/event-stream.ts';
import { freePort } from '../../test/free-port.ts';
import { GatewayProcess } from '../../test/gateway-process.ts';
import { newVideo, readVideo } from '../../test/http-client.ts';
import { testDirectory } from '../../test/temporary-directory.ts';

const cluster = shareCluster({
	'all-1': 'likes,dispatcher,frontend',
	'core-2': 'dispatcher',
	'frontend-3': 'frontend',
});
const node = (name: string) => cluster().node(name);
const open = (name: string, video: string) => EventStream.open(node(name), video);
const counts = (stream: EventStream) =>
	stream.events.flatMap((event) => (event.name === 'viewers' ? [event.data.count] : []));
const showing = (stream: EventStream, count: number) => stream.until(() => counts(stream).at(-1) === count);

describe('ViewerCounts in a cluster', () => {
	it('counts viewers over all frontends as they join and leave, in the stream and at every node', async () => {
		const video = newVideo();
		const first = await open('all-1', video);
		await showing(first, 1);
		const second = await open('frontend-3', video);
		await showing(first, 2);
		await showing(second, 2);
		const third = await open('frontend-3', video);
		await showing(first, 3);
		for (const name of ['all-1', 'core-2', 'frontend-3']) expect((await readVideo(node(name), video)).viewers).toBe(3);
		second.close();
		third.close();
		await showing(first, 1);
		first.close();
		await expect.poll(async () => (await readVideo(node('core-2'), video)).viewers).toBe(0);
	});

	it('shows at most 2 viewers too many or too few of 200 while viewers join and leave', async () => {
		const video = newVideo();
		const watching = await open('all-1', video);
		const names = ['all-1', 'frontend-3'];
		const stay = await Promise.all(Array.from({ length: 199 }, (_, index) => open(names[index % 2] as string, video)));
		await showing(watching, 200);
		const before = counts(watching).length;
		const end = performance.now() + 3_000;
		while (performance.now() < end) {
			// A viewer joins before another one leaves, so the true count is 200 or 201.
			stay.push(await open(names[stay.length % 2] as string, video));
			stay.shift()?.close();
		}
		await showing(watching, 200);
		for (const count of counts(watching).slice(before)) expect(Math.abs(count - 200)).toBeLessThanOrEqual(2);
	});
});

const regions = shareRegions(['eu', 'us'], { 'all-1': 'likes,dispatcher,frontend' });

it('adds up the viewers of all regions, and returns the sum in each', async () => {
	const [eu, us] = ['eu', 'us'].map((name) => regions().region(name).node('all-1'));
	if (eu === undefined || us === undefined) throw new Error('a region is missing');
	const video = newVideo();
	const here = await EventStream.open(eu, video);
	await showing(here, 1);
	await expect.poll(async () => (await readVideo(us, video)).viewers).toBe(1);
	const there = [await EventStream.open(us, video), await EventStream.open(us, video)];
	await showing(here, 3);
	await showing(there[0] as EventStream, 3);
	expect((await readVideo(eu, video)).viewers).toBe(3);
	for (const stream of there) stream.close();
	await showing(here, 1);
});

it('drops the viewers of a killed frontend from the count', async () => {
	const ROLES = { 'core-1': 'likes+dispatcher', 'frontend-1': 'frontend', 'frontend-2': 'frontend' };
	const ports = await Promise.all(Object.keys(ROLES).map(() => freePort()));
	const peers = Object.entries(ROLES)
		.map(([name, roles], index) => `${name}=${roles}@127.0.0.1:${ports[index]}`)
		.join();
	const [core, kept, killed] = await Promise.all(
		Object.entries(ROLES).map(([name, roles], index) =>
			GatewayProcess.serving(testDirectory(), {
				args: [
					...['--node', name, '--roles', roles.replaceAll('+', ','), '--internal-port', `${ports[index]}`],
					...['--peers', peers, '--cluster-secret', 'a-secret-of-processes'],
				],
			}),
		),
	);
	if (core === undefined || kept === undefined || killed === undefined) throw new Error('a process is missing');
	const video = newVideo();
	const stream = await EventStream.open(kept, video);
	await EventStream.open(killed, video);
	await EventStream.open(killed, video);
	await showing(stream, 3);
	killed.kill('SIGKILL');
	await showing(stream, 1);
	expect((await readVideo(core, video)).viewers).toBe(1);
});
