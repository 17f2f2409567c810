import { resolve } from 'node:path';
import type { Restored } from '../epoch.ts';
import { markPostgresRestored } from '../postgres/restored.ts';
import { markSqliteRestored } from '../sqlite/restored.ts';

export interface MarkRestoredOptions {
	/** Where the SQLite database is, if that is used. */
	readonly dataDir: string;
	/** A PostgreSQL; '' for SQLite. */
	readonly databaseUrl: string;
	readonly region: string;
}

/**
 * Gives the store of a region that was restored from a backup a new epoch, so that what it has replaces what was heard of
 * it since the backup was made. What it knows of other regions stays: that is old, and true. Throws a {@link StoreError}
 * when there is no such store, when it belongs to another region, and when a gateway holds a SQLite database.
 */
export async function markRestored({ dataDir, databaseUrl, region }: MarkRestoredOptions): Promise<Restored> {
	if (databaseUrl !== '') return markPostgresRestored(databaseUrl, region);
	return markSqliteRestored(resolve(dataDir), region);
}
