import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf } from '../../runtime/errors.ts';
import { makeDirectory } from './make-directory.ts';
import { finishRestore } from './restored-database.ts';
import { createTables } from './schema.ts';

/** Keeps a database in memory, for itself alone. */
export const IN_MEMORY = ':memory:';

/** A database that no other gateway has. */
export interface HeldDatabase {
	readonly database: Database.Database;
	/** Closes it and lets others have it. */
	close(): void;
}

/** Where the database of a directory is. */
export function databaseFile(directory: string): string {
	return join(directory, 'likewire.db');
}

/**
 * Opens the database in a directory, or creates both. Throws when the directory cannot be written, another process has
 * it, or the database is damaged or has another version of the schema.
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

/** SQLite says "unable to open database file", and neither which one nor why; the system does. */
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
		// A like is answered only when it is on the disk: the log is synced at every commit.
		database.pragma('synchronous = FULL');
		// The text of a deleted comment is gone from the file too, as far as that costs no write of its own.
		database.pragma('secure_delete = FAST');
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

/** Up to this size a database is read through when it is opened, in bytes: about a second. */
const MAX_CHECKED_BYTES = 512 * 1024 * 1024;

/** Throws when pages of the database are damaged; better now than with every second like. */
function checkWhole(database: Database.Database): void {
	const pages = Number(database.pragma('page_count', { simple: true }));
	if (pages * Number(database.pragma('page_size', { simple: true })) > MAX_CHECKED_BYTES) return;
	const found = database.pragma('quick_check(1)', { simple: true });
	if (found !== 'ok') throw new Error(`the database is damaged: ${found}`);
}

/**
 * Holds a directory for this process: two gateways on one database would each know only half of the news. The lock is
 * an open transaction on a file of its own, so the system lifts it however the process ends, and the database itself
 * stays readable for others.
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
