import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { messageOf } from '../../runtime/errors.ts';
import { createPostgresStore } from '../postgres/postgres-store.ts';
import { createSqliteStore } from '../sqlite/sqlite-store.ts';
import { type Store, StoreError } from '../store.ts';

export interface OpenStoreOptions {
	/** The directory of the SQLite database, if the store is one. */
	readonly dataDir: string;
	/** The URL of a PostgreSQL database; '' for SQLite. */
	readonly databaseUrl: string;
	/** The most connections to PostgreSQL. */
	readonly databasePool: number;
	readonly region: string;
	/** The built `sqlite-worker.js`. */
	readonly workerFile: URL;
	readonly logger: Logger;
}

/** Returns the name of the store for operators, without secrets. */
export function storeName({ databaseUrl, dataDir }: Pick<OpenStoreOptions, 'databaseUrl' | 'dataDir'>): string {
	return databaseUrl === '' ? `the data directory ${resolve(dataDir)}` : 'the database of --database-url';
}

/** Opens the store of the settings. Rejects with a {@link StoreError} that names the setting to change. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
	const { databaseUrl: url, databasePool: poolSize, region, workerFile, logger } = options;
	if (url !== '') {
		try {
			return await createPostgresStore({ url, poolSize, region, logger });
		} catch (cause) {
			throw new StoreError(`cannot use the database: ${messageOf(cause)} (set --database-url)`, { cause });
		}
	}
	const directory = resolve(options.dataDir);
	try {
		return await createSqliteStore(directory, region, workerFile, logger);
	} catch (cause) {
		const reason = messageOf(cause);
		throw new StoreError(`cannot use the data directory ${directory}: ${reason} (set --data-dir)`, { cause });
	}
}
