import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { renameDurably, syncDirectory } from './durable-files.ts';

/**
 * The steps that replace a database by a backup.
 *
 * A process that is killed leaves either the old database or the backup.
 *
 * 1. It copies the backup to `likewire.db.preparing`, checks it and sets its epoch. If killed here, the old database stays.
 * 2. It renames the copy to `likewire.db.prepared`. From here on the backup counts.
 * 3. It renames the files of the old database, then the copy. If killed here, the next process that opens the directory
 *    finishes this step before it opens any database.
 */
const PREPARING = 'likewire.db.preparing';
const PREPARED = 'likewire.db.prepared';

/** The database comes last: without it, no file is left to move. */
const ENDINGS = ['-wal', '-shm', ''] as const;

/** Returns the path at which a restore prepares the copy of a backup. */
export function preparingFile(directory: string): string {
	return join(directory, PREPARING);
}

/**
 * Replaces the database by the prepared copy, in a directory that this process holds.
 *
 * Returns the path of the old database; undefined if the directory had none. If it throws, the old database is in place.
 */
export function putInPlace(directory: string, database: string): string | undefined {
	renameDurably(preparingFile(directory), join(directory, PREPARED));
	return finish(directory, database);
}

/** Finishes an interrupted restore in a directory of this process, or removes its incomplete copy. */
export function finishRestore(directory: string, database: string): void {
	if (existsSync(join(directory, PREPARED))) finish(directory, database);
	removePreparing(directory);
}

/** Removes an incomplete copy, if any. */
export function removePreparing(directory: string): void {
	for (const ending of ['', '-journal', '-wal', '-shm']) rmSync(preparingFile(directory) + ending, { force: true });
}

function finish(directory: string, database: string): string | undefined {
	const prepared = join(directory, PREPARED);
	// The name is the same in each process that gets here: a log is lost without its database.
	const aside = `${database}.before-${statSync(prepared).mtime.toISOString().replaceAll(/[:.]/g, '-')}`;
	const moved: (readonly [from: string, to: string])[] = [];
	try {
		for (const ending of ENDINGS) {
			if (!existsSync(database + ending)) continue;
			renameSync(database + ending, aside + ending);
			moved.push([database + ending, aside + ending]);
		}
		// The rename of the old log reaches the disk before the backup gets its name: SQLite would apply that log to it.
		syncDirectory(directory);
		renameDurably(prepared, database);
	} catch (error) {
		for (const [from, to] of moved.reverse()) renameSync(to, from);
		rmSync(prepared, { force: true });
		throw error;
	}
	return existsSync(aside) ? aside : undefined;
}
