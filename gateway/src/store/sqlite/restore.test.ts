import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { CLUSTER_SECRET } from '../../../test/cluster.ts';
import { freePort } from '../../../test/free-port.ts';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { like, totalsOf } from '../../../test/http-client.ts';
import { inDirectory, storeCommand } from '../../../test/store-command.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';
import { SqliteDatabase } from './database.ts';
import { databaseFile } from './file.ts';

const KILL_AT = fileURLToPath(new URL('../../../test/kill-at.mjs', import.meta.url));

/** Resolves with the directory of a killed gateway with likes of a video, whose log still exists. */
async function killedGateway(likes: number, backupAfter: number, backup: string): Promise<string> {
	const dataDir = testDirectory();
	const gateway = await GatewayProcess.serving(dataDir);
	for (let given = 0; given < likes; given++) {
		if (given === backupAfter)
			expect(await storeCommand(['backup', backup, ...inDirectory(dataDir)])).toMatchObject({ code: 0 });
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

describe('likewire store restore', () => {
	it('restores the likes of the backup after a crash, in a new epoch, and keeps the old database', async () => {
		const file = join(testDirectory(), 'backup.db');
		const dataDir = await killedGateway(30, 20, file);
		const done = await storeCommand(['restore', file, ...inDirectory(dataDir)]);
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
		expect(await storeCommand(['backup', file, ...inDirectory(source)])).toMatchObject({ code: 0 });
		const fresh = join(testDirectory(), 'made');
		expect(await storeCommand(['restore', file, ...inDirectory(fresh)])).toMatchObject({
			code: 0,
			stdout: expect.stringContaining('No database existed before.'),
		});
		likesIn(fresh);
		const damaged = testDirectory();
		for (const ending of ['', '-wal', '-shm']) writeFileSync(databaseFile(damaged) + ending, 'nonsense '.repeat(2_000));
		expect(await storeCommand(['restore', file, ...inDirectory(damaged)])).toMatchObject({ code: 0 });
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
			const { code, stdout, stderr } = await storeCommand(['restore', ...args, ...inDirectory(dataDir)]);
			expect([code, stdout]).toEqual([1, '']);
			expect(stderr).toMatch(reason);
			expect(readdirSync(dataDir).sort()).toEqual(files);
			expect(likesIn(dataDir)).toEqual(before);
		}
		const gateway = await GatewayProcess.serving(dataDir);
		const busy = await storeCommand(['restore', file('good'), ...inDirectory(dataDir)]);
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
			const { signal, stderr } = await storeCommand(['restore', file, ...inDirectory(dataDir)], {
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

describe('likewire store, for one of two regions', () => {
	it('restores after a crash, and the other region shows the likes of the backup', async () => {
		const file = join(testDirectory(), 'backup.db');
		const [north, south] = await twoRegions();
		for (let given = 0; given < 5; given++) await like(north.gateway, 'v');
		await like(south.gateway, 'v');
		const settings = [...inDirectory(north.dataDir), '--region', 'north'];
		expect(await storeCommand(['backup', file, ...settings])).toMatchObject({ code: 0 });
		for (let given = 0; given < 5; given++) await like(north.gateway, 'v');
		await expect.poll(() => totalsOf(south.gateway, 'v')).toEqual({ heart: 11 });
		north.gateway.kill('SIGKILL');
		await north.gateway.ended();
		expect(await storeCommand(['restore', file, ...settings])).toMatchObject({ code: 0 });
		const restored = await north.start();
		// The other region sends its like again.
		await like(restored, 'v');
		for (const gateway of [restored, south.gateway]) {
			await expect.poll(() => totalsOf(gateway, 'v'), { timeout: 100_000 }).toEqual({ heart: 7 });
		}
	});
});
