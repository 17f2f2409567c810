import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { testDirectory } from '../../test/temporary-directory.ts';
import type { LogEvent } from '../delivery/log.ts';
import { createSqliteStore } from '../store/sqlite-store.ts';
import { type Store, StoreError } from '../store/store.ts';
import { createCommentReads } from './comment-reads.ts';
import { createLateComments, type LateComments } from './late-comments.ts';
import { createLogService, type LogService } from './log-service.ts';
import { createStoreHealth } from './store-health.ts';

const WORKER = new URL('../../dist/sqlite-worker.js', import.meta.url);
const TOPIC = 'video:v1';

let store: Store;
let late: LateComments;
let log: LogService;
/** How long somebody waited each time, in milliseconds. */
let waits: number[];
/** What happens while somebody waits for the so-manieth time. */
let meanwhile: (time: number) => Promise<unknown>;

/** All that a region of this kind has. */
function writersOf(isAbroad: boolean) {
	const health = createStoreHealth(store, pino({ level: 'silent' }));
	const wait = async (ms: number) => void (await meanwhile(waits.push(ms)));
	const parts = { store, health, late: createLateComments({ store, isAbroad, health, wait }) };
	return {
		...parts,
		reads: createCommentReads(parts),
		log: createLogService({ ...parts, region: 'local', commitWindowMs: 1, publish: () => undefined }),
	};
}

let reads: ReturnType<typeof createCommentReads>;
beforeEach(async () => {
	store = await createSqliteStore(testDirectory(), 'local', WORKER);
	waits = [];
	meanwhile = async () => undefined;
	({ late, log, reads } = writersOf(true));
	return async () => {
		await late.close();
		await log.close();
		await store.close();
	};
});

/** A comment of another region comes here. */
const arrive = (id: string) => {
	const event: LogEvent = { offset: 1, id, kind: 'comment', user: 'sue', at: 1, order: 1, data: { text: 'hello' } };
	return store.keepEvents('south', new Map([[TOPIC, { epoch: 3, events: [event] }]]));
};
const answer = (parent: string) => log.comment({ video: 'v1', id: randomUUID(), user: 'ann', text: 'answer', parent });
async function like(id: string): Promise<void> {
	const { refusal } = await reads.likeable('v1', id);
	if (refusal !== undefined) throw refusal;
}
const remove = (id: string) => log.deleteComment({ video: 'v1', id, user: 'sue', moderator: false });

describe.each([
	['answered', (id: string) => answer(id), 'parent_not_found'],
	['deleted', (id: string) => remove(id), 'comment_not_found'],
	['liked', (id: string) => like(id), 'comment_not_found'],
] as const)('a comment that is %s', (_, act, code) => {
	it.each([1, 3, 6])('just before it comes here from another region is found by the look %i', async (looks) => {
		const id = randomUUID();
		meanwhile = async (time) => time === looks && (await arrive(id));
		await act(id);
		expect(waits).toHaveLength(looks);
	});

	it('and never comes is not found, after a second and no more', async () => {
		await expect(act(randomUUID())).rejects.toMatchObject({ code, status: 404 });
		expect(waits.reduce((sum, ms) => sum + ms)).toBe(1_000);
	});

	it('and is not there is not waited for where there are no other regions', async () => {
		await Promise.all([late.close(), log.close()]);
		({ late, log, reads } = writersOf(false));
		await expect(act(randomUUID())).rejects.toMatchObject({ code });
		expect(waits).toEqual([]);
	});

	it('and the store cannot be asked for again is answered with 503', async () => {
		meanwhile = async () => vi.spyOn(store, 'find').mockRejectedValue(new StoreError('away'));
		await expect(act(randomUUID())).rejects.toMatchObject({ code: 'store_unavailable', status: 503 });
	});

	it('and is waited for when the node stops is answered with 503', async () => {
		let closed: Promise<void> | undefined;
		meanwhile = async () => {
			closed = late.close();
		};
		await expect(act(randomUUID())).rejects.toMatchObject({ code: 'shutting_down', status: 503 });
		await closed;
		expect(waits).toHaveLength(1);
	});

	it('keeps nobody else waiting', async () => {
		const id = randomUUID();
		meanwhile = async () => {
			const another = await log.comment({ video: 'v1', id, user: 'ann', text: 'another', parent: undefined });
			expect(another.duplicate).toBe(waits.length > 1);
		};
		await expect(act(randomUUID())).rejects.toMatchObject({ code });
	});
});

it('those who wait are not more than a thousand: who comes then is told at once', async () => {
	let release = () => {};
	const held = new Promise<void>((resolve) => {
		release = resolve;
	});
	meanwhile = () => held;
	const id = randomUUID();
	const found = Array.from({ length: 1_000 }, () => late.find(TOPIC, id));
	expect(await late.find(TOPIC, id)).toEqual([]);
	await arrive(id);
	release();
	expect(new Set((await Promise.all(found)).map(([found]) => found?.event.id))).toEqual(new Set([id]));
	expect(waits).toHaveLength(1_000);
});

it('a real wait ends when it is closed', async () => {
	const health = createStoreHealth(store, pino({ level: 'silent' }));
	const real = createLateComments({ store, isAbroad: true, health });
	const found = real.find(TOPIC, randomUUID());
	await Promise.all([expect(found).rejects.toMatchObject({ code: 'shutting_down' }), real.close(), real.close()]);
	await expect(real.find(TOPIC, randomUUID())).rejects.toMatchObject({ code: 'shutting_down' });
});
