import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { CLUSTER_SECRET } from '../../../test/cluster.ts';
import { freePort } from '../../../test/free-port.ts';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { like, totalsOf } from '../../../test/http-client.ts';
import { LikeLoad, storedLikes } from '../../../test/like-load.ts';
import { describeWithPostgres, sharePostgres } from '../../../test/postgres.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';
import { SqliteDatabase } from './database.ts';
import { databaseFile } from './file.ts';

const KILL_AT = fileURLToPath(new URL('../../../test/kill-at.mjs', import.meta.url));

/** Runs a command of `likewire store`, and resolves with its exit code and output. */
async function store(args: readonly string[], env: Record<string, string> = {}) {
	const command = new GatewayProcess({ args: ['store', ...args], env });
	const { code, signal } = await command.ended();
	return { code, signal, stdout: command.stdout, stderr: command.stderr };
}

const dir = (dataDir: string) => ['--data-dir', dataDir];

/** Resolves with the directory of a killed gateway with likes of a video, whose log still exists. */
async function killedGateway(likes: number, backupAfter: number, backup: string): Promise<string> {
	const dataDir = testDirectory();
	const gateway = await GatewayProcess.serving(dataDir);
	for (let given = 0; given < likes; given++) {
		if (given === backupAfter) expect(await store(['backup', backup, ...dir(dataDir)])).toMatchObject({ code: 0 });
		await like(gateway, 'v');
	}
	gateway.kill('SIGKILL');
	await gateway.ended();
	expect(existsSync(`${databaseFile(dataDir)}-wal`)).toBe(true);
	return dataDir;
}

/** Returns what the next node finds in a directory. */
function likesIn(dataDir: string): { likes: number; epoch: number } {
	new SqliteDatabase(dataDir, 'local').close();
	const database = new Database(databaseFile(dataDir), { readonly: true });
	try {
		expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
		const row = database
			.prepare<[], { likes: number; epoch: number }>('SELECT (SELECT count(*) FROM likes) AS likes, epoch FROM store')
			.get();
		if (row === undefined) throw new Error('no store');
		return row;
	} finally {
		database.close();
	}
}

describe('likewire store backup', () => {
	it('copies one moment of a database during writes', async () => {
		const dataDir = testDirectory();
		const file = join(testDirectory(), 'backup.db');
		const gateway = await GatewayProcess.serving(dataDir);
		const load = new LikeLoad(gateway, 'v');
		await expect.poll(() => load.idsWith(201).length).toBeGreaterThan(200);
		const answered = load.idsWith(201);
		const done = await store(['backup', file, ...dir(dataDir)]);
		expect(done).toMatchObject({ code: 0, stderr: '' });
		await load.stop();

		expect(readdirSync(join(file, '..'))).toEqual(['backup.db']);
		const copy = testDirectory();
		copyFileSync(file, databaseFile(copy));
		const ids = storedLikes(copy, 'v');
		expect(answered.filter((id) => !ids.has(id))).toEqual([]);
		expect(done.stdout).toMatch(
			new RegExp(
				`^Backed up .* to ${file}: ${statSync(file).size} bytes, ${ids.size} likes, 0 comments, epoch \\d+\\.\n$`,
			),
		);
		expect(await totalsOf(await GatewayProcess.serving(copy), 'v')).toEqual({ heart: ids.size });
	});

	it('replaces a file only with --overwrite', async () => {
		const dataDir = testDirectory();
		new SqliteDatabase(dataDir, 'local').close();
		const file = join(testDirectory(), 'backup.db');
		writeFileSync(file, 'mine');
		const refused = await store(['backup', file, ...dir(dataDir)]);
		expect(refused).toMatchObject({ code: 1, stdout: '' });
		expect(refused.stderr).toMatch(/^likewire: .*the file exists; name another one, or add --overwrite\n$/);
		expect(readFileSync(file, 'utf8')).toBe('mine');
		expect(await store(['backup', file, '--overwrite', ...dir(dataDir)])).toMatchObject({ code: 0 });
		expect(readFileSync(file, 'utf8')).toMatch(/^SQLite format 3/);
	});

	it('prints why it made no backup, and leaves no part of one', async () => {
		const [empty, other, backups] = [testDirectory(), testDirectory(), testDirectory()];
		new SqliteDatabase(other, 'north').close();
		const file = join(backups, 'backup.db');
		for (const [args, reason] of [
			[[file, ...dir(empty)], /the directory has no database/],
			[[file, ...dir(other)], /belongs to region north, not to local/],
			[[join(backups, 'missing', 'backup.db'), ...dir(other), '--region', 'north'], /cannot back up .*missing/],
			[[], /requires the name of a file/],
		] as const) {
			const { code, stdout, stderr } = await store(['backup', ...args]);
			expect([code, stdout]).toEqual([1, '']);
			expect(stderr).toMatch(reason);
		}
		expect(readdirSync(backups)).toEqual([]);
		expect(readdirSync(empty)).toEqual([]);
	});
});

