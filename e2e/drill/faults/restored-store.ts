import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../../local-cluster/cleanup.ts';
import { BUILT_GATEWAY } from '../../../local-cluster/nodes/local-node.ts';
import type { LocalPostgres } from '../../../local-cluster/nodes/local-postgres.ts';
import { until } from '../../../local-cluster/until.ts';
import { readPostgres } from '../audit/postgres-audit.ts';
import { readStore } from '../audit/store-audit.ts';
import type { DrillCluster } from '../environment/drill-cluster.ts';
import { NODES, REGIONS } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';
import { headsOf } from '../viewers/comment-audit.ts';

const REGION = 'eu';

/** The region of a cluster without other regions has no name in the drill. */
const ONLY_REGION = '';

/** The least number of likes after the backup, which the restore loses. */
const LOST = 50;

/** The steps of an operator to back up and restore a store. */
interface BackupProcedure {
	/** Counts the likes in the store. */
	countLikes(): Promise<number>;
	backUp(file: string): Promise<void>;
	/** Puts the backup in place, and records the heads of its logs. */
	putBack(file: string): Promise<void>;
	/** Starts the stopped nodes, or marks the store as restored. */
	finish(): Promise<void>;
}

/** Runs `likewire store …`, and resolves with its output, whatever its exit code. */
async function likewireStore(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
	const command = [BUILT_GATEWAY, 'store', ...args];
	const running = promisify(execFile)(process.execPath, command, { env: { PATH: process.env.PATH, ...env } });
	const { stdout, stderr } = await running.catch(
		(ended: { readonly stdout: string; readonly stderr: string }) => ended,
	);
	return (stdout + stderr).trim();
}

/** SQLite: `likewire store backup` and `store restore`. */
function sqliteProcedure(target: DrillCluster): BackupProcedure {
	const { likesNode } = target;
	const dataDir = ['--data-dir', likesNode.dataDir];
	return {
		countLikes: async () => [...(await target.store()).ids.values()].reduce((sum, { size }) => sum + size, 0),
		async backUp(file) {
			const printed = await likewireStore(['backup', file, ...dataDir]);
			if (!printed.startsWith('Backed up')) throw new Error(printed);
		},
		async putBack(file) {
			// A crash leaves the write-ahead log of the old database.
			await likesNode.kill();
			const printed = await likewireStore(['restore', file, ...dataDir]);
			if (!printed.startsWith('Restored')) throw new Error(printed);
			target.noteRestored(ONLY_REGION, headsOf(readStore(likesNode.dataDir, target.videos).logs));
		},
		finish: () => likesNode.start(),
	};
}

function postgresOf(target: DrillCluster): LocalPostgres {
	const { postgres } = target.region(REGION);
	if (postgres === undefined) throw new Error(`${REGION} has no PostgreSQL`);
	return postgres;
}

async function countLikes({ server, url }: LocalPostgres): Promise<number> {
	const [row] = await server.query<{ likes: string }>('SELECT count(*) AS likes FROM likewire.likes', url);
	return Number(row?.likes);
}

/** PostgreSQL: the commands that `likewire store backup` and `store restore` print, with stopped Likes nodes. */
function postgresProcedure(target: DrillCluster): BackupProcedure {
	const postgres = postgresOf(target);
	const { likes } = target.region(REGION).cluster;
	const env = { LIKEWIRE_DATABASE_URL: postgres.url, LIKEWIRE_REGION: REGION };

	/** Runs the shell command that `likewire store` prints. */
	async function runPrinted(verb: 'backup' | 'restore', file: string): Promise<void> {
		const message = await likewireStore([verb, file], env);
		const line = message.slice(message.indexOf('pg_'));
		const likewire = `likewire() { "${process.execPath}" "${BUILT_GATEWAY}" "$@"; }`;
		const code = await postgres.server.shell(`${likewire}; ${line}`, env);
		if (code !== 0) throw new Error(`'${line}' ended with ${code}`);
	}

	return {
		countLikes: () => countLikes(postgres),
		backUp: (file) => runPrinted('backup', file),
		async putBack(file) {
			await Promise.all(likes.map((node) => node.stop()));
			await runPrinted('restore', file);
			target.noteRestored(REGION, headsOf((await readPostgres(postgres, target.videos)).logs));
		},
		finish: async () => void (await Promise.all(likes.map((node) => node.start()))),
	};
}

