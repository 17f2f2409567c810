import { existsSync, linkSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf } from '../../runtime/errors.ts';
import { StoreError } from '../store.ts';
import { refuseOther } from '../wrong-database.ts';
import { openCopy, type StoreSummary, storeIn } from './copy.ts';
import { type OnProgress, renameDurably, syncDirectory } from './durable-files.ts';
import { databaseFile } from './file.ts';

/** Pages that are copied in one go, between two looks at the progress: 16 MiB. */
const PAGES_A_STEP = 4_096;

export interface BackupOptions {
	/** Where the database is. */
	readonly directory: string;
	readonly region: string;
	/** Where the backup goes: one file. */
	readonly file: string;
	/** Whether a file that is there already is replaced. */
	readonly overwrite: boolean;
	readonly onProgress?: OnProgress;
}

/**
 * Copies the database in a directory, also while a node uses it, as it is at one moment. The backup has its name only when
 * it is whole, checked and on the disk. Rejects with a {@link StoreError} that says why there is no backup.
 */
export async function backupSqlite(options: BackupOptions): Promise<StoreSummary> {
	const { directory, overwrite } = options;
	const file = resolve(options.file);
	const partial = `${file}.partial-${process.pid}`;
	try {
		if (!existsSync(databaseFile(directory))) throw new Error('there is no database in it');
		if (!overwrite) refuseExisting(file);
		await copyPages(options, partial);
		const copy = openCopy(partial, options.region);
		copy.close();
		if (overwrite) renameDurably(partial, file);
		else giveName(partial, file);
		return copy.summary;
	} catch (cause) {
		const reason = messageOf(cause);
		throw new StoreError(`cannot back up the database in ${directory} to ${file}: ${reason}`, { cause });
	} finally {
		for (const ending of ['', '-journal', '-wal', '-shm']) rmSync(partial + ending, { force: true });
	}
}

async function copyPages({ directory, region, onProgress }: BackupOptions, to: string): Promise<void> {
	const source = new Database(databaseFile(directory), { readonly: true, fileMustExist: true });
	try {
		// Writes of the node make a copy begin again, unless this connection stays at one moment.
		source.exec('BEGIN');
		refuseOther(storeIn(source).region, region);
		const pageBytes = Number(source.pragma('page_size', { simple: true }));
		await source.backup(to, {
			progress({ totalPages, remainingPages }) {
				onProgress?.((totalPages - remainingPages) * pageBytes, totalPages * pageBytes);
				return PAGES_A_STEP;
			},
		});
	} finally {
		source.close();
	}
}

function refuseExisting(file: string): void {
	if (existsSync(file)) throw new Error('the file exists; name another one, or add --overwrite');
}

/** Renames a file unless the new name is taken, also by a program that takes it at this moment. */
function giveName(from: string, to: string): void {
	try {
		linkSync(from, to);
		syncDirectory(dirname(to));
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		refuseExisting(to);
		// Some network and memory-card file systems have no links.
		if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
		renameDurably(from, to);
	}
}
