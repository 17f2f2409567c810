import { type IncomingMessage, request } from 'node:http';
import { constants, gunzipSync } from 'node:zlib';
import { paths } from '@likewire/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readChunks } from '../../test/chunk-reader.ts';
import { comment } from '../../test/comments.ts';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway, startGateway, type TestGateway } from '../../test/gateway.ts';
import { like, newVideo, postJson } from '../../test/http-client.ts';
import { COMPRESS_FROM } from '../http/stream/shared-frames.ts';

// With this period no heartbeat pushes out an event that a client should have before.
const gateway = shareGateway({ windowMs: '1', commitWindowMs: '0', heartbeatMs: '600000' });

const GZIP = { 'Accept-Encoding': 'gzip' };
const acceptGzip = { headers: GZIP };

/** Opens a stream; resolves with the answer and its undecoded bytes, which grow. */
function openRaw({ url }: TestGateway, query: string, headers: Record<string, string> = GZIP) {
	return new Promise<{ answer: IncomingMessage; bytes: () => Buffer }>((resolve, reject) => {
		const sent = request(`${url}${paths.stream}?${query}`, { agent: false, headers }, (answer) => {
			const chunks: Buffer[] = [];
			answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
			resolve({ answer, bytes: () => Buffer.concat(chunks) });
		});
		onTestFinished(() => {
			sent.destroy();
		});
		sent.on('error', reject).end();
	});
}

/** Returns the text of the beginning of a gzip stream. */
function beginningOf(bytes: Buffer): string {
	return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
}

describe('A stream for a client that accepts gzip', () => {
	it.each([
		['gzip', 'gzip'],
		['gzip, deflate, br, zstd', 'gzip'],
		['*', 'gzip'],
		['br;q=1, gzip;q=0.2, identity;q=0.1', 'gzip'],
		['', undefined],
		['identity', undefined],
		['br', undefined],
		['gzip;q=0', undefined],
		['gzip;q=0.5, identity', undefined],
		['likewire-framed-gzip', undefined],
	])('that is "%s" has the content coding %s', async (accepted, coding) => {
		const { answer } = await openRaw(gateway(), `video=${newVideo()}`, accepted ? { 'Accept-Encoding': accepted } : {});
		expect(answer.headers['content-encoding']).toBe(coding);
		// Each counts: that of the stream, and that of the origin.
		expect(answer.headers).toMatchObject({ vary: 'Accept-Encoding, Origin', 'content-type': 'text/event-stream' });
	});

	it('carries events as they are while streams are not compressed', async () => {
		const plain = await startGateway({ streamGzip: 'off' });
		const { answer, bytes } = await openRaw(plain, `video=${newVideo()}`);
		expect(answer.headers['content-encoding']).toBeUndefined();
		await expect.poll(() => bytes().toString()).toContain('event: hello\n');
	});

	it('has each event at once, also for a client that takes whole chunks only', async () => {
		const video = newVideo();
		const readers = Array.from({ length: COMPRESS_FROM + 2 }, () =>
			readChunks(gateway().port, `${paths.stream}?video=${video}`, 'Accept-Encoding: gzip'),
		);
		const texts = () => readers.map((chunks) => beginningOf(Buffer.from(chunks.join(''), 'latin1')));
		await expect.poll(() => readers.every((chunks) => chunks.length > 0)).toBe(true);
		for (const count of [0, 1, 2, 3]) {
			if (count > 0) await like(gateway(), video);
			const totals = count === 0 ? '"totals":{}' : `"totals":{"heart":${count}}`;
			await expect.poll(() => texts().every((text) => text.includes(totals))).toBe(true);
		}
	});

	it('has the same events as a stream of another client', async () => {
		const video = newVideo();
		const open = (options = {}) => EventStream.open(gateway(), video, options);
		const plain = await open();
		const streams = await Promise.all(Array.from({ length: 2 * COMPRESS_FROM }, () => open(acceptGzip)));
		for (const stream of streams) expect(stream.headers['content-encoding']).toBe('gzip');
		await Promise.all([plain, ...streams].map((stream) => stream.event('viewers', ({ count }) => count === 9)));
		for (let likes = 1; likes <= 20; likes++) {
			await like(gateway(), video);
			await Promise.all([plain, ...streams].map((stream) => stream.holds(video, likes)));
		}
		for (const stream of streams) expect(stream.likes(video).slice(-20)).toEqual(plain.likes(video).slice(-20));
	});

	it.each([
		['the client ends it', 'closed'],
		['the node stops', 'shutdown'],
	])('ends with the checksum and the length of all that it carried when %s', async (_, reason) => {
		const node = await startGateway({ windowMs: '1', commitWindowMs: '0' });
		const video = newVideo();
		const streams = await Promise.all(Array.from({ length: COMPRESS_FROM + 1 }, () => openRaw(node, `video=${video}`)));
		const watcher = await EventStream.open(node, video);
		for (let likes = 1; likes <= 3; likes++) {
			await like(node, video);
			await watcher.holds(video, likes);
		}
		const ended = streams.map(({ answer }) => new Promise((resolve) => answer.on('end', resolve)));
		if (reason === 'shutdown') await node.stop();
		else {
			for (const { bytes } of streams) {
				const [, connection = ''] = /"connection":"([^"]+)"/.exec(beginningOf(bytes())) ?? [];
				await fetch(node.url + paths.connection(connection), { method: 'DELETE' });
			}
		}
		await Promise.all(ended);
		// It throws when the end is missing, or wrong.
		for (const { bytes } of streams) expect(gunzipSync(bytes()).toString()).toContain(`{"reason":"${reason}",`);
	});

	it('begins and ends in a lifetime', async () => {
		const short = await startGateway({ maxLifetimeMs: '10000', heartbeatMs: '1000' });
		const { answer, bytes } = await openRaw(short, `video=${newVideo()}`);
		await new Promise((resolve) => answer.on('end', resolve));
		expect(gunzipSync(bytes()).toString()).toMatch(/event: hello\n[\s\S]*event: heartbeat\n[\s\S]*"reason":"lifetime"/);
	});
});

