import { Client } from 'pg';
import { messageOf } from '../../runtime/errors.ts';
import { StoreError } from '../store.ts';

/**
 * Throws a {@link StoreError} when the address of a database says something that no connection can be made with, such as
 * files of certificates that cannot be read: nobody would be there to notice that it is tried for ever.
 */
export function checkAddress(url: string): void {
	try {
		// Reads the files, and connects to nobody.
		new Client({ connectionString: url });
	} catch (cause) {
		const reason = messageOf(cause);
		throw new StoreError(`no connection can be made with its address: ${reason}`, { cause });
	}
}