describe('likewire store restore', () => {
	it('restores the likes of the backup after a crash, in a new epoch, and keeps the old database', async () => {
		const file = join(testDirectory(), 'backup.db');
		const dataDir = await killedGateway(30, 20, file);
		const done = await store(['restore', file, ...dir(dataDir)]);
		expect(done).toMatchObject({ code: 0 });
		expect(done.stdout).toMatch(
			/^Restored .*: \d+ bytes, 20 likes, 0 comments, epoch \d+\. The old database is .*\.\n$/,
		);
		expect(await totalsOf(await GatewayProcess.serving(dataDir), 'v')).toEqual({ heart: 20 });

		const aside = /The old database is (.*)\.\n/.exec(done.stdout)?.[1] ?? '';
		const old = new Database(aside, { readonly: true });
		const epochs = [Number(/epoch (\d+)/.exec(done.stdout)?.[1])];
		epochs.push(
			...old
				.prepare<[], { epoch: number }>('SELECT epoch FROM store')
				.all()
				.map(({ epoch }) => epoch),
		);
		expect(old.prepare('SELECT count(*) AS likes FROM likes').get()).toEqual({ likes: 30 });
		old.close();
		expect(epochs[0]).toBeGreaterThan(epochs[1] ?? Number.POSITIVE_INFINITY);
	});

	it('restores into a new directory, and in place of a damaged database', async () => {
		const file = join(testDirectory(), 'backup.db');
		const source = testDirectory();
		new SqliteDatabase(source, 'local').close();
		expect(await store(['backup', file, ...dir(source)])).toMatchObject({ code: 0 });
		const fresh = join(testDirectory(), 'made');
		expect(await store(['restore', file, ...dir(fresh)])).toMatchObject({
			code: 0,
			stdout: expect.stringContaining('No database existed before.'),
		});
		likesIn(fresh);
		const damaged = testDirectory();
		for (const ending of ['', '-wal', '-shm']) writeFileSync(databaseFile(damaged) + ending, 'nonsense '.repeat(2_000));
		expect(await store(['restore', file, ...dir(damaged)])).toMatchObject({ code: 0 });
		likesIn(damaged);
	});

	it('refuses a file that is no backup of this store, and leaves the database as it was', async () => {
		const [dataDir, north, backups] = [testDirectory(), testDirectory(), testDirectory()];
		new SqliteDatabase(dataDir, 'local').close();
		new SqliteDatabase(north, 'north').close();
		const file = (name: string) => join(backups, name);
		for (const name of ['good', 'newer', 'damaged', 'alien', 'copied']) copyFileSync(databaseFile(dataDir), file(name));
		const edit = (name: string, sql: string) => {
			const database = new Database(file(name));
			database.exec(sql);
			database.close();
		};
		edit('newer', 'PRAGMA user_version = 99');
		edit('alien', 'DROP TABLE store');
		const bytes = readFileSync(file('damaged'));
		writeFileSync(file('damaged'), bytes.fill(7, 4_096));
		writeFileSync(`${file('copied')}-wal`, 'changes');
		writeFileSync(file('text'), 'no database '.repeat(500));
		const before = likesIn(dataDir);
		const files = readdirSync(dataDir).sort();
		for (const [args, reason] of [
			[[file('missing')], /the file does not exist/],
			[[backups], /it is not a file/],
			[[file('text')], /not a database/],
			[[file('alien')], /not the database of a Likewire store/],
			[[file('newer')], /schema.*99/],
			[[file('damaged')], /damaged|malformed/],
			[[file('copied')], /likewire store backup/],
			[[databaseFile(north)], /belongs to region north, not to local/],
			[[databaseFile(north), '--region', 'north'], /belongs to region local, not to north/],
		] as const) {
			const { code, stdout, stderr } = await store(['restore', ...args, ...dir(dataDir)]);
			expect([code, stdout]).toEqual([1, '']);
			expect(stderr).toMatch(reason);
			expect(readdirSync(dataDir).sort()).toEqual(files);
			expect(likesIn(dataDir)).toEqual(before);
		}
		const gateway = await GatewayProcess.serving(dataDir);
		const busy = await store(['restore', file('good'), ...dir(dataDir)]);
		expect(busy).toMatchObject({ code: 1, stdout: '' });
		expect(busy.stderr).toMatch(/another gateway is using this directory/);
		await like(gateway, 'v');
	});

	it('leaves the old database or the backup complete at whatever step it is killed', async () => {
		const file = join(testDirectory(), 'backup.db');
		const before = await killedGateway(6, 4, file);
		const outcomes: number[] = [];
		for (let killAt = 1; ; killAt++) {
			const dataDir = join(testDirectory(), 'data');
			cpSync(before, dataDir, { recursive: true });
			const { signal, stderr } = await store(['restore', file, ...dir(dataDir)], {
				NODE_OPTIONS: `--import=${KILL_AT}`,
				KILL_AT: String(killAt),
				KILL_BELOW: dataDir,
			});
			const { likes } = likesIn(dataDir);
			expect([4, 6]).toContain(likes);
			outcomes.push(likes);
			// A node opened the directory, so only the old database is left of the restore.
			const rest = readdirSync(dataDir).filter(
				(name) => !/^likewire\.(lock|db(\.before-[\dTZ-]+)?(-wal|-shm)?)$/.test(name),
			);
			expect(rest).toEqual([]);
			const aside = readdirSync(dataDir).find((name) => /before-[\dTZ-]+$/.test(name));
			expect(aside !== undefined).toBe(likes === 4);
			if (aside !== undefined) {
				const old = new Database(join(dataDir, aside));
				expect(old.prepare('SELECT count(*) AS likes FROM likes').get()).toEqual({ likes: 6 });
				old.close();
			}
			if (signal === null) {
				expect(stderr).not.toMatch(/cannot/);
				break;
			}
		}
		expect(outcomes.indexOf(4)).toBeGreaterThan(5);
		expect(outcomes.lastIndexOf(6)).toBeLessThan(outcomes.indexOf(4));
		expect(outcomes.length - outcomes.indexOf(4)).toBeGreaterThan(5);
	}, 600_000);
});

