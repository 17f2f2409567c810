import type { ClientBase } from 'pg';
import { MIGRATIONS } from './postgres-schema.ts';
import { refuseNewer, refuseOther } from './wrong-database.ts';

/** Any number; who changes the schema holds it. */
const MIGRATION_LOCK = 4_719_233_018;

/**
 * Brings the database to the newest schema; of many nodes that start at once one does, and where nothing is to be done
 * nothing is written. Throws when a newer gateway wrote it.
 */
export async function migratePostgres(client: ClientBase): Promise<void> {
	if ((await versionOf(client)) === MIGRATIONS.length) return;
	await client.query('BEGIN');
	try {
		// However long it takes, and for this transaction alone.
		await client.query('SET LOCAL statement_timeout = 0');
		await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
		const version = await versionOf(client);
		if (version === 0) {
			await client.query('CREATE SCHEMA IF NOT EXISTS likewire');
			await client.query('CREATE TABLE likewire.schema AS SELECT 0 AS version');
		}
		for (const migration of MIGRATIONS.slice(version)) await client.query(migration);
		await client.query('UPDATE likewire.schema SET version = $1', [MIGRATIONS.length]);
		await client.query('COMMIT');
	} catch (error) {
		// A connection that broke has rolled back by itself.
		await client.query('ROLLBACK').catch(() => undefined);
		throw error;
	}
}

/** Whether there is a store in the database, of whatever version. */
export async function isPostgresStore(client: ClientBase): Promise<boolean> {
	// Not by to_regclass: within a transaction that may answer from before another node has made the table.
	const { rowCount } = await client.query(
		"SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'likewire' AND tablename = 'schema'",
	);
	return rowCount === 1;
}

/** How many migrations were applied. Throws when they are more than this gateway has. */
async function versionOf(client: ClientBase): Promise<number> {
	if (!(await isPostgresStore(client))) return 0;
	const { rows } = await client.query<{ version: number }>('SELECT version FROM likewire.schema');
	const version = rows[0]?.version ?? 0;
	refuseNewer(version, MIGRATIONS.length);
	return version;
}

/** Makes sure that the database is the store of a region, which it becomes if it was nobody's. Throws otherwise. */
export async function claimPostgres(client: ClientBase, region: string): Promise<void> {
	const owner = await ownerOf(client);
	if (owner !== undefined) return refuseOther(owner, region);
	await client.query('INSERT INTO likewire.store (region, epoch) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
		region,
		Date.now(),
	]);
	// Another node may have been faster.
	refuseOther((await ownerOf(client)) ?? region, region);
}

async function ownerOf(client: ClientBase): Promise<string | undefined> {
	const { rows } = await client.query<{ region: string }>('SELECT region FROM likewire.store');
	return rows[0]?.region;
}
