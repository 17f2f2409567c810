import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { appendEach, comment, deleteOf, endOf } from '../../test/log-commands.ts';
import { describeContracts } from '../../test/store-contracts.ts';
import type { StorePlace } from '../../test/store-place.ts';
import { makeDirectory, removeDirectory, testDirectory } from '../../test/temporary-directory.ts';
import { revisionOf } from '../delivery/likes.ts';
import { markSqliteRestored } from './sqlite-restored.ts';
import { createSqliteStore } from './sqlite-store.ts';
import { type LikeCommand, type Store, StoreError } from './store.ts';

const WORKER = new URL('../../dist/sqlite-worker.js', import.meta.url);

const open = (directory: string, region = 'north'): Promise<Store> => createSqliteStore(directory, region, WORKER);

/** Opens a store for the test that runs. */
async function opened(directory: string): Promise<Store> {
	const store = await open(directory);
	onTestFinished(() => store.close());
	return store;
}

const like = (id: string): LikeCommand => ({
	kind: 'like',
	video: 'v1',
	id,
	user: 'ann',
	type: 'heart',
	once: false,
	at: 1,
});

/** The first schema, with a like. */
const SCHEMA_1 = `
	CREATE TABLE store (name TEXT NOT NULL, epoch INTEGER NOT NULL) STRICT;
	CREATE TABLE likes (video TEXT NOT NULL, id TEXT NOT NULL, user TEXT NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL,
		taken_back_at INTEGER, PRIMARY KEY (video, id)) STRICT, WITHOUT ROWID;
	CREATE TABLE once (video TEXT NOT NULL, type TEXT NOT NULL, user TEXT NOT NULL, id TEXT NOT NULL,
		PRIMARY KEY (video, type, user)) STRICT, WITHOUT ROWID;
	CREATE TABLE totals (video TEXT NOT NULL, type TEXT NOT NULL, added INTEGER NOT NULL, removed INTEGER NOT NULL,
		PRIMARY KEY (video, type)) STRICT, WITHOUT ROWID;
	INSERT INTO store VALUES ('s-0123456789abcdef', 7);
	INSERT INTO totals VALUES ('v1', 'heart', 3, 1);
	PRAGMA user_version = 1;
`;

/** What the second one added, with more likes, and what another region said. */
const SCHEMA_2 = `
	${SCHEMA_1}
	ALTER TABLE store RENAME COLUMN name TO region;
	UPDATE store SET region = 'north';
	ALTER TABLE totals ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
	CREATE INDEX totals_by_change ON totals (changed, video, type);
	CREATE TABLE replicas (video TEXT NOT NULL, region TEXT NOT NULL, type TEXT NOT NULL, epoch INTEGER NOT NULL,
		added INTEGER NOT NULL, removed INTEGER NOT NULL, PRIMARY KEY (video, region, type)) STRICT, WITHOUT ROWID;
	CREATE TABLE regions (region TEXT PRIMARY KEY, epoch INTEGER, at TEXT, complete_epoch INTEGER) STRICT, WITHOUT ROWID;
	INSERT INTO likes VALUES ('v1', 'a', 'ann', 'heart', 1, NULL);
	INSERT INTO replicas VALUES ('v1', 'south', 'heart', 3, 5, 0);
	INSERT INTO regions VALUES ('south', 3, 'here', 3);
	PRAGMA user_version = 2;
`;