/** Replaces a database in use with the backup: its nodes lose their connections, and reconnect to the backup. */
function replacingProcedure(target: DrillCluster): BackupProcedure {
	const postgres = postgresOf(target);
	const { server, url } = postgres;
	return {
		countLikes: () => countLikes(postgres),
		backUp: (file) => server.run('pg_dump', '--format=custom', '--file', file, url),
		async putBack(file) {
			const restored = await server.createDatabase('restored');
			await server.run('pg_restore', '--no-owner', '--dbname', restored, file);
			target.noteRestored(REGION, headsOf((await readPostgres({ server, url: restored }, target.videos)).logs));
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
		},
		async finish() {
			target.note(await likewireStore(['restored', '--region', REGION], { LIKEWIRE_DATABASE_URL: url }));
		},
	};
}

/** Forgets the writes that the restore lost, and resolves with their numbers. */
async function forgetLost(
	target: DrillCluster,
	before: number,
): Promise<{ likes: number; comments: number; deletions: number }> {
	const { load } = target;
	const { ids, logs } = await target.store();
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

/** Restores a backup that was made under load, after more likes. */
async function restoreBackup(
	target: DrillCluster,
	{ countLikes, backUp, putBack, finish }: BackupProcedure,
): Promise<void> {
	const { load } = target;
	const directory = makeOwnedDirectory();
	try {
		const file = join(directory, 'backup');
		await backUp(file);
		const before = await countLikes();
		await until(async () => (await countLikes()) >= before + LOST, { what: 'likes after the backup' });
		await putBack(file);
		const putBackAt = performance.now();
		await finish();
		load.stop();
		// Deletions are excluded: the deletion of a lost comment would be retried forever.
		await until(() => load.likes.waiting === 0 && load.comments.unwritten === 0, { what: 'answers' });
		const { likes, comments, deletions } = await forgetLost(target, putBackAt);
		if (likes < LOST) throw new Error(`only ${likes} likes are lost: the backup is not in place`);
		target.note(`${likes} likes, ${comments} comments and ${deletions} deletions after the backup are lost`);
	} finally {
		removeOwnedDirectory(directory);
	}
}

const RESTORED = {
	lastsMs: 2_000,
	lastLike: 'as it hits',
	viewersAgree: 'after it',
	// Owners read their topics from the store every 30 s, and regions read each other's changes as often.
	boundMs: 35_000,
	totalsMayFall: true,
	// Viewers received events after the backup that are lost, and whose offsets are assigned again.
	gaps: ['restored'],
} as const;

/** Restores the SQLite store of a cluster without other regions. */
export const restoredSqlite: Fault = {
	...RESTORED,
	name: 'sqlite-restored',
	about: '`likewire store backup` under load, kill -9 of the Likes node, and `likewire store restore`',
	topology: NODES,
	inject: (target) => restoreBackup(target, sqliteProcedure(target)),
};

/** Restores the PostgreSQL store of a region. */
export const restoredPostgres: readonly Fault[] = [
	{
		...RESTORED,
		name: 'postgres-restored',
		about: 'the backup and restore that `likewire store` prints for PostgreSQL, with stopped Likes nodes',
		topology: REGIONS,
		inject: (target) => restoreBackup(target, postgresProcedure(target)),
	},
	{
		...RESTORED,
		name: 'store-restored',
		about: 'a backup replaces the database while all nodes run, then `likewire store restored`',
		topology: REGIONS,
		inject: (target) => restoreBackup(target, replacingProcedure(target)),
	},
];
