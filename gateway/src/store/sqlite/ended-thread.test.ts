import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { paths } from '@likewire/protocol';
import { expect, it } from 'vitest';
import { EventStream } from '../../../test/event-stream.ts';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { deleteLike, like, newVideo, postJson, totalsOf } from '../../../test/http-client.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';

const PRELOADED = fileURLToPath(new URL('../../../test/end-threads.mjs', import.meta.url));

/** The time limit of each wait, in milliseconds: long, for busy machines. */
const TIMEOUT_MS = 30_000;

const poll = (ask: () => unknown) => expect.poll(ask, { timeout: TIMEOUT_MS });

const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code?: string }).code];

it('a gateway refuses requests with 503 and logs why while its database thread is down, and recovers with it', async () => {
	const directory = testDirectory();
	const ending = join(testDirectory(), 'ending');
	const gateway = await GatewayProcess.serving(directory, {
		env: { NODE_OPTIONS: `--import ${PRELOADED}`, TEST_END_THREADS: ending },
	});
	const readyStatus = async () => (await fetch(`${gateway.internalUrl}/readyz`)).status;
	const [video, id] = [newVideo(), '01890000-0000-7000-8000-000000000001'];
	await like(gateway, video, { id });
	const stream = await EventStream.open(gateway, video);
	await stream.holds(video, 1);

	// Each new thread ends at once.
	writeFileSync(ending, '');
	await poll(readyStatus).toBe(503);
	expect((await fetch(`${gateway.internalUrl}/readyz?role=frontend`)).status).toBe(200);
	const ann = { 'X-Likewire-User': 'ann' };
	const likes = gateway.url + paths.likes(video);
	const comments = gateway.url + paths.comments(video);
	const asks: Record<string, () => Promise<Response>> = {
		like: () => postJson(likes, {}, ann),
		'take back': () => deleteLike(gateway, video, id),
		totals: () => fetch(gateway.url + paths.video(newVideo())),
		comment: () => postJson(comments, { text: 'hello' }, ann),
		history: () => fetch(comments),
		delete: () => fetch(`${comments}/${id}`, { method: 'DELETE', headers: ann }),
		'like of a comment': () => postJson(`${comments}/${id}/likes`, {}, ann),
		receipt: () => postJson(gateway.url + paths.receipts('c1'), { message: 'm1', state: 'read' }, ann),
		event: () => postJson(gateway.url + paths.topicEvents('scores'), { name: 'goal', data: 1 }),
		end: () => postJson(gateway.url + paths.end(newVideo()), {}),
	};
	for (const [name, ask] of Object.entries(asks)) {
		expect([name, ...(await codeOf(await ask()))]).toEqual([name, 503, 'store_unavailable']);
	}

	rmSync(ending);
	await poll(readyStatus).toBe(200);
	expect(await (await postJson(likes, { id }, ann)).json()).toMatchObject({ id, duplicate: true });
	await like(gateway, video);
	expect(await totalsOf(gateway, video)).toEqual({ heart: 2 });
	await stream.holds(video, 2);

	const lines = gateway.stderr.trim().split('\n');
	const logged = lines.map((line) => JSON.parse(line) as { level: number; msg: string; reason?: string });
	const first = logged.filter(({ msg }) => msg.startsWith('database thread ended'));
	expect(first[0]).toMatchObject({ level: 50, reason: 'the database thread ended with code 3' });
	expect(logged.filter(({ msg }) => msg === 'database thread runs again').length).toBeGreaterThan(0);
	gateway.kill('SIGTERM');
	expect(await gateway.ended(TIMEOUT_MS)).toEqual({ code: 0, signal: null });
});
