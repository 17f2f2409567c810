import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { comment, deleteOf } from '../../../test/log-commands.ts';
import { describeContracts } from '../../../test/store-contracts.ts';
import type { StorePlace } from '../../../test/store-place.ts';
import { makeDirectory, removeDirectory, testDirectory } from '../../../test/temporary-directory.ts';
import { revisionOf } from '../../state/counters.ts';
import { type LikeCommand, type Store, StoreError } from '../store.ts';
import { markSqliteRestored } from './restored.ts';
import { createSqliteStore } from './sqlite-store.ts';

const WORKER = new URL('../../../dist/sqlite-worker.js', import.meta.url);

const open = (directory: string, region = 'north'): Promise<Store> => createSqliteStore(directory, region, WORKER);

/** Opens a store until the end of the test. */
async function opened(directory: string): Promise<Store> {
	const store = await open(directory);
	onTestFinished(() => store.close());
	return store;
}

const like = (id: string): LikeCommand => ({
	kind: 'like',
	topic: 'video:v1',
	id,
	user: 'ann',
	type: 'heart',
	once: false,
	at: 1,
});

function makePlace(): StorePlace {
	const directory = makeDirectory();
	return {
		open: (region) => open(directory, region),
		markRestored: async () => markSqliteRestored(directory, 'north'),
		remove: () => removeDirectory(directory),
	};
}

describeContracts('SQLite', makePlace);

describe('a SQLite store', () => {
	it('creates its directory and the parents', async () => {
		const directory = join(testDirectory(), 'a', 'b');
		await opened(directory);
		expect(readdirSync(directory)).toContain('likewire.db');
	});

	it('refuses a directory that another store uses, and takes it after that closes', async () => {
		const directory = testDirectory();
		const first = await open(directory);
		await expect(open(directory)).rejects.toThrow('another gateway is using this directory');
		await expect(open(directory)).rejects.toBeInstanceOf(StoreError);
		await first.commit([like('a')]);
		await first.close();
		expect(revisionOf((await (await opened(directory)).read(['video:v1'])).get('video:v1') ?? {})).toBe(1);
	});

	it('is readable for other processes while it is open', async () => {
		const directory = testDirectory();
		const store = await opened(directory);
		await store.commit([like('a')]);
		const reader = new Database(join(directory, 'likewire.db'), { readonly: true });
		onTestFinished(() => {
			reader.close();
		});
		expect(reader.prepare('SELECT topic, id, user, type FROM likes').all()).toEqual([
			{ topic: 'video:v1', id: 'a', user: 'ann', type: 'heart' },
		]);
	});

	it('removes the text of a deleted comment from its file', async () => {
		const directory = testDirectory();
		const store = await opened(directory);
		const secret = 'a-text-to-delete';
		const one = comment({ data: { text: secret } });
		await store.append([one, comment({ data: { text: 'kept-text' } })]);
		await store.append([deleteOf(one)]);
		await store.close();
		const content = readFileSync(join(directory, 'likewire.db')).toString('latin1');
		expect([content.includes('kept-text'), content.includes(secret)]).toEqual([true, false]);
	});

	it('refuses a database with another version of the schema, and does not change it', async () => {
		const directory = testDirectory();
		await (await open(directory)).close();
		const file = join(directory, 'likewire.db');
		const other = new Database(file);
		other.pragma('user_version = 99');
		other.close();
		await expect(open(directory)).rejects.toThrow(/schema version 99, this gateway needs version 2; .*--data-dir/);
		const after = new Database(file);
		expect(after.pragma('user_version', { simple: true })).toBe(99);
		after.close();
	});

	it.each([
		['a text', 'this is no database at all, '.repeat(400)],
		['a database cut to its first bytes', 'SQLite format 3\0'],
	])('refuses a file that is %s, with the reason', async (_, content) => {
		const directory = testDirectory();
		writeFileSync(join(directory, 'likewire.db'), content);
		await expect(open(directory)).rejects.toThrow(/not a database|malformed|corrupt/);
	});

	it('refuses a database with damaged pages', async () => {
		const directory = testDirectory();
		await (await open(directory)).close();
		writeFileSync(join(directory, 'likewire.db'), Buffer.alloc(8_192, 0xaa), { flag: 'r+' });
		await expect(open(directory)).rejects.toThrow(/not a database|malformed|corrupt/);
	});

	it('is not marked as restored while it is open, for another region, or without a database', async () => {
		const directory = testDirectory();
		expect(() => markSqliteRestored(directory, 'north')).toThrow(/no database in/);
		expect(readdirSync(directory)).toEqual([]);
		const store = await open(directory);
		expect(() => markSqliteRestored(directory, 'north')).toThrow(/another gateway is using this directory/);
		await store.close();
		expect(() => markSqliteRestored(directory, 'south')).toThrow(/belongs to region north, not to south/);
		expect(() => markSqliteRestored(directory, 'south')).toThrow(StoreError);
	});

	it('refuses a directory that is a file, and one that it cannot create', async () => {
		const file = join(testDirectory(), 'file');
		writeFileSync(file, '');
		await expect(open(file)).rejects.toBeInstanceOf(StoreError);
		await expect(open(join(file, 'below'))).rejects.toBeInstanceOf(StoreError);
	});

	it('refuses a directory where the database is a directory', async () => {
		const directory = testDirectory();
		mkdirSync(join(directory, 'likewire.db'));
		await expect(open(directory)).rejects.toThrow(/likewire.db cannot be opened: EISDIR/);
	});

	it('opens after the cause of a failed attempt is repaired', async () => {
		const directory = testDirectory();
		const file = join(directory, 'likewire.db');
		writeFileSync(file, 'no database '.repeat(500));
		await expect(open(directory)).rejects.toBeInstanceOf(StoreError);
		writeFileSync(file, '');
		expect((await (await opened(directory)).commit([like('a')])).outcomes).toEqual([{ kind: 'counted' }]);
	});

	it('rejects, and does not hang, when its thread cannot start', async () => {
		const missing = new URL('./no-such-worker.js', import.meta.url);
		await expect(createSqliteStore(testDirectory(), 'north', missing)).rejects.toBeInstanceOf(StoreError);
	});
});
