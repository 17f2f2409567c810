import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf } from '../../runtime/errors.ts';
import { makeDirectory } from './make-directory.ts';
import { finishRestore } from './restored-database.ts';
import { createTables } from './schema.ts';

/** The name of a private database in memory. */
export const IN_MEMORY = ':memory:';

/** A database that no other gateway has open. */
export interface HeldDatabase {
	readonly database: Database.Database;
	/** Closes the database, so that another gateway can open it. */
	close(): void;
}

/** Returns the path of the database in a directory. */
export function databaseFile(directory: string): string {
	return join(directory, 'likewire.db');
}

/**
 * Opens the database in a directory, or creates both.
 *
 * Throws if the directory is not writable, if another process uses it, or if the database is damaged or has another version
 * of the schema.
 */
export function holdDatabase(directory: string): HeldDatabase {
	const inMemory = directory === IN_MEMORY;
	if (!inMemory) makeDirectory(directory);
	const unlock = inMemory ? () => undefined : lockDirectory(directory);
	let database: Database.Database | undefined;
	try {
		if (!inMemory) finishRestore(directory, databaseFile(directory));
		database = open(inMemory ? directory : databaseFile(directory));
		checkWhole(database);
		createTables(database);
	} catch (error) {
		database?.close();
		unlock();
		throw error;
	}
	const opened = database;
	return {
		database: opened,
		close() {
			opened.close();
			unlock();
		},
	};
}

/**
 * Opens a file.
 *
 * Its errors name the file and the system's reason, which SQLite's "unable to open database file" leaves out.
 */
function openFile(file: string, options?: Database.Options): Database.Database {
	try {
		return new Database(file, options);
	} catch (cause) {
		throw new Error(`${file} cannot be opened: ${systemReason(file) ?? messageOf(cause)}`, { cause });
	}
}

function systemReason(file: string): string | undefined {
	try {
		if (existsSync(file)) closeSync(openSync(file, 'r+'));
		else accessSync(dirname(file), constants.W_OK);
		return undefined;
	} catch (error) {
		return messageOf(error);
	}
}

function open(file: string): Database.Database {
	const database = openFile(file);
	try {
		database.pragma('journal_mode = WAL');
		// The gateway answers a like once it is on the disk, so SQLite syncs the log at each commit.
		database.pragma('synchronous = FULL');
		// The file loses the text of a deleted comment, too, as far as that costs no extra write.
		database.pragma('secure_delete = FAST');
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

/** The largest database that the gateway checks when it opens it, in bytes: that takes about a second. */
const MAX_CHECKED_BYTES = 512 * 1024 * 1024;

/** Throws if pages of the database are damaged: otherwise some of the likes would fail later. */
function checkWhole(database: Database.Database): void {
	const pages = Number(database.pragma('page_count', { simple: true }));
	if (pages * Number(database.pragma('page_size', { simple: true })) > MAX_CHECKED_BYTES) return;
	const found = database.pragma('quick_check(1)', { simple: true });
	if (found !== 'ok') throw new Error(`the database is damaged: ${found}`);
}

/**
 * Locks a directory for this process. Returns a function that unlocks it.
 *
 * Two gateways on one database would each publish only their own likes. The lock is an open transaction on a separate file,
 * so the system releases it however the process ends, and other processes can read the database.
 */
export function lockDirectory(directory: string): () => void {
	const file = join(directory, 'likewire.lock');
	const fresh = !existsSync(file);
	const database = openFile(file, { timeout: 0 });
	try {
		if (fresh) database.pragma('journal_mode = DELETE');
		database.exec('BEGIN EXCLUSIVE');
	} catch (error) {
		database.close();
		if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') {
			throw new Error('another gateway is using this directory');
		}
		throw error;
	}
	return () => database.close();
}
