import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { like, totalsOf } from '../../../test/http-client.ts';
import { describeWithPostgres, sharePostgres } from '../../../test/postgres.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';
import { databaseFile } from '../sqlite/file.ts';

/** Runs `likewire store restored`, and resolves with its exit code and output. */
async function restored(args: readonly string[], env: Record<string, string> = {}) {
	const command = new GatewayProcess({ args: ['store', 'restored', ...args], env });
	const { code } = await command.ended();
	return { code, stdout: command.stdout, stderr: command.stderr };
}

const DONE = /^The store of region local has epoch \d{13} now, after \d{13}: .*\n$/;

describe('likewire store restored', () => {
	it('marks a SQLite database that no gateway uses, and prints both epochs', async () => {
		const dataDir = testDirectory();
		const gateway = await GatewayProcess.serving(dataDir);
		await like(gateway, 'v');
		const busy = await restored(['--data-dir', dataDir]);
		expect(busy).toMatchObject({ code: 1, stdout: '' });
		expect(busy.stderr).toMatch(/^likewire: cannot mark .*another gateway is using this directory\n$/);
		gateway.kill('SIGTERM');
		await gateway.ended();

		expect(await restored([], { LIKEWIRE_DATA_DIR: dataDir })).toMatchObject({
			code: 0,
			stdout: expect.stringMatching(DONE),
			stderr: '',
		});
		expect(await totalsOf(await GatewayProcess.serving(dataDir), 'v')).toEqual({ heart: 1 });
	});

	it('replaces an epoch of a wrong clock, and prints the next steps', async () => {
		const dataDir = testDirectory();
		const directory = ['--data-dir', dataDir];
		const gateway = await GatewayProcess.serving(dataDir);
		await like(gateway, 'v');
		gateway.kill('SIGTERM');
		await gateway.ended();
		const database = new Database(databaseFile(dataDir));
		database.prepare('UPDATE store SET epoch = ?').run(Date.now() + 86_400_000);
		database.close();
		const { code, stdout } = await restored(directory);
		expect([code, stdout]).toEqual([
			0,
			expect.stringMatching(/which was in the future: restart all nodes of the region/),
		]);
		expect(await restored(directory)).toMatchObject({ code: 0, stdout: expect.stringMatching(DONE) });
	});

	it('prints the problem, and creates nothing', async () => {
		const dataDir = testDirectory();
		const missing = await restored(['--data-dir', dataDir]);
		expect(missing).toMatchObject({ code: 1, stdout: '' });
		expect(missing.stderr).toMatch(/^likewire: no database in /);
		const wrong = await restored(['--data-dir', dataDir, '--colour=red', 'twice']);
		expect([wrong.code, wrong.stderr.split('\n')]).toEqual([
			1,
			[expect.stringContaining("'twice'"), expect.stringContaining('--colour'), ''],
		]);
	});

	it('prints its own help', async () => {
		const help = await restored(['--help']);
		expect([help.code, help.stderr]).toEqual([0, '']);
		expect(help.stdout).toContain('likewire store restored');
		expect(help.stdout).not.toContain('--window-ms');
	});
});

describeWithPostgres('likewire store restored, on PostgreSQL', () => {
	const postgres = sharePostgres();

	it('marks a store that is in use, but none of another region', async () => {
		const url = await postgres().createDatabase();
		const none = await restored(['--database-url', url]);
		expect(none).toMatchObject({ code: 1, stdout: '' });
		expect(none.stderr).toMatch(/the database has no store/);
		const gateway = await GatewayProcess.serving(testDirectory(), { env: { LIKEWIRE_DATABASE_URL: url } });
		await like(gateway, 'v');
		const other = await restored(['--database-url', url, '--region', 'south']);
		expect(other).toMatchObject({ code: 1, stdout: '' });
		expect(other.stderr).toMatch(/belongs to region local, not to south/);
		expect(await restored(['--database-url', url])).toMatchObject({ code: 0, stdout: expect.stringMatching(DONE) });
		await like(gateway, 'v');
		expect(await totalsOf(gateway, 'v')).toEqual({ heart: 2 });
	});

	it('gives up when another session writes all the time, and does not block likes', async () => {
		const url = await postgres().createDatabase();
		const gateway = await GatewayProcess.serving(testDirectory(), { env: { LIKEWIRE_DATABASE_URL: url } });
		await like(gateway, 'v');
		const written = await postgres().hold('LOCK TABLE likewire.topics IN ROW EXCLUSIVE MODE', url);
		onTestFinished(written);
		const late = await restored(['--database-url', url]);
		expect(late).toMatchObject({ code: 1, stdout: '' });
		expect(late.stderr).toMatch(/cannot mark the store as restored: .*lock timeout/);
		await like(gateway, 'v');
	});
});
