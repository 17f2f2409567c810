import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { pino } from 'pino';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { comment, deleteOf, endOf } from '../../../test/log-commands.ts';
import { describeWithPostgres, sharePostgres } from '../../../test/postgres.ts';
import { sumOfSteps, timelineOf } from '../../../test/timeline.ts';
import { logHeadOf } from '../../state/counters.ts';
import type { LogEvent } from '../../state/log.ts';
import type { Values } from '../../state/registers.ts';
import type { LikeCommand, Position, Store } from '../store.ts';
import { createPostgresStore } from './postgres-store.ts';
import { markPostgresRestored } from './restored.ts';

const postgres = sharePostgres();
let url: string;
beforeEach(async () => {
	url = await postgres().createDatabase();
});

async function opened(): Promise<Store> {
	const store = await createPostgresStore({ url, region: 'north', poolSize: 4, logger: pino({ level: 'silent' }) });
	onTestFinished(() => store.close());
	return store;
}

/** Opens another session of the database. */
async function session(): Promise<Client> {
	const client = new Client(url);
	await client.connect();
	onTestFinished(() => client.end());
	return client;
}

const like = (topic: string, more: Partial<LikeCommand> = {}): LikeCommand => ({
	kind: 'like',
	topic,
	id: randomUUID(),
	user: 'ann',
	type: 'heart',
	once: false,
	at: 1,
	...more,
});
const heartsOf = async (store: Store, topic: string) =>
	(await store.read([topic])).get(topic)?.north?.counts.heart?.[0] ?? 0;

async function deadlocksSeen(): Promise<number> {
	const text = 'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()';
	return (await postgres().query<{ deadlocks: number }>(text, url))[0]?.deadlocks ?? -1;
}

/** Waits until a session waits for a lock. */
async function lockWait(): Promise<void> {
	const waiting = 'SELECT 1 FROM pg_stat_activity WHERE wait_event_type = $1 AND datname = current_database()';
	await vi.waitUntil(async () => (await postgres().query(waiting, url, ['Lock'])).length > 0, 60_000);
}

/** An event of another region. */
const remoteEvent: LogEvent = {
	offset: 1,
	id: 'x',
	kind: 'comment',
	user: 'sue',
	at: 1,
	order: 1,
	data: { text: 'hello' },
};

/** Returns more receipts than a topic may have: the store drops those with the lowest orders. */
function receipts(round: number, store: number): Map<string, Values> {
	const keys = Array.from({ length: 150 }, (_, index) => `read:u${round}-${index}-${store}`);
	if (store === 1) keys.reverse();
	const receipt = Object.fromEntries(keys.map((key) => [key, { order: round, value: 'm', from: 'north' }]));
	return new Map(['b', 'c'].map((id) => [`conversation:${id}`, { receipt }]));
}

