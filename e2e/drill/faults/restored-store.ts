import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../cluster/belongings.ts';
import { BUILT_GATEWAY } from '../../cluster/local-node.ts';
import type { LocalPostgres } from '../../cluster/local-postgres.ts';
import { until } from '../../cluster/until.ts';
import { headsOf } from '../comment-audit.ts';
import type { Fault } from '../fault.ts';
import { readPostgres } from '../postgres-audit.ts';
import type { Stage } from '../stage.ts';
import { REGIONS } from '../topology.ts';

const REGION = 'eu';

/** So many likes are lost at the least: those that came after the backup. */
const LOST = 50;

/** Puts a backup in the place of a database that is in use: its nodes lose their connections and find the backup. */
async function putBack(stage: Stage, { server, url }: LocalPostgres, file: string): Promise<void> {
	const restored = await server.createDatabase('restored');
	await server.run('pg_restore', '--no-owner', '--dbname', restored, file);
	stage.noteRestored(REGION, headsOf((await readPostgres({ server, url: restored }, stage.videos)).logs));
	const name = new URL(url).pathname.slice(1);
	await server.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
	const connected = 'FROM pg_stat_activity WHERE datname = $1';
	await until(
		async () => {
			await server.query(`SELECT pg_terminate_backend(pid) ${connected}`, server.url(), [name]);
			return (await server.query(`SELECT ${connected}`, server.url(), [name])).length === 0;
		},
		{ what: 'connections to end' },
	);
	await server.query(`ALTER DATABASE ${name} RENAME TO before_${Date.now()}`);
	await server.query(`ALTER DATABASE restored RENAME TO ${name}`);
}

async function countLikes({ server, url }: LocalPostgres): Promise<number> {
	const [row] = await server.query<{ likes: string }>('SELECT count(*) AS likes FROM likewire.likes', url);
	return Number(row?.likes);
}

/** Tells the gateways that a store was restored, as an operator does. Answers with what that says. */
async function markRestored({ url }: LocalPostgres): Promise<string> {
	const env = { PATH: process.env.PATH, LIKEWIRE_DATABASE_URL: url };
	const command = [BUILT_GATEWAY, 'store', 'restored', '--region', REGION];
	const { stdout } = await promisify(execFile)(process.execPath, command, { env });
	return stdout.trim();
}

/** What was answered before is not there any more, unless it came before the backup. */
async function forgetLost(
	stage: Stage,
	before: number,
): Promise<{ likes: number; comments: number; deletions: number }> {
	const { load } = stage;
	const { ids, logs } = await stage.store();
	const events = [...logs.values()].flat(2);
	const idsOf = (isDeletion: boolean) =>
		new Set(events.filter(({ kind }) => (kind === 'comment-deleted') === isDeletion).map(({ comment }) => comment));
	const [written, deleted] = [idsOf(false), idsOf(true)];
	return {
		likes: load.likes.forgetLost(({ id, video }) => ids.get(video)?.has(id) ?? false, before),
		comments: load.comments.forgetLost(({ id }) => written.has(id), before),
		deletions: load.comments.forgetLostDeletions(({ id }) => deleted.has(id), before),
	};
}

export const restoredStore: Fault = {
	name: 'store-restored',
	about: 'a backup that was made under load is put back while all nodes run, and `likewire store restored` says so',
	topology: REGIONS,
	lastsMs: 2_000,
	lastLike: 'as it hits',
	viewersAgree: 'after it',
	// Regions ask each other every 30 s what changed.
	boundMs: 35_000,
	totalsMayFall: true,
	// What was told after the backup is not there any more, and its numbers are given again.
	gaps: ['restored'],
	async inject(stage) {
		const { load } = stage;
		const { postgres } = stage.region(REGION);
		if (postgres === undefined) throw new Error(`${REGION} has no PostgreSQL`);
		const directory = makeOwnedDirectory();
		try {
			const file = join(directory, 'backup');
			await postgres.server.run('pg_dump', '--format=custom', '--file', file, postgres.url);
			const before = await countLikes(postgres);
			await until(async () => (await countLikes(postgres)) >= before + LOST, { what: 'likes after the backup' });
			await putBack(stage, postgres, file);
			const putBackAt = performance.now();
			stage.note(await markRestored(postgres));
			load.stop();
			// Who deletes a comment that is gone would insist on it for ever.
			await until(() => load.likes.waiting === 0 && load.comments.unwritten === 0, { what: 'answers' });
			const lost = await forgetLost(stage, putBackAt);
			if (lost.likes < LOST) throw new Error(`only ${lost.likes} likes are gone: the backup was not put back`);
			const { likes, comments, deletions } = lost;
			stage.note(`${likes} likes, ${comments} comments and ${deletions} deletions that came after the backup are gone`);
		} finally {
			removeOwnedDirectory(directory);
		}
	},
};
