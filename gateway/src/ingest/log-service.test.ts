import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { testDirectory } from '../../test/temporary-directory.ts';
import { endedAtOf } from '../state/counters.ts';
import type { LogEvent } from '../state/log.ts';
import { commentTopic } from '../state/topics/topic.ts';
import type { Update } from '../state/update.ts';
import { createSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { createIngest, type Ingest } from './ingest.ts';

const WORKER = new URL('../../dist/sqlite-worker.js', import.meta.url);

let store: Store;
let ingest: Ingest;
/** The published updates, in order. */
let published: [topic: string, update: Update][];

beforeEach(async () => {
	store = await createSqliteStore(testDirectory(), 'local', WORKER);
	published = [];
	ingest = createIngest({
		region: 'local',
		store,
		reactions: new Map([['heart', 'tap']]),
		commitWindowMs: 1,
		retentionDays: 0,
		publish: (updates) => published.push(...updates),
		logger: pino({ level: 'silent' }),
	});
	return async () => {
		await ingest.close();
		await store.close();
	};
});

const comment = (text: string, id: string = randomUUID(), user = 'ann') =>
	ingest.log.comment({ video: 'v1', id, user, text, parent: undefined });
const remove = (id: string) => ingest.log.deleteComment({ video: 'v1', id, user: 'ann', moderator: false });

/** Returns the published events in order, with repetitions. */
const events = (): LogEvent[] => published.flatMap(([, { log }]) => log?.local?.events ?? []);

describe('LogService', () => {
	it('publishes the stored events in the order of offsets, with the head of the log', async () => {
		await Promise.all(Array.from({ length: 50 }, (_, index) => comment(`comment ${index}`)));
		expect(events().map(({ offset }) => offset)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
		for (const [topic, { rows, log, complete, sample }] of published) {
			expect([topic, complete, sample]).toEqual(['video:v1', false, []]);
			expect(rows.local?.epoch).toBe(log?.local?.epoch);
			expect(rows.local?.logHead).toBe(log?.local?.events.at(-1)?.offset);
		}
		expect(events()[0]).toMatchObject({ kind: 'comment', user: 'ann', data: { text: 'comment 0' } });
	});

	it('publishes a duplicate again, for viewers that missed the first', async () => {
		const { id } = await comment('hello');
		expect(await comment('hello', id)).toMatchObject({ id, duplicate: true });
		expect(events()).toHaveLength(2);
		expect(events()[1]).toEqual(events()[0]);
	});

	it('publishes the deletion of a comment, also again, and never its text after that', async () => {
		const { id } = await comment('wrong');
		await Promise.all([remove(id), comment('wrong', id)]);
		await remove(id);
		const kinds = events().map(({ kind, offset }) => `${kind} ${offset}`);
		expect(kinds.slice(-1)).toEqual(['comment-deleted 2']);
		expect(kinds.filter((kind) => kind === 'comment-deleted 2')).toHaveLength(2);
		await comment('wrong', id);
		expect(events().at(-1)).toMatchObject({ kind: 'erased', offset: 1, data: {} });
	});

	it('answers a comment whose deletion arrived first as a deleted one', async () => {
		const id = randomUUID();
		const data = { comment: id, user: 'anonymous', region: 'south', epoch: 3, offset: 1 };
		const deletion = { offset: 2, id, kind: 'comment-deleted', user: 'mod', at: 5, order: 5 * 1_024, data } as const;
		await store.keepEvents('south', new Map([['video:v1', { epoch: 3, events: [deletion] }]]));
		const answer = { video: 'v1', id, user: 'anonymous', text: '', at: 5, region: 'south', duplicate: true };
		expect(await comment('gone', id, 'anonymous')).toEqual(answer);
		expect(published.at(-1)?.[1].log).toEqual({ south: { epoch: 3, events: [deletion] } });
		await expect(comment('gone', id, 'mod')).rejects.toMatchObject({ code: 'id_conflict' });
	});

	it('publishes no refused command', async () => {
		const { id } = await comment('hello');
		const before = published.length;
		await expect(comment('hullo', id)).rejects.toMatchObject({ code: 'id_conflict' });
		await expect(comment('hello', id, 'bob')).rejects.toMatchObject({ code: 'id_conflict' });
		await expect(remove(randomUUID())).rejects.toMatchObject({ code: 'comment_not_found' });
		expect(published).toHaveLength(before);
	});

	it('publishes the end of a video, also again', async () => {
		await ingest.likes.like({ topic: 'video:v1', id: randomUUID(), user: 'ann', type: 'heart' });
		expect(await ingest.log.end('v1')).toEqual({ totals: { heart: 1 }, duplicate: false });
		const endedAt = endedAtOf(published.at(-1)?.[1].rows ?? {});
		expect(endedAt).toBeGreaterThan(Date.now() - 10_000);
		const before = published.length;
		await expect(comment('late')).rejects.toMatchObject({ code: 'video_ended', status: 409 });
		const like = ingest.likes.like({ topic: 'video:v1', id: randomUUID(), user: 'ann', type: 'heart' });
		await expect(like).rejects.toMatchObject({ code: 'video_ended' });
		expect(published).toHaveLength(before + 2);
		for (const [, { rows }] of published.slice(before)) expect(endedAtOf(rows)).toBe(endedAt);
	});

	it('publishes events of a server on their topic', async () => {
		await ingest.log.addEvent({ topic: 'topic:scores', id: 'e1', name: 'goal', data: [1, 0] });
		expect(published.map(([topic]) => topic)).toEqual(['topic:scores']);
		expect(events()).toMatchObject([
			{ offset: 1, id: 'e1', kind: 'custom', user: '', data: { name: 'goal', data: [1, 0] } },
		]);
	});

	it('refuses writes while too many wait, and stores every accepted one', async () => {
		const write = (index: number) => ingest.log.addEvent({ topic: 'topic:t', id: `e${index}`, name: 'a', data: 0 });
		const results = await Promise.allSettled(Array.from({ length: 21_000 }, (_, index) => write(index)));
		const refused = results.filter(({ status }) => status === 'rejected');
		expect(refused.length).toBeGreaterThan(0);
		expect(refused.length).toBeLessThanOrEqual(1_000);
		for (const result of refused) expect(result).toMatchObject({ reason: { code: 'overloaded', status: 503 } });
		expect((await store.events('topic:t', 'local', 0, 1)).head).toBe(21_000 - refused.length);
	});

	it('commits the accepted writes before it closes, and takes no more', async () => {
		const taken = Array.from({ length: 100 }, () => comment('hello'));
		const closed = ingest.close();
		await expect(comment('late')).rejects.toMatchObject({ code: 'shutting_down', status: 503 });
		await closed;
		expect(events()).toHaveLength(100);
		await Promise.all(taken);
	});

	it('refuses with 503 without the store, is not healthy, and still closes', async () => {
		await comment('hello');
		expect(ingest.healthy).toBe(true);
		await store.close();
		const unavailable = { code: 'store_unavailable', status: 503 };
		await expect(comment('late')).rejects.toMatchObject(unavailable);
		expect(ingest.healthy).toBe(false);
		await expect(remove(randomUUID())).rejects.toMatchObject(unavailable);
		await expect(ingest.log.end('v1')).rejects.toMatchObject(unavailable);
		await expect(ingest.reads.page('v1', undefined, 10)).rejects.toMatchObject(unavailable);
		await expect(ingest.reads.likeable('v1', randomUUID())).rejects.toMatchObject(unavailable);
		const receipt = { conversation: 'c1', user: 'ann', message: 'm1', state: 'read' } as const;
		await expect(ingest.signals.receipt(receipt)).rejects.toMatchObject(unavailable);
		expect(published).toHaveLength(1);
	});
});

describe('likes of a comment', () => {
	const topic = (id: string) => commentTopic({ video: 'v1', id, user: 'ann' });
	const like = (id: string) => ingest.likes.like({ topic: topic(id), id: randomUUID(), user: 'ann', type: 'heart' });

	it('are published on a topic of their own, with the time of the last like', async () => {
		const { id } = await comment('hello');
		await like(id);
		const { id: taken } = await like(id);
		await ingest.likes.takeBack({ topic: topic(id), id: taken, user: 'ann' });
		expect(published.map(([name]) => name)).toEqual(['video:v1', ...Array(3).fill(topic(id))]);
		const rows = { local: { epoch: expect.any(Number), counts: { heart: [2, 1] }, likedAt: expect.any(Number) } };
		expect(published.at(-1)?.[1]).toMatchObject({ rows, complete: true, sample: [] });
	});

	it('are published with the counts of other regions', async () => {
		const { id } = await comment('hello');
		const rows = { south: { epoch: 1, counts: { heart: [5, 1] as const } } };
		await store.replicate('south', new Map([[topic(id), rows]]));
		await like(id);
		expect(published.at(-1)?.[1].rows).toMatchObject({ local: { counts: { heart: [1, 0] } }, south: rows.south });
	});

	it('are published beside those of the video', async () => {
		const { id } = await comment('hello');
		published.length = 0;
		const video = () => ingest.likes.like({ topic: 'video:v1', id: randomUUID(), user: 'ann', type: 'heart' });
		await Promise.all([video(), like(id), like(id), video()]);
		const heartsOf = (name: string) => {
			const updates = published.filter(([published]) => published === name);
			return Math.max(...updates.map(([, { rows }]) => rows.local?.counts.heart?.[0] ?? 0));
		};
		expect([heartsOf('video:v1'), heartsOf(topic(id))]).toEqual([2, 2]);
	});
});
