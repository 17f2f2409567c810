import { Client } from 'pg';
import { epochAfter, type Restored } from '../epoch.ts';
import { StoreError } from '../store.ts';
import { checkAddress } from './address.ts';
import { reasonOf } from './errors.ts';
import { claimPostgres, createTables, isPostgresStore } from './tables.ts';

/** A connection that takes longer is given up, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Who writes longer, in milliseconds, is not waited for: likes would be refused all the while. */
const LOCK_TIMEOUT_MS = 3_000;

/** Marks the store of a PostgreSQL database as restored. Throws a {@link StoreError}; Likes nodes may use it meanwhile. */
export async function markPostgresRestored(url: string, region: string): Promise<Restored> {
	checkAddress(url);
	const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
	// A connection that breaks between two statements is told by the next one.
	client.on('error', () => undefined);
	try {
		await client.connect();
		if (!(await isPostgresStore(client))) throw new StoreError('there is no store in this database');
		await createTables(client);
		await claimPostgres(client, region);
		await client.query('BEGIN');
		await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
		// Commits wait meanwhile, and hold nothing that this waits for.
		await client.query('LOCK TABLE likewire.topics IN EXCLUSIVE MODE');
		const { rows } = await client.query<{ epoch: string }>('SELECT epoch FROM likewire.store');
		const before = Number(rows[0]?.epoch);
		const after = epochAfter(before);
		await client.query('UPDATE likewire.store SET epoch = $1::bigint', [after]);
		// On another server than the one that was backed up, transactions count from lower numbers.
		await client.query("UPDATE likewire.topics SET changed = '0' WHERE changed > pg_current_xact_id()");
		await client.query('COMMIT');
		return { before, after };
	} catch (cause) {
		const reason = cause instanceof StoreError ? cause.message : reasonOf(cause);
		throw new StoreError(`cannot mark the store as restored: ${reason}`, { cause });
	} finally {
		await client.end().catch(() => undefined);
	}
}