describe('What a network can see in the lengths of a stream', () => {
	it('is compressed for the viewers of a video alone: its texts are for all of them', async () => {
		const [video, conversation] = [newVideo(), newVideo()];
		const open = (query: string) =>
			Promise.all(Array.from({ length: COMPRESS_FROM + 1 }, () => openRaw(gateway(), query)));
		const [watching, talking] = [await open(`video=${video}`), await open(`conversation=${conversation}`)];
		const counted = `"count":${COMPRESS_FROM + 1}`;
		await expect.poll(() => watching.every(({ bytes }) => beginningOf(bytes()).includes(counted))).toBe(true);
		await expect.poll(() => talking.every(({ bytes }) => beginningOf(bytes()).includes('event: cursor'))).toBe(true);
		await comment(gateway(), video, 'text of the video');
		await postJson(gateway().url + paths.typing(conversation), { typing: true }, { 'X-Likewire-User': 'secretary' });
		await expect
			.poll(() => watching.every(({ bytes }) => beginningOf(bytes()).includes('text of the video')))
			.toBe(true);
		await expect.poll(() => talking.every(({ bytes }) => beginningOf(bytes()).includes('secretary'))).toBe(true);
		const inPlain = (text: string, streams: typeof watching) =>
			streams.filter(({ bytes }) => bytes().includes(text)).length;
		expect(inPlain('"text":"text of the video"', watching)).toBe(COMPRESS_FROM - 1);
		expect(inPlain('"user":"secretary","typing":true', talking)).toBe(COMPRESS_FROM + 1);
	});

	it('is not compressed in what a viewer missed, which goes to that viewer alone', async () => {
		const video = newVideo();
		const first = await EventStream.open(gateway(), video);
		await first.event('cursor');
		const cursor = first.events.find(({ name }) => name === 'cursor')?.id ?? '';
		await comment(gateway(), video, 'missed');
		const query = `video=${video}&cursor=${encodeURIComponent(cursor)}`;
		const late = await Promise.all(Array.from({ length: COMPRESS_FROM + 1 }, () => openRaw(gateway(), query)));
		await expect.poll(() => late.every(({ bytes }) => bytes().includes('"text":"missed"'))).toBe(true);
	});
});
