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
	/** Where the database is, or will be. */
	readonly directory: string;
	readonly region: string;
	/** The backup. */
	readonly file: string;
	readonly onProgress?: OnProgress;
	/** All of the backup is copied; now it is read through. */
	readonly onCheck?: () => void;
}

/** What a restore did. */
export interface SqliteRestore {
	/** What the store has now, with its new epoch. */
	readonly summary: StoreSummary;
	/** Where the database is that was in place before; undefined when there was none. */
	readonly aside: string | undefined;
}

/**
 * Puts a backup in the place of the database in a directory, under a new epoch. No node may use the directory. Throws a
 * {@link StoreError} when it cannot be done: then the old database is in place. Killed at any moment, the old database is in
 * place, or the backup is once a process opens the directory again.
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

/** Throws when a file cannot be a backup, before anything is copied. */
function refuseUnfit(file: string): void {
	if (!existsSync(file)) throw new Error('there is no such file');
	if (!statSync(file).isFile()) throw new Error('it is not a file');
	const log = `${file}-wal`;
	if (!existsSync(log) || statSync(log).size === 0) return;
	throw new Error(
		`it has a log of changes beside it, ${log}, so it is a plain copy of a database in use and may lack some; ` +
			"make backups with 'likewire store backup'",
	);
}

/**
 * The epoch of the database that is replaced; 0 when there is none, or it cannot be read any more. Throws when it belongs to
 * another region.
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
