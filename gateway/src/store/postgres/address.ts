import { Client } from 'pg';
import { messageOf } from '../../runtime/errors.ts';
import { StoreError } from '../store.ts';

/**
 * Throws a {@link StoreError} if an address allows no connection.
 *
 * For example, a file of a certificate may be missing. Otherwise the store would retry for ever, and the operator would not
 * notice.
 */
export function checkAddress(url: string): void {
	try {
		// Reads the files, and opens no connection.
		new Client({ connectionString: url });
	} catch (cause) {
		const reason = messageOf(cause);
		throw new StoreError(`its address allows no connection: ${reason}`, { cause });
	}
}
