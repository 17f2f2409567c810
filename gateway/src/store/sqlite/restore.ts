import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf } from '../../runtime/errors.ts';
import { epochAfter } from '../epoch.ts';
import { StoreError } from '../store.ts';
import { refuseOther } from '../wrong-database.ts';
import { openCopy, type StoreSummary, storeIn } from './copy.ts';
import { copyDurably, type OnProgress } from './durable-files.ts';
import { databaseFile, lockDirectory } from './file.ts';
import { makeDirectory } from './make-directory.ts';
import { finishRestore, preparingFile, putInPlace, removePreparing } from './restored-database.ts';

export interface RestoreOptions {
	/** The directory of the database, which may not exist yet. */
	readonly directory: string;
	readonly region: string;
	/** The file of the backup. */
	readonly file: string;
	readonly onProgress?: OnProgress;
	/** Called after the backup is copied, before the copy is checked. */
	readonly onCheck?: () => void;
}

/** The result of a restore. */
export interface SqliteRestore {
	/** The content of the restored store, with its new epoch. */
	readonly summary: StoreSummary;
	/** The path of the old database; undefined if the directory had none. */
	readonly aside: string | undefined;
}

/**
 * Replaces the database in a directory by a backup, in a new epoch. No node may use the directory.
 *
 * Throws a {@link StoreError} if it fails: then the old database is in place. If the process is killed, the old database is
 * in place, or the backup is in place once a process opens the directory again.
 */
export function restoreSqlite({ directory, region, file, onProgress, onCheck }: RestoreOptions): SqliteRestore {
	try {
		refuseUnfit(file);
		makeDirectory(directory);
		const unlock = lockDirectory(directory);
		try {
			const database = databaseFile(directory);
			finishRestore(directory, database);
			const summary = prepare();
			return { summary, aside: putInPlace(directory, database) };
		} finally {
			removePreparing(directory);
			unlock();
		}
	} catch (cause) {
		const reason = messageOf(cause);
		throw new StoreError(`cannot restore ${resolve(file)} into ${directory}: ${reason}`, { cause });
	}

	function prepare(): StoreSummary {
		const preparing = preparingFile(directory);
		copyDurably(file, preparing, onProgress);
		onCheck?.();
		const copy = openCopy(preparing, region);
		try {
			const epoch = epochAfter(Math.max(copy.summary.epoch, replacedEpoch(databaseFile(directory), region)));
			copy.setEpoch(epoch);
			return { ...copy.summary, epoch };
		} finally {
			copy.close();
		}
	}
}

/** Throws if a file cannot be a backup, before the copy begins. */
function refuseUnfit(file: string): void {
	if (!existsSync(file)) throw new Error('the file does not exist');
	if (!statSync(file).isFile()) throw new Error('it is not a file');
	const log = `${file}-wal`;
	if (!existsSync(log) || statSync(log).size === 0) return;
	throw new Error(
		`it has a log of changes, ${log}, so it is a plain copy of a database in use and may miss changes; ` +
			"make backups with 'likewire store backup'",
	);
}

/**
 * Returns the epoch of the old database; 0 if it is missing or damaged.
 *
 * Throws if it belongs to another region.
 */
function replacedEpoch(file: string, region: string): number {
	if (!existsSync(file)) return 0;
	let store: { readonly region: string; readonly epoch: number };
	try {
		const database = new Database(file, { readonly: true });
		try {
			store = storeIn(database);
		} finally {
			database.close();
		}
	} catch {
		// A damaged database is a reason to restore.
		return 0;
	}
	refuseOther(store.region, region);
	return store.epoch;
}
