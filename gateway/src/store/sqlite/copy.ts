import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { refuseOther } from '../wrong-database.ts';
import { syncFile } from './durable-files.ts';
import { createTables } from './schema.ts';

/** What a database of a region holds, for the operator who backs it up or restores it. */
export interface StoreSummary {
	readonly epoch: number;
	/** Likes of videos that this region's store counts. */
	readonly likes: number;
	/** Comments of this region that are not deleted. */
	readonly comments: number;
	readonly bytes: number;
}

/** A copy of a database that no process has open. */
export interface CheckedCopy {
	readonly summary: StoreSummary;
	/** Gives the store of the copy another epoch. */
	setEpoch(epoch: number): void;
	/** Closes it: the copy is one file then, which survives a power cut. */
	close(): void;
}

/**
 * Opens a copy of a database, and reads it through. Throws an error that says why when it is damaged, is not the database
 * of a Likewire store, has another version of the schema, or belongs to another region.
 */
export function openCopy(file: string, region: string): CheckedCopy {
	const database = new Database(file, { fileMustExist: true });
	try {
		// Without a log of its own the database is this one file.
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

/** Region and epoch of the store in a database. Throws when there is none. */
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