describeWithPostgres('a PostgreSQL database of several stores', () => {
	it('gets its tables and its epoch once when they open at the same time', async () => {
		const stores = await Promise.all(Array.from({ length: 5 }, opened));
		const epochs = await Promise.all(
			stores.map(async (store) => (await store.read(['video:v'])).get('video:v')?.north?.epoch),
		);
		expect(new Set(epochs).size).toBe(1);
	});

	it('counts concurrent likes exactly, whatever the order of the videos', async () => {
		const stores = [await opened(), await opened(), await opened()];
		const videos = Array.from({ length: 20 }, (_, index) => `video:v${index}`);
		const shared = videos.map((video) => like(video));
		await Promise.all(
			stores.map(async (store, index) => {
				for (let round = 0; round < 20; round++) {
					const position = 1_000 * (round % 3);
					const likes = [...videos.map((video) => like(video, { position })), ...shared];
					likes.push(...videos.map((video) => like(video, { type: 'clap', once: true, user: `u${round}` })));
					const batch = index === 1 ? likes.reverse() : likes;
					const { outcomes } = await store.commit(batch);
					expect(outcomes).toHaveLength(60);
				}
			}),
		);
		const [store] = stores as [Store];
		for (const likes of (await store.read(videos)).values()) {
			// One heart per store and round, and the shared one; one clap per user.
			expect(likes.north?.counts).toEqual({ heart: [61, 0], clap: [20, 0] });
		}
		for (const topic of videos) {
			const { steps } = await timelineOf(store, { topic });
			expect(steps.map(([second]) => second)).toEqual([0, 1, 2]);
			expect(sumOfSteps(steps)).toEqual({ heart: 61, clap: 20 });
		}
		// The server adds the deadlocks of a session when the session ends.
		await Promise.all(stores.map((store) => store.close()));
		expect(await deadlocksSeen()).toBe(0);
	});

	it('counts a once reaction of a user once, though all of them get it', async () => {
		const stores = await Promise.all(Array.from({ length: 4 }, opened));
		for (let round = 0; round < 10; round++) {
			const video = `video:v${round}`;
			const commits = await Promise.all(stores.map((store) => store.commit([like(video, { once: true })])));
			const kinds = commits.map(({ outcomes }) => outcomes[0]?.kind);
			expect(kinds.sort()).toEqual(['counted', 'duplicate', 'duplicate', 'duplicate']);
			expect(await heartsOf(stores[0] as Store, video)).toBe(1);
		}
	});

	it('lists a change that began before others and committed after them', async () => {
		const store = await opened();
		const other = await session();
		await other.query('BEGIN');
		await other.query(`SELECT likewire.commit('{video:slow}', '{id}', '{ann}', '{heart}', '{f}', '{f}', '{1}', '{0}')`);
		await store.commit([like('video:fast')]);
		const first = await store.changes(undefined, 10);
		expect([...first.rows.keys()]).toEqual(['video:fast']);
		await store.commit([like('video:faster')]);
		const second = await store.changes(first.next, 10);
		expect([...second.rows.keys()]).toContain('video:faster');
		await other.query('COMMIT');
		const third = await store.changes(second.next, 10);
		expect([...third.rows.keys()]).toContain('video:slow');
		expect([...(await store.changes(third.next, 10)).rows.keys()]).toEqual([]);
	});

	it('lists all changes page by page, though the oldest is not committed yet', async () => {
		const store = await opened();
		const other = await session();
		await other.query('BEGIN');
		await other.query(`SELECT likewire.commit('{video:slow}', '{id}', '{ann}', '{heart}', '{f}', '{f}', '{1}', '{0}')`);
		const videos = Array.from({ length: 9 }, (_, index) => `video:v${index}`);
		for (const video of videos) await store.commit([like(video)]);
		const seen = new Set<string>();
		let at: Position | undefined;
		for (let more = true; more; ) {
			const page = await store.changes(at, 2);
			for (const video of page.rows.keys()) seen.add(video);
			({ next: at, more } = page);
		}
		expect([...seen].sort()).toEqual(videos);
		await other.query('COMMIT');
		expect([...(await store.changes(at, 100)).rows.keys()]).toContain('video:slow');
	});

	it('makes a batch wait for a lock of another session, and retries a batch after a deadlock', async () => {
		const store = await opened();
		await store.commit([like('video:a'), like('video:b')]);
		const other = await session();
		// So that the server never rolls this session back.
		await other.query("SET deadlock_timeout = '60s'");
		await other.query('BEGIN');
		await other.query("SELECT FROM likewire.topics WHERE topic = 'video:b' FOR UPDATE");
		const committed = store.commit([like('video:a'), like('video:b')]);
		await lockWait();
		await other.query("SELECT FROM likewire.topics WHERE topic = 'video:a' FOR UPDATE");
		await other.query('COMMIT');
		expect((await committed).outcomes).toEqual([{ kind: 'counted' }, { kind: 'counted' }]);
		expect([await heartsOf(store, 'video:a'), await heartsOf(store, 'video:b')]).toEqual([2, 2]);
		await store.close();
		expect(await deadlocksSeen()).toBe(1);
	});

	it('numbers concurrent events without holes or duplicates, next to likes and remote events', async () => {
		const stores = [await opened(), await opened()] as const;
		const topics = ['video:a', 'conversation:b', 'video:c', 'topic:d'];
		const shared = topics.map((topic) => comment({ topic }));
		let last = 0;
		const others = (region: string) =>
			new Map(
				topics.map((topic) => [
					topic,
					{ epoch: 1, events: [{ ...remoteEvent, offset: ++last, id: `${region}-${last}` }] },
				]),
			);
		await Promise.all(
			stores.map(async (store, index) => {
				for (let round = 0; round < 25; round++) {
					const own = topics.map((topic) => comment({ topic }));
					const commands = [...own, ...shared, ...own.map((one) => deleteOf(one))];
					const appended = store.append(index === 0 ? commands : commands.reverse());
					const likes = ['video:c', 'video:a'].map((topic) => like(topic));
					await Promise.all([
						appended,
						store.commit(index === 0 ? likes : likes.reverse()),
						store.keepEvents('south', others('south')),
						store.keepEvents('west', others('west')),
						store.keepValues(receipts(round, index)),
					]);
				}
			}),
		);
		const [store] = stores;
		for (const topic of topics) {
			const { events, head } = await store.events(topic, 'north', 0, 1_000);
			expect(events.map(({ offset }) => offset)).toEqual(Array.from({ length: head }, (_, offset) => offset + 1));
			const kept = events.filter(({ kind }) => kind === 'comment');
			expect(new Set(kept.map(({ id }) => id)).size).toBe(kept.length);
			expect(events.filter(({ id }) => shared.some((one) => one.id === id))).toHaveLength(1);
			// The deletions of the second store came before their comments.
			expect(events.filter(({ kind }) => kind === 'erased')).toHaveLength(25);
			expect(kept).toHaveLength(26);
			const rows = (await store.read([topic])).get(topic);
			expect(logHeadOf(rows?.north)).toBe(head);
		}
		expect([await heartsOf(store, 'video:a'), await heartsOf(store, 'video:c')]).toEqual([50, 50]);
		await Promise.all(stores.map((one) => one.close()));
		expect(await deadlocksSeen()).toBe(0);
	});

	it('ends a video for all of them at once', async () => {
		const [one, other] = [await opened(), await opened()];
		const outcomes = await Promise.all(
			Array.from({ length: 20 }, async (_, index) => {
				if (index === 10) await one.append([endOf('video:v1')]);
				const store = index % 2 === 0 ? one : other;
				const [{ outcomes }, appended] = await Promise.all([
					store.commit([like('video:v1')]),
					store.append([comment({ topic: 'video:v1' })]),
				]);
				return [outcomes[0]?.kind, appended.outcomes[0]?.kind];
			}),
		);
		const counted = outcomes.filter(([kind]) => kind === 'counted').length;
		expect(await heartsOf(one, 'video:v1')).toBe(counted);
		expect((await other.events('video:v1', 'north', 0, 100)).head).toBe(
			outcomes.filter(([, kind]) => kind === 'added').length,
		);
		expect((await other.commit([like('video:v1')])).outcomes).toEqual([{ kind: 'videoEnded' }]);
		expect((await other.append([comment({ topic: 'video:v1' })])).outcomes).toEqual([{ kind: 'videoEnded' }]);
	});

	it('removes old likes once, though several of them do it', async () => {
		const stores = [await opened(), await opened()];
		await stores[0]?.commit(Array.from({ length: 300 }, () => like('video:v1')));
		await stores[1]?.append([endOf('video:v1', 5)]);
		let forgotten = 0;
		await Promise.all(
			stores.map(async (store) => {
				for (let likes = 1; likes > 0; forgotten += likes) ({ likes } = await store.prune(6, 20));
			}),
		);
		expect(forgotten).toBe(300);
		expect(await heartsOf(stores[0] as Store, 'video:v1')).toBe(300);
	});

	it('has its new epoch at once, for all of them, after it is marked as restored', async () => {
		const stores = [await opened(), await opened()] as const;
		await stores[0].commit([like('video:v1')]);
		const { after } = await markPostgresRestored(url, 'north');
		for (const store of stores)
			expect((await store.commit([like('video:v1')])).rows.get('video:v1')?.north?.epoch).toBe(after);
		expect(await heartsOf(stores[1], 'video:v1')).toBe(3);
	});

	it('lists changes in order after a restore on a server with lower transaction numbers', async () => {
		const store = await opened();
		await store.commit([like('video:v1')]);
		await postgres().query('UPDATE likewire.topics SET changed = $1', url, ['1000000000000']);
		await markPostgresRestored(url, 'north');
		const { next } = await store.changes(undefined, 10);
		expect([...(await store.changes(next, 10)).rows.keys()]).toEqual([]);
		await store.commit([like('video:v1')]);
		expect([...(await store.changes(next, 10)).rows.keys()]).toEqual(['video:v1']);
	});
});
