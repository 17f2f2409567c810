import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { refuseOther } from '../wrong-database.ts';
import { syncFile } from './durable-files.ts';
import { createTables } from './schema.ts';

/** The content of a region's database, for the operator of a backup or a restore. */
export interface StoreSummary {
	readonly epoch: number;
	/** The likes of videos in this region's store. */
	readonly likes: number;
	/** The comments of this region, without deleted ones. */
	readonly comments: number;
	readonly bytes: number;
}

/** A copy of a database that no process has open. */
export interface CheckedCopy {
	readonly summary: StoreSummary;
	/** Sets the epoch of the store. */
	setEpoch(epoch: number): void;
	/** Closes the copy, which is then one file that survives a power cut. */
	close(): void;
}

/**
 * Opens a copy of a database, and checks all of it.
 *
 * Throws an error with the reason if the copy is damaged, is not the database of a Likewire store, has another version of
 * the schema, or belongs to another region.
 */
export function openCopy(file: string, region: string): CheckedCopy {
	const database = new Database(file, { fileMustExist: true });
	try {
		// Without a write-ahead log the database is this one file.
		database.pragma('journal_mode = DELETE');
		database.pragma('synchronous = FULL');
		const found = database.pragma('integrity_check(1)', { simple: true });
		if (found !== 'ok') throw new Error(`it is damaged: ${found}`);
		refuseOther(storeIn(database).region, region);
		createTables(database);
		const summary = { ...summarize(database, region), bytes: statSync(file).size };
		return {
			summary,
			setEpoch: (epoch) => database.prepare('UPDATE store SET epoch = ?').run(epoch),
			close() {
				database.close();
				syncFile(file);
			},
		};
	} catch (error) {
		database.close();
		throw error;
	}
}

interface Store {
	readonly region: string;
	readonly epoch: number;
}

/** Returns the region and the epoch of the store in a database. Throws if the database has no store. */
export function storeIn(database: Database.Database): Store {
	const named = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'store'").get();
	const store = named ? database.prepare<[], Store>('SELECT region, epoch FROM store').get() : undefined;
	if (store === undefined) throw new Error('it is not the database of a Likewire store');
	return store;
}

function summarize(database: Database.Database, region: string): Omit<StoreSummary, 'bytes'> {
	const { epoch } = storeIn(database);
	const likes = database
		.prepare<[], { sum: number }>(
			"SELECT coalesce(sum(added - removed), 0) AS sum FROM counters WHERE topic LIKE 'video:%'",
		)
		.get();
	const comments = database
		.prepare<[string], { count: number }>("SELECT count(*) AS count FROM log WHERE kind = 'comment' AND region = ?")
		.get(region);
	return { epoch, likes: likes?.sum ?? 0, comments: comments?.count ?? 0 };
}
