import { Client } from 'pg';
import { epochAfter, type Restored } from '../epoch.ts';
import { StoreError } from '../store.ts';
import { checkAddress } from './address.ts';
import { reasonOf } from './errors.ts';
import { claimPostgres, createTables, isPostgresStore } from './tables.ts';

/** The time limit to connect, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/** The longest wait for a running write, in milliseconds: the store refuses likes during it. */
const LOCK_TIMEOUT_MS = 3_000;

/**
 * Marks the store of a PostgreSQL database as restored, also while nodes use it.
 *
 * Rejects with a {@link StoreError}.
 */
export async function markPostgresRestored(url: string, region: string): Promise<Restored> {
	checkAddress(url);
	const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
	// If the connection breaks between two statements, the next one rejects.
	client.on('error', () => undefined);
	try {
		await client.connect();
		if (!(await isPostgresStore(client))) throw new StoreError('the database has no store');
		await createTables(client);
		await claimPostgres(client, region);
		await client.query('BEGIN');
		await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
		// Commits wait for this lock, and hold no lock that this transaction waits for.
		await client.query('LOCK TABLE likewire.topics IN EXCLUSIVE MODE');
		const { rows } = await client.query<{ epoch: string }>('SELECT epoch FROM likewire.store');
		const before = Number(rows[0]?.epoch);
		const after = epochAfter(before);
		await client.query('UPDATE likewire.store SET epoch = $1::bigint', [after]);
		// On another server than that of the backup, transactions may have lower numbers.
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
