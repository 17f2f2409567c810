import { existsSync } from 'node:fs';
import { messageOf } from '../../runtime/errors.ts';
import { epochAfter, type Restored } from '../epoch.ts';
import { StoreError } from '../store.ts';
import { databaseFile, holdDatabase } from './file.ts';
import { claim } from './schema.ts';

/**
 * Marks the SQLite store in a directory as restored.
 *
 * Throws a {@link StoreError}, also if a gateway uses the store.
 */
export function markSqliteRestored(directory: string, region: string): Restored {
	if (!existsSync(databaseFile(directory))) throw new StoreError(`no database in ${directory}`);
	try {
		const held = holdDatabase(directory);
		try {
			const before = claim(held.database, region);
			const after = epochAfter(before);
			held.database.prepare('UPDATE store SET epoch = ?').run(after);
			return { before, after };
		} finally {
			held.close();
		}
	} catch (cause) {
		const reason = messageOf(cause);
		throw new StoreError(`cannot mark the database in ${directory} as restored: ${reason}`, { cause });
	}
}
