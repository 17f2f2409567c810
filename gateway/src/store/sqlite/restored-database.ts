import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { renameDurably, syncDirectory } from './durable-files.ts';

/**
 * How a backup takes the place of a database, so that a process that is killed leaves either the old one or the backup.
 *
 * 1. The backup is copied to `likewire.db.preparing`, checked and given its epoch. Killed here, the old database is in place.
 * 2. The copy is renamed to `likewire.db.prepared`. From now on the backup counts.
 * 3. The files of the old database are renamed, then the copy. Killed here, the next process that opens the directory does
 *    the rest, before it looks at any database.
 */
const PREPARING = 'likewire.db.preparing';
const PREPARED = 'likewire.db.prepared';

/** The database last: without it nothing is left to move. */
const ENDINGS = ['-wal', '-shm', ''] as const;

/** Where the copy of a backup is prepared. */
export function preparingFile(directory: string): string {
	return join(directory, PREPARING);
}

/**
 * Puts the prepared copy in the place of the database in a directory that this process holds. Returns where the old
 * database is now; undefined when there was none. When it throws, the old database is in place.
 */
export function putInPlace(directory: string, database: string): string | undefined {
	renameDurably(preparingFile(directory), join(directory, PREPARED));
	return finish(directory, database);
}

/**
 * Finishes a restore that was cut short in a directory that this process holds, and removes what was never prepared to the
 * end.
 */
export function finishRestore(directory: string, database: string): void {
	if (existsSync(join(directory, PREPARED))) finish(directory, database);
	removePreparing(directory);
}

/** Removes a copy that was not prepared to the end, if there is one. */
export function removePreparing(directory: string): void {
	for (const ending of ['', '-journal', '-wal', '-shm']) rmSync(preparingFile(directory) + ending, { force: true });
}

function finish(directory: string, database: string): string | undefined {
	const prepared = join(directory, PREPARED);
	// The same name each time that a process gets here: a log that is apart from its database is lost.
	const aside = `${database}.before-${statSync(prepared).mtime.toISOString().replaceAll(/[:.]/g, '-')}`;
	const moved: (readonly [from: string, to: string])[] = [];
	try {
		for (const ending of ENDINGS) {
			if (!existsSync(database + ending)) continue;
			renameSync(database + ending, aside + ending);
			moved.push([database + ending, aside + ending]);
		}
		// The old log is away on the disk, too, before the backup could meet it.
		syncDirectory(directory);
		renameDurably(prepared, database);
	} catch (error) {
		for (const [from, to] of moved.reverse()) renameSync(to, from);
		rmSync(prepared, { force: true });
		throw error;
	}
	return existsSync(aside) ? aside : undefined;
}
