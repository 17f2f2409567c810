import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { paths } from '@likewire/protocol';
import { EventSource } from 'eventsource';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway } from '../../test/gateway.ts';
import { like, newVideo } from '../../test/http-client.ts';
import { COMPRESS_FROM } from '../http/stream/shared-frames.ts';

// With this period no heartbeat pushes out an event that a client should have before.
const gateway = shareGateway({ windowMs: '1', commitWindowMs: '0', heartbeatMs: '600000' });

/** Opens enough streams of a video that its frames are compressed. */
async function crowd(video: string): Promise<EventStream> {
	const open = () => EventStream.open(gateway(), video, { headers: { 'Accept-Encoding': 'gzip' } });
	const [first] = await Promise.all(Array.from({ length: COMPRESS_FROM }, open));
	return first as EventStream;
}

const streamOf = (video: string) => `${gateway().url}${paths.stream}?video=${video}`;

/** Likes a video three times, each after the client has the like before, and ends the connection. */
async function play(video: string, watcher: EventStream, text: () => string): Promise<void> {
	await watcher.event('viewers', ({ count }) => count === COMPRESS_FROM + 1);
	await expect.poll(text).toContain('"totals":{}');
	for (let likes = 1; likes <= 3; likes++) {
		await like(gateway(), video);
		await expect.poll(text).toContain(`"totals":{"heart":${likes}}`);
	}
}

describe('The EventSource of Node', () => {
	it.each(['gzip', 'identity'])('gets each event at once when it accepts %s', async (accepted) => {
		const video = newVideo();
		const watcher = await crowd(video);
		let coding: string | null | undefined;
		let text = '';
		const source = new EventSource(streamOf(video), {
			async fetch(url, init) {
				const response = await fetch(url, { ...init, headers: { ...init.headers, 'Accept-Encoding': accepted } });
				coding = response.headers.get('content-encoding');
				return response;
			},
		});
		onTestFinished(() => source.close());
		source.addEventListener('likes', ({ data }) => {
			text += data;
		});
		await play(video, watcher, () => text);
		expect(coding).toBe(accepted === 'gzip' ? 'gzip' : null);
	});
});

const hasCurl = await new Promise<boolean>((resolve) => {
	spawn('curl', ['--version'], { stdio: 'ignore' })
		.on('error', () => resolve(false))
		.on('exit', () => resolve(true));
});

describe('curl', () => {
	it.skipIf(!hasCurl).each([
		['with --compressed', ['--compressed']],
		['without it', []],
	])('%s gets each event at once, and the right end', async (_, flags) => {
		const video = newVideo();
		const watcher = await crowd(video);
		const curl = spawn('curl', ['--silent', '--no-buffer', ...flags, streamOf(video)]);
		onTestFinished(() => void curl.kill('SIGKILL'));
		const exited = once(curl, 'exit');
		let text = '';
		curl.stdout.setEncoding('utf8').on('data', (part: string) => {
			text += part;
		});
		await play(video, watcher, () => text);
		const [, connection = ''] = /"connection":"([^"]+)"/.exec(text) ?? [];
		await fetch(gateway().url + paths.connection(connection), { method: 'DELETE' });
		expect(await exited).toEqual([0, null]);
		expect(text).toContain('event: bye\n');
	});
});