/** The third one's tables of logs, and of what ended, with two comments of one time, and two videos that are over. */
const SCHEMA_3 = `
	${SCHEMA_2}
	CREATE TABLE log (topic TEXT NOT NULL, region TEXT NOT NULL, number INTEGER NOT NULL, epoch INTEGER NOT NULL,
		id TEXT NOT NULL, kind TEXT NOT NULL, author TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL, parent TEXT,
		PRIMARY KEY (topic, region, number)) STRICT;
	CREATE INDEX log_by_id ON log (topic, id);
	CREATE INDEX log_by_time ON log (topic, at, id) WHERE kind = 'comment';
	CREATE INDEX log_of_others ON log (region, epoch) WHERE epoch > 0;
	CREATE TABLE logs_of_others (topic TEXT NOT NULL, region TEXT NOT NULL, epoch INTEGER NOT NULL,
		through INTEGER NOT NULL, PRIMARY KEY (topic, region)) STRICT, WITHOUT ROWID;
	CREATE TABLE registers (topic TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, ord REAL NOT NULL,
		value TEXT NOT NULL, region TEXT NOT NULL, PRIMARY KEY (topic, kind, key)) STRICT, WITHOUT ROWID;
	CREATE VIEW ends AS SELECT video, added AS at FROM totals WHERE type = ':ended'
		UNION ALL SELECT video, added FROM replicas AS said WHERE type = ':ended';
	CREATE INDEX totals_of_ended ON totals (video) WHERE type = ':ended';
	CREATE INDEX replicas_of_ended ON replicas (video) WHERE type = ':ended';
	INSERT INTO log VALUES
		('video:v1', 'north', 1, 0, 'b', 'comment', 'ann', 5, '{"text":"first"}', NULL),
		('video:v1', 'north', 2, 0, 'a', 'comment', 'ann', 5, '{"text":"second"}', NULL);
	INSERT INTO totals VALUES ('v1', ':log', 2, 0, 1), ('v1', ':ended', 10, 0, 2);
	INSERT INTO replicas VALUES ('v2', 'south', ':ended', 3, 20, 0);
	INSERT INTO likes VALUES ('/comment:a.v1', 'x', 'ann', 'heart', 1, NULL), ('v2', 'y', 'ann', 'heart', 1, NULL);
	PRAGMA user_version = 3;
`;

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
	it('makes the directory, and those above it, when missing', async () => {
		const directory = join(testDirectory(), 'a', 'b');
		await opened(directory);
		expect(readdirSync(directory)).toContain('likewire.db');
	});

	it('refuses a directory that another store holds, and takes it once that is closed', async () => {
		const directory = testDirectory();
		const first = await open(directory);
		await expect(open(directory)).rejects.toThrow('another gateway is using this directory');
		await expect(open(directory)).rejects.toBeInstanceOf(StoreError);
		await first.commit([like('a')]);
		await first.close();
		expect(revisionOf((await (await opened(directory)).read(['v1'])).get('v1') ?? {})).toBe(1);
	});

	it('can be read by others while it is open', async () => {
		const directory = testDirectory();
		const store = await opened(directory);
		await store.commit([like('a')]);
		const reader = new Database(join(directory, 'likewire.db'), { readonly: true });
		onTestFinished(() => {
			reader.close();
		});
		expect(reader.prepare('SELECT video, id, user, type FROM likes').all()).toEqual([
			{ video: 'v1', id: 'a', user: 'ann', type: 'heart' },
		]);
	});

	it('takes over a database from before regions: it becomes that of the first that opens it', async () => {
		const directory = testDirectory();
		const old = new Database(join(directory, 'likewire.db'));
		old.exec(SCHEMA_1);
		old.close();
		const store = await open(directory, 'south');
		expect((await store.read(['v1'])).get('v1')).toEqual({ south: { epoch: 7, counts: { heart: [3, 1] } } });
		expect([...(await store.changes(undefined, 10)).rows.keys()]).toEqual(['v1']);
		await store.close();
		await expect(open(directory, 'north')).rejects.toThrow(/belongs to region south/);
	});

	it('takes over a database from before logs: what was there stays, and comments are taken', async () => {
		const directory = testDirectory();
		const old = new Database(join(directory, 'likewire.db'));
		old.exec(SCHEMA_2);
		old.close();
		const store = await opened(directory);
		const south = { epoch: 3, counts: { heart: [5, 0] } };
		expect((await store.read(['v1'])).get('v1')).toEqual({ north: { epoch: 7, counts: { heart: [3, 1] } }, south });
		expect(await store.positions()).toEqual(new Map([['south', { epoch: 3, at: 'here' }]]));
		expect((await store.commit([like('a'), like('b')])).outcomes).toEqual([
			{ kind: 'duplicate', id: 'a' },
			{ kind: 'counted' },
		]);
		expect(await appendEach(store, comment(), endOf(), comment())).toEqual(['added', 'ended', 'videoEnded']);
		expect((await store.read(['v1'])).get('v1')).toMatchObject({ north: { counts: { ':log': [1, 0] } }, south });
	});

	it('takes over a database from before comments stood in the order of their logs, and likes of them were forgotten', async () => {
		const directory = testDirectory();
		const old = new Database(join(directory, 'likewire.db'));
		old.exec(SCHEMA_3);
		old.close();
		const store = await opened(directory);
		const { comments, next } = await store.history('video:v1', undefined, 1);
		expect(comments.map(({ id }) => id)).toEqual(['a']);
		expect((await store.history('video:v1', next, 1)).comments.map(({ id }) => id)).toEqual(['b']);
		expect(await store.prune(15, 10)).toEqual({ likes: 2, more: false });
		expect(await store.prune(25, 10)).toEqual({ likes: 1, more: false });
	});

	it('has nothing left of the text of a deleted comment in its file', async () => {
		const directory = testDirectory();
		const store = await opened(directory);
		const secret = 'what-nobody-should-have-said';
		const one = comment({ data: { text: secret } });
		await store.append([one, comment({ data: { text: 'kept-text' } })]);
		await store.append([deleteOf(one)]);
		await store.close();
		const content = readFileSync(join(directory, 'likewire.db')).toString('latin1');
		expect([content.includes('kept-text'), content.includes(secret)]).toEqual([true, false]);
	});

	it('refuses a database of a newer gateway and leaves it alone', async () => {
		const directory = testDirectory();
		await (await open(directory)).close();
		const file = join(directory, 'likewire.db');
		const newer = new Database(file);
		newer.pragma('user_version = 99');
		newer.close();
		await expect(open(directory)).rejects.toThrow(/schema 99.*newer gateway/);
		const after = new Database(file);
		expect(after.pragma('user_version', { simple: true })).toBe(99);
		after.close();
	});

	it.each([
		['a text', 'this is no database at all, '.repeat(400)],
		['a database cut to its first bytes', 'SQLite format 3\0'],
	])('refuses a file that is %s, and says so', async (_, content) => {
		const directory = testDirectory();
		writeFileSync(join(directory, 'likewire.db'), content);
		await expect(open(directory)).rejects.toThrow(/not a database|malformed|corrupt/);
	});

	it('refuses a database whose pages are damaged', async () => {
		const directory = testDirectory();
		await (await open(directory)).close();
		writeFileSync(join(directory, 'likewire.db'), Buffer.alloc(8_192, 0xaa), { flag: 'r+' });
		await expect(open(directory)).rejects.toThrow(/not a database|malformed|corrupt/);
	});

	it('is not marked as restored while it is open, for another region, or where there is none', async () => {
		const directory = testDirectory();
		expect(() => markSqliteRestored(directory, 'north')).toThrow(/there is no database in/);
		expect(readdirSync(directory)).toEqual([]);
		const store = await open(directory);
		expect(() => markSqliteRestored(directory, 'north')).toThrow(/another gateway is using this directory/);
		await store.close();
		expect(() => markSqliteRestored(directory, 'south')).toThrow(/belongs to region north, not to south/);
		expect(() => markSqliteRestored(directory, 'south')).toThrow(StoreError);
	});

	it('refuses a directory that is a file, and one it cannot make', async () => {
		const file = join(testDirectory(), 'file');
		writeFileSync(file, '');
		await expect(open(file)).rejects.toBeInstanceOf(StoreError);
		await expect(open(join(file, 'below'))).rejects.toBeInstanceOf(StoreError);
	});

	it('refuses a directory where the database is a directory', async () => {
		const directory = testDirectory();
		mkdirSync(join(directory, 'likewire.db'));
		await expect(open(directory)).rejects.toThrow(/unable to open/);
	});

	it('can be opened after a failed attempt was mended', async () => {
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
