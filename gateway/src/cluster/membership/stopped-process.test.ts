import { expect, it } from 'vitest';
import { EventStream } from '../../../test/event-stream.ts';
import { freePort } from '../../../test/free-port.ts';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { newVideo } from '../../../test/http-client.ts';
import { LikeLoad, storedLikes } from '../../../test/like-load.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';

const ROLES = ['likes', 'dispatcher', 'frontend'] as const;

it.each(ROLES)('ends a process with the role %s on SIGTERM, without loss of an answered like', async (role) => {
	const ports = await Promise.all(ROLES.map(() => freePort()));
	const peers = ROLES.map((name, index) => `${name}-1=${name}@127.0.0.1:${ports[index]}`).join(',');
	const dataDir = testDirectory();
	const start = (name: string, index: number) =>
		GatewayProcess.serving(name === 'likes' ? dataDir : testDirectory(), {
			args: [
				...['--node', `${name}-1`, '--roles', name, '--internal-port', `${ports[index]}`, '--peers', peers],
				...['--cluster-secret', 'a-secret-of-processes', '--drain-ms', '500', '--drain-min-ms', '0'],
			],
		});
	const [likes, dispatcher, frontend] = (await Promise.all(ROLES.map(start))) as [
		GatewayProcess,
		GatewayProcess,
		GatewayProcess,
	];
	const video = newVideo();
	const stream = await EventStream.open(frontend, video);
	const load = new LikeLoad(likes, video, 4);
	await stream.until(() => (stream.tally.of(video)?.heart ?? 0) > 20);
	const stopping = { likes, dispatcher, frontend }[role];
	stopping.kill('SIGTERM');
	expect(await stopping.ended(28_000)).toEqual({ code: 0, signal: null });
	await load.stop();
	const stored = storedLikes(dataDir, video);
	for (const id of load.idsWith(200, 201)) expect(stored).toContain(id);
	if (role === 'frontend') expect(stream.events.at(-1)?.name).toBe('bye');
	else await stream.holds(video, stored.size);
});
