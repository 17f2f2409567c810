import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../../test/event-stream.ts';
import { shareGateway } from '../../../test/gateway.ts';
import { expectProblem, newVideo, postJson } from '../../../test/http-client.ts';
import { encodeCursor } from '../../state/cursor.ts';

const gateway = shareGateway({ windowMs: '5', commitWindowMs: '1', region: 'eu' });

/** Publishes an event as a server. */
async function publish(topic: string, name: string, data: unknown = null): Promise<void> {
	const response = await postJson(gateway().url + paths.topicEvents(topic), { name, data, id: randomUUID() });
	expect(response.status).toBe(202);
}

const customs = (stream: EventStream) =>
	stream.events.flatMap((event) => (event.name === 'custom' ? [event.data.name] : []));
const gaps = (stream: EventStream) => stream.events.flatMap((event) => (event.name === 'gap' ? [event.data] : []));
const cursorOf = (stream: EventStream, name: string) => {
	const event = stream.events.find((one) => one.name === 'custom' && one.data.name === name);
	return event?.id ?? '';
};

/** Opens a stream that follows a topic from now on. */
async function follow(topic: string): Promise<EventStream> {
	const stream = await EventStream.openQuery(gateway(), `topic=${topic}`);
	await stream.event('cursor');
	return stream;
}

const newTopic = () => newVideo().replace('video', 'scores');

describe('The log of a topic', () => {
	it('sends events with cursors, at which a stream resumes', async () => {
		const topic = newTopic();
		const stream = await follow(topic);
		for (const name of ['one', 'two', 'three']) await publish(topic, name, { score: name.length });
		await stream.until(() => customs(stream).length === 3);
		expect(stream.events.find((event) => event.name === 'custom' && event.data.name === 'one')).toEqual({
			name: 'custom',
			id: expect.stringMatching(/^[\w-]+$/),
			data: { topic, name: 'one', data: { score: 3 }, at: expect.any(Number) },
		});
		const cursor = cursorOf(stream, 'one');
		const ways: [string, Record<string, string>][] = [
			[`topic=${topic}&cursor=${cursor}`, {}],
			[`topic=${topic}&lastEventId=${cursor}`, {}],
			[`topic=${topic}`, { 'Last-Event-ID': cursor }],
			[`topic=${topic}&lastEventId=${cursorOf(stream, 'three')}`, { 'Last-Event-ID': cursor }],
		];
		for (const [query, headers] of ways) {
			const back = await EventStream.openQuery(gateway(), query, headers);
			await back.until(() => customs(back).length === 2);
			expect([customs(back), gaps(back)]).toEqual([['two', 'three'], []]);
		}
	});

	it('is read from the store when no viewer has the events in memory', async () => {
		const [topic, region] = [newTopic(), 'eu'];
		for (let index = 1; index <= 20; index++) await publish(topic, `e${index}`);
		const first = await follow(topic);
		await publish(topic, 'e21');
		await first.until(() => customs(first).length === 1);
		const [, epoch] = JSON.parse(Buffer.from(cursorOf(first, 'e21'), 'base64url').toString()).slice(1) as number[];
		const cursor = encodeCursor(`topic:${topic}`, new Map([[region, { epoch: epoch ?? 0, offset: 15 }]]));
		const back = await EventStream.openQuery(gateway(), `topic=${topic}&cursor=${cursor}`);
		await back.until(() => customs(back).length === 6);
		expect(customs(back)).toEqual(['e16', 'e17', 'e18', 'e19', 'e20', 'e21']);
	});

	it('resumes with a gap when a plain EventSource has no cursor of it', async () => {
		const [one, other, video] = [newTopic(), newTopic(), newVideo()];
		const stream = await follow(one);
		await publish(one, 'x');
		await stream.until(() => customs(stream).length === 1);
		const query = `topic=${one}&topic=${other}&video=${video}&presence=ann`;
		const back = await EventStream.openQuery(gateway(), query, { 'Last-Event-ID': cursorOf(stream, 'x') });
		await back.until(() => gaps(back).length === 2);
		expect(gaps(back)).toEqual(
			expect.arrayContaining([
				{ topic: other, reason: 'no_cursor' },
				{ topic: `video:${video}`, reason: 'no_cursor' },
			]),
		);
	});

	it('resumes with a gap also when the query has a cursor of another topic', async () => {
		const [one, other] = [newTopic(), newTopic()];
		const stream = await follow(one);
		await publish(one, 'x');
		await stream.until(() => customs(stream).length === 1);
		const cursor = cursorOf(stream, 'x');
		const query = `topic=${one}&topic=${other}&cursor=${cursor}`;
		const back = await EventStream.openQuery(gateway(), query, { 'Last-Event-ID': cursor });
		await back.until(() => gaps(back).length === 1);
		expect(gaps(back)).toEqual([{ topic: other, reason: 'no_cursor' }]);
	});

	it('sends a gap for a cursor of another deployment, or of the future, and continues', async () => {
		const topic = newTopic();
		await publish(topic, 'x');
		for (const [region, epoch, reason] of [
			['mars', 1, 'unknown_position'],
			['eu', 2 ** 52, 'unknown_position'],
			['eu', 0, 'restored'],
		] as const) {
			const cursor = encodeCursor(`topic:${topic}`, new Map([[region, { epoch, offset: 7 }]]));
			const stream = await EventStream.openQuery(gateway(), `topic=${topic}&cursor=${cursor}`);
			await stream.event('gap');
			expect(gaps(stream)).toEqual([{ topic, reason }]);
			await publish(topic, reason);
			await stream.until(() => customs(stream).length === 1);
		}
	});

	it('continues at the cursor when a request adds it to a stream', async () => {
		const topic = newTopic();
		const stream = await follow(topic);
		for (const name of ['one', 'two']) await publish(topic, name);
		await stream.until(() => customs(stream).length === 2);
		const other = await EventStream.openQuery(gateway(), '');
		const url = gateway().url + paths.subscriptions((await other.hello()).connection);
		const change = { add: { topics: [topic] }, cursors: [cursorOf(stream, 'one')] };
		expect((await postJson(url, change)).status).toBe(200);
		await other.until(() => customs(other).length === 1);
		expect(customs(other)).toEqual(['two']);
		await expectProblem(await postJson(url, { cursors: ['x'] }), 400, 'invalid_cursor');
	});

	it.each(['x', '%00', 'e30', 'a%20b', `${'A'.repeat(5_000)}`])('refuses the cursor %.20s', async (cursor) => {
		const response = await fetch(`${gateway().url}${paths.stream}?topic=scores&cursor=${cursor}`);
		await expectProblem(response, 400, 'invalid_cursor');
	});
});

describe('A typing user', () => {
	it('appears, and disappears after 6 s without a renewal', async () => {
		const conversation = `c-${randomUUID()}`;
		const stream = await EventStream.openQuery(gateway(), `conversation=${conversation}`);
		await stream.hello();
		const headers = { 'X-Likewire-User': 'ann' };
		const startedAt = performance.now();
		const response = await postJson(gateway().url + paths.typing(conversation), { typing: true }, headers);
		expect(response.status).toBe(202);
		await stream.event('typing', ({ typing }) => typing);
		expect(await stream.event('typing', ({ typing }) => !typing)).toEqual({
			conversation,
			user: 'ann',
			typing: false,
		});
		expect(performance.now() - startedAt).toBeGreaterThan(5_000);
	});
});
