import { existsSync, linkSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf } from '../../runtime/errors.ts';
import { StoreError } from '../store.ts';
import { refuseOther } from '../wrong-database.ts';
import { openCopy, type StoreSummary, storeIn } from './copy.ts';
import { type OnProgress, renameDurably, syncDirectory } from './durable-files.ts';
import { databaseFile } from './file.ts';

/** The pages that a backup copies between two reports of its progress: 16 MiB. */
const PAGES_A_STEP = 4_096;

export interface BackupOptions {
	/** The directory of the database. */
	readonly directory: string;
	readonly region: string;
	/** The file of the backup. */
	readonly file: string;
	/** Whether the backup replaces an existing file. */
	readonly overwrite: boolean;
	readonly onProgress?: OnProgress;
}

/**
 * Copies one moment of the database in a directory, also while a node uses it.
 *
 * The backup gets its name once it is complete, checked and on the disk. Rejects with a {@link StoreError} that names the
 * reason if it makes no backup.
 */
export async function backupSqlite(options: BackupOptions): Promise<StoreSummary> {
	const { directory, overwrite } = options;
	const file = resolve(options.file);
	const partial = `${file}.partial-${process.pid}`;
	try {
		if (!existsSync(databaseFile(directory))) throw new Error('the directory has no database');
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
		// Writes of the node restart a copy, unless this connection keeps a snapshot.
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

/** Renames a file unless the new name exists, also if another process creates it at this moment. */
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
