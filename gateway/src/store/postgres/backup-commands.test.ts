import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { like, totalsOf } from '../../../test/http-client.ts';
import { describeWithPostgres, sharePostgres } from '../../../test/postgres.ts';
import { storeCommand } from '../../../test/store-command.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';

describe('likewire store, on PostgreSQL without a server', () => {
	const env = { LIKEWIRE_DATABASE_URL: 'postgres://likewire@127.0.0.1:9/likewire' };

	it('fails, and names the commands of PostgreSQL', async () => {
		const backup = await storeCommand(['backup', '/backup/likewire.dump'], env);
		expect(backup).toMatchObject({ code: 1, stdout: '' });
		expect(backup.stderr).toMatch(/nothing was backed up: .*pg_dump .*--file \/backup\/likewire\.dump/);
		const restore = await storeCommand(['restore', "it's here"], env);
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
		expect(await run((await storeCommand(['backup', file], env)).stderr, url)).toBe(0);
		await like(gateway, 'v');
		const restore = (await storeCommand(['restore', file], env)).stderr;
		expect(await run(restore, url)).toBe(0);
		expect(await storeCommand(['restored'], env)).toMatchObject({ code: 0 });
		await expect.poll(() => totalsOf(gateway, 'v')).toEqual({ heart: 1 });
		writeFileSync(file, 'no backup');
		expect(await run(restore, url)).not.toBe(0);
		expect(await totalsOf(gateway, 'v')).toEqual({ heart: 1 });
	});
});