describe('likewire store, for one of two regions', () => {
	it('restores after a crash, and the other region shows the likes of the backup', async () => {
		const file = join(testDirectory(), 'backup.db');
		const [north, south] = await twoRegions();
		for (let given = 0; given < 5; given++) await like(north.gateway, 'v');
		await like(south.gateway, 'v');
		const settings = [...dir(north.dataDir), '--region', 'north'];
		expect(await store(['backup', file, ...settings])).toMatchObject({ code: 0 });
		for (let given = 0; given < 5; given++) await like(north.gateway, 'v');
		await expect.poll(() => totalsOf(south.gateway, 'v')).toEqual({ heart: 11 });
		north.gateway.kill('SIGKILL');
		await north.gateway.ended();
		expect(await store(['restore', file, ...settings])).toMatchObject({ code: 0 });
		const restored = await north.start();
		// The other region sends its like again.
		await like(restored, 'v');
		for (const gateway of [restored, south.gateway]) {
			await expect.poll(() => totalsOf(gateway, 'v'), { timeout: 100_000 }).toEqual({ heart: 7 });
		}
	});
});

interface Region {
	readonly dataDir: string;
	readonly gateway: GatewayProcess;
	start(): Promise<GatewayProcess>;
}

async function twoRegions(): Promise<[north: Region, south: Region]> {
	const ports = { north: await freePort(), south: await freePort() };
	async function begin(region: 'north' | 'south', other: 'north' | 'south'): Promise<Region> {
		const dataDir = testDirectory();
		const args = ['--region', region, '--regions', `${other}=127.0.0.1:${ports[other]}`];
		args.push('--internal-port', String(ports[region]), '--cluster-secret', CLUSTER_SECRET);
		const start = () => GatewayProcess.serving(dataDir, { args });
		return { dataDir, gateway: await start(), start };
	}
	return [await begin('north', 'south'), await begin('south', 'north')];
}

describe('likewire store, on PostgreSQL without a server', () => {
	const env = { LIKEWIRE_DATABASE_URL: 'postgres://likewire@127.0.0.1:9/likewire' };

	it('fails, and names the commands of PostgreSQL', async () => {
		const backup = await store(['backup', '/backup/likewire.dump'], env);
		expect(backup).toMatchObject({ code: 1, stdout: '' });
		expect(backup.stderr).toMatch(/nothing was backed up: .*pg_dump .*--file \/backup\/likewire\.dump/);
		const restore = await store(['restore', "it's here"], env);
		expect(restore).toMatchObject({ code: 1, stdout: '' });
		expect(restore.stderr).toMatch(
			/nothing was restored: .*pg_restore .* 'it'\\''s here' && likewire store restored\n$/,
		);
	});
});

describeWithPostgres('likewire store, on PostgreSQL', () => {
	const postgres = sharePostgres();

	/** Runs the command that a message names in a shell, and resolves with its exit code. */
	async function run(message: string, url: string): Promise<number> {
		const command = message.slice(message.indexOf('pg_')).trim().replace('likewire store', 'echo store');
		return postgres().shell(command, { LIKEWIRE_DATABASE_URL: url });
	}

	it('names commands that restore the backup, or fail', async () => {
		const url = await postgres().createDatabase();
		const env = { LIKEWIRE_DATABASE_URL: url };
		const file = join(testDirectory(), 'backup.dump');
		const gateway = await GatewayProcess.serving(testDirectory(), { env });
		await like(gateway, 'v');
		expect(await run((await store(['backup', file], env)).stderr, url)).toBe(0);
		await like(gateway, 'v');
		const restore = (await store(['restore', file], env)).stderr;
		expect(await run(restore, url)).toBe(0);
		expect(await store(['restored'], env)).toMatchObject({ code: 0 });
		await expect.poll(() => totalsOf(gateway, 'v')).toEqual({ heart: 1 });
		writeFileSync(file, 'no backup');
		expect(await run(restore, url)).not.toBe(0);
		expect(await totalsOf(gateway, 'v')).toEqual({ heart: 1 });
	});
});
