import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { totalsOf } from '../../../test/http-client.ts';
import { LikeLoad, storedLikes } from '../../../test/like-load.ts';
import { inDirectory, storeCommand } from '../../../test/store-command.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';
import { SqliteDatabase } from './database.ts';
import { databaseFile } from './file.ts';

describe('likewire store backup', () => {
	it('copies one moment of a database during writes', async () => {
		const dataDir = testDirectory();
		const file = join(testDirectory(), 'backup.db');
		const gateway = await GatewayProcess.serving(dataDir);
		const load = new LikeLoad(gateway, 'v');
		await expect.poll(() => load.idsWith(201).length).toBeGreaterThan(200);
		const answered = load.idsWith(201);
		const done = await storeCommand(['backup', file, ...inDirectory(dataDir)]);
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
		const refused = await storeCommand(['backup', file, ...inDirectory(dataDir)]);
		expect(refused).toMatchObject({ code: 1, stdout: '' });
		expect(refused.stderr).toMatch(/^likewire: .*the file exists; name another one, or add --overwrite\n$/);
		expect(readFileSync(file, 'utf8')).toBe('mine');
		expect(await storeCommand(['backup', file, '--overwrite', ...inDirectory(dataDir)])).toMatchObject({ code: 0 });
		expect(readFileSync(file, 'utf8')).toMatch(/^SQLite format 3/);
	});

	it('prints why it made no backup, and leaves no part of one', async () => {
		const [empty, other, backups] = [testDirectory(), testDirectory(), testDirectory()];
		new SqliteDatabase(other, 'north').close();
		const file = join(backups, 'backup.db');
		for (const [args, reason] of [
			[[file, ...inDirectory(empty)], /the directory has no database/],
			[[file, ...inDirectory(other)], /belongs to region north, not to local/],
			[[join(backups, 'missing', 'backup.db'), ...inDirectory(other), '--region', 'north'], /cannot back up .*missing/],
			[[], /requires the name of a file/],
		] as const) {
			const { code, stdout, stderr } = await storeCommand(['backup', ...args]);
			expect([code, stdout]).toEqual([1, '']);
			expect(stderr).toMatch(reason);
		}
		expect(readdirSync(backups)).toEqual([]);
		expect(readdirSync(empty)).toEqual([]);
	});
});
