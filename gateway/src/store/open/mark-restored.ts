import { resolve } from 'node:path';
import type { Restored } from '../epoch.ts';
import { markPostgresRestored } from '../postgres/restored.ts';
import { markSqliteRestored } from '../sqlite/restored.ts';

export interface MarkRestoredOptions {
	/** The directory of the SQLite database, if the store is one. */
	readonly dataDir: string;
	/** The URL of a PostgreSQL database; '' for SQLite. */
	readonly databaseUrl: string;
	readonly region: string;
}

/**
 * Gives a store that was restored from a backup a new epoch.
 *
 * In the new epoch its rows replace all rows that other regions replicated since the backup. Its replicas of other regions
 * stay: they are old, but true. Throws a {@link StoreError} if the store does not exist, if it belongs to another region,
 * and if a gateway uses a SQLite database.
 */
export async function markRestored({ dataDir, databaseUrl, region }: MarkRestoredOptions): Promise<Restored> {
	if (databaseUrl !== '') return markPostgresRestored(databaseUrl, region);
	return markSqliteRestored(resolve(dataDir), region);
}
