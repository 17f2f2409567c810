import type { ClientBase } from 'pg';
import { refuseOther, refuseVersion } from '../wrong-database.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** The key of the advisory lock of the node that creates the tables; any number works. */
const SCHEMA_LOCK = 4_719_233_018;

/**
 * Creates the tables of a store in a database without them.
 *
 * If many nodes start at once, one of them creates the tables. Throws if the database has another version of the schema.
 */
export async function createTables(client: ClientBase): Promise<void> {
	if (await hasTables(client)) return;
	await client.query('BEGIN');
	try {
		// Only this transaction has no time limit.
		await client.query('SET LOCAL statement_timeout = 0');
		await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
		// Another node may have created them.
		if (!(await hasTables(client))) {
			await client.query('CREATE SCHEMA IF NOT EXISTS likewire');
			await client.query(SCHEMA);
			await client.query(`CREATE TABLE likewire.schema AS SELECT ${SCHEMA_VERSION} AS version`);
		}
		await client.query('COMMIT');
	} catch (error) {
		// A broken connection rolls back by itself.
		await client.query('ROLLBACK').catch(() => undefined);
		throw error;
	}
}

/** Resolves with whether the database has a store, of any version. */
export async function isPostgresStore(client: ClientBase): Promise<boolean> {
	// Not by to_regclass: within a transaction its answer may be older than the tables of another node.
	const { rowCount } = await client.query(
		"SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'likewire' AND tablename = 'schema'",
	);
	return rowCount === 1;
}

/** Resolves with whether the tables exist. Throws if they are of another version. */
async function hasTables(client: ClientBase): Promise<boolean> {
	if (!(await isPostgresStore(client))) return false;
	const { rows } = await client.query<{ version: number }>('SELECT version FROM likewire.schema');
	const version = rows[0]?.version ?? 0;
	if (version !== SCHEMA_VERSION) refuseVersion(version, SCHEMA_VERSION);
	return true;
}

/** Makes a new database the store of a region. Throws if it belongs to another region. */
export async function claimPostgres(client: ClientBase, region: string): Promise<void> {
	const owner = await ownerOf(client);
	if (owner !== undefined) return refuseOther(owner, region);
	await client.query('INSERT INTO likewire.store (region, epoch) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
		region,
		Date.now(),
	]);
	// A node of another region may have claimed it.
	refuseOther((await ownerOf(client)) ?? region, region);
}

async function ownerOf(client: ClientBase): Promise<string | undefined> {
	const { rows } = await client.query<{ region: string }>('SELECT region FROM likewire.store');
	return rows[0]?.region;
}
